"""Writing profiles: few statements, however many members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.models import Program
from core.rules.moments import show_moment
from core.services.outbox import Message, publish
from members.models import ConsentChange, Member, MemberFacts, MemberIdentity, MerchantProfile, TierChange, Vehicle
from members.rules.folding import fold_name
from members.rules.profiles import Profile
from members.selectors.settings import EnrolmentSetting

BATCH = 1000
_MEMBER_FIELDS = (
    "kind", "status", "froze_self", "market", "region", "language", "kyc", "kyc_at", "enrolled_at", "attributes",
    "consents", "updated_at",
)  # fmt: skip
_IDENTITY_FIELDS = ("name", "name_folded", "nickname", "email", "phone", "birth_date")
_MERCHANT_FIELDS = ("legal_name", "trading_name", "category", "partner_type", "agent", "preferred")


@dataclass(frozen=True, slots=True)
class Written:
    """A profile to be written; ``before`` is None for a new member, whose ``member_id`` is not known yet."""

    external_id: str
    uuid: UUID
    after: Profile
    before: Profile | None = None
    member_id: int | None = None


def write_profiles(
    *, program: Program, setting: EnrolmentSetting, profiles: Sequence[Written], at: datetime
) -> dict[str, int]:
    """Write new and changed profiles and tell of them; the members' ids by external id.

    The rows of members that exist are locked by the caller. Raises IntegrityError when another request enrolled one
    of the new members, or took one of the cars, in the meantime.
    """
    new = [written for written in profiles if written.before is None]
    changed = [written for written in profiles if written.before is not None]
    ids = {written.external_id: written.member_id for written in changed if written.member_id}
    ids |= _enrol(program, setting, new, at)
    _change(program, setting, changed, at)
    _write_parts(program, profiles, ids, at)
    publish([message for written in profiles for message in _messages(program, written, at)])
    return ids


def _member(program: Program, setting: EnrolmentSetting, written: Written, at: datetime) -> Member:
    profile = written.after
    return Member(
        id=written.member_id,
        program=program,
        uuid=written.uuid,
        external_id=written.external_id,
        kind=profile.kind,
        status=profile.status,
        froze_self=profile.froze_self,
        market_id=setting.market_ids[profile.market],
        region_id=setting.region_ids[profile.region] if profile.region else None,
        language=profile.language,
        kyc=profile.kyc,
        kyc_at=profile.kyc_at,
        enrolled_at=profile.enrolled_at,
        attributes=dict(profile.attributes),
        consents=sorted(profile.consents),
        updated_at=at,
    )


def _enrol(program: Program, setting: EnrolmentSetting, new: Sequence[Written], at: datetime) -> dict[str, int]:
    """Create members, on the first rung of the ladder, with an empty row of facts."""
    members = [_member(program, setting, written, at) for written in new]
    for member in members:
        member.tier_id = setting.first_tier
        member.tier_since = member.enrolled_at if setting.first_tier else None
    Member.objects.bulk_create(members, batch_size=BATCH)
    MemberFacts.objects.bulk_create(
        [
            MemberFacts(member=member, rolled_on=at.astimezone(setting.zones[written.after.market]).date())
            for member, written in zip(members, new, strict=True)
        ],
        batch_size=BATCH,
    )
    if setting.first_tier:
        TierChange.objects.bulk_create([_enrolled(member, setting.first_tier) for member in members], batch_size=BATCH)
    return {member.external_id: member.pk for member in members}


def _enrolled(member: Member, tier_id: int) -> TierChange:
    return TierChange(member=member, to_tier_id=tier_id, reason=TierChange.Reason.ENROLLED, at=member.enrolled_at)


def _change(program: Program, setting: EnrolmentSetting, changed: Sequence[Written], at: datetime) -> None:
    """Bring existing rows to what their profiles say; tier and lock are not touched."""
    Member.objects.bulk_create(
        [_member(program, setting, written, at) for written in changed],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_MEMBER_FIELDS,
    )


def _write_parts(program: Program, profiles: Sequence[Written], ids: dict[str, int], at: datetime) -> None:
    """Write what hangs on members: identity, merchant, cars, and how consents changed."""
    named = [(ids[written.external_id], written) for written in profiles]
    MemberIdentity.objects.bulk_create(
        [_identity(member_id, written.after) for member_id, written in named],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=_IDENTITY_FIELDS,
    )
    _note_contacts(named, at)
    _write_merchants(named)
    _write_vehicles(program, named)
    ConsentChange.objects.bulk_create(
        [change for pk, written in named for change in _consent_changes(pk, written, at)], batch_size=BATCH
    )


def _note_contacts(named: Sequence[tuple[int, Written]], at: datetime) -> None:
    """Note whose contact changed; the first one ever is no change, another one after all were removed is."""
    moved = [pk for pk, written in named if _is_reached_anew(written)]
    if moved:
        MemberIdentity.objects.filter(member__in=moved).update(contact_changed_at=at)
    first = [pk for pk, written in named if written.before and not _ways(written.before) and _ways(written.after)]
    if first:
        MemberIdentity.objects.filter(member__in=first, contact_changed_at__isnull=False).update(contact_changed_at=at)


def _is_reached_anew(written: Written) -> bool:
    """Whether somebody who could be reached can now be reached in another way too, or instead, or not at all."""
    before, after = _ways(written.before), _ways(written.after)
    return bool(before and (after - before or not after))


def _ways(profile: Profile | None) -> set[str]:
    return {profile.email, profile.phone} - {""} if profile else set()


def _consent_changes(member_id: int, written: Written, at: datetime) -> Iterable[ConsentChange]:
    before = written.before.consents if written.before else frozenset()
    for purpose in sorted(before ^ written.after.consents):
        yield ConsentChange(member_id=member_id, purpose=purpose, given=purpose in written.after.consents, at=at)


def _identity(member_id: int, profile: Profile) -> MemberIdentity:
    return MemberIdentity(
        member_id=member_id,
        name=profile.name,
        name_folded=fold_name(profile.name)[:200],
        nickname=profile.nickname,
        email=profile.email,
        phone=profile.phone,
        birth_date=profile.birth_date,
    )


def _write_merchants(named: Sequence[tuple[int, Written]]) -> None:
    gone = [pk for pk, written in named if written.before and written.before.merchant and not written.after.merchant]
    if gone:
        MerchantProfile.objects.filter(member__in=gone).delete()
    kept = [(pk, written.after.merchant) for pk, written in named if written.after.merchant]
    MerchantProfile.objects.bulk_create(
        [
            MerchantProfile(member_id=pk, **{name: getattr(merchant, name) for name in _MERCHANT_FIELDS})
            for pk, merchant in kept
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=_MERCHANT_FIELDS,
    )


def _write_vehicles(program: Program, named: Sequence[tuple[int, Written]]) -> None:
    """Replace the lists of cars that changed; all old ones go first, so that a car may change hands in a batch."""
    moved = [(pk, written) for pk, written in named if _cars(written.before) != _cars(written.after)]
    if any(written.before for _, written in moved):
        Vehicle.objects.filter(member__in=[pk for pk, _ in moved]).delete()
    cars = sorted(((car.vin, pk, car) for pk, written in moved for car in written.after.vehicles), key=lambda c: c[:2])
    Vehicle.objects.bulk_create(
        [
            Vehicle(
                program=program,
                member_id=pk,
                vin=vin,
                plate=car.plate,
                model=car.model,
                bought_on=car.bought_on,
                warranty_until=car.warranty_until,
            )
            for vin, pk, car in cars
        ],
        batch_size=BATCH,
    )


def _cars(profile: Profile | None) -> object:
    return profile.vehicles if profile else ()


def _messages(program: Program, written: Written, at: datetime) -> Iterable[Message]:
    """What others hear: enrolment once, and each time an identity is proven. ``time`` is when it happened."""
    after, before = written.after, written.before
    if before is None:
        yield _message(program, "member.enrolled", written.uuid, after.enrolled_at)
    if after.kyc == Member.Kyc.VERIFIED and after.kyc_at and (before is None or before.kyc != after.kyc):
        yield _message(program, "member.kyc_verified", written.uuid, after.kyc_at)
    if before is not None and before.kyc == Member.Kyc.VERIFIED != after.kyc:
        yield _message(program, "member.kyc_lost", written.uuid, at)


def _message(program: Program, topic: str, uuid: UUID, time: datetime) -> Message:
    return Message(topic, program.pk, {"member": str(uuid), "time": show_moment(time)})
