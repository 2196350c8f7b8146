"""Reading members: whom a reference names, and what is known of them."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.models import Program
from core.refusals import NotFound
from members.models import Member, Vehicle
from members.rules.documents import MemberRecord
from members.rules.profiles import MERCHANT_TEXTS, MerchantFields, Profile, VehicleProfile

_UUID = re.compile(r"uuid:([0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12})")
_PLAIN = (
    "id", "uuid", "external_id", "kind", "status", "froze_self", "market__code", "region__code", "language", "kyc",
    "kyc_at", "enrolled_at", "attributes", "consents", "tier__code", "identity__name", "identity__nickname",
    "identity__email", "identity__phone", "identity__birth_date", "merchant__member_id", "merchant__preferred",
    *(f"merchant__{name}" for name in MERCHANT_TEXTS),
)  # fmt: skip


def present_members(program: Program) -> QuerySet[Member]:
    """Members of a program that have not been erased."""
    return Member.objects.filter(program=program).exclude(status=Member.Status.ERASED)


def referenced(program: Program, reference: str) -> QuerySet[Member]:
    """The member that a path names: by external id, or ``uuid:…``."""
    members = present_members(program)
    if reference.startswith("uuid:"):
        named = _UUID.fullmatch(reference)
        return members.filter(uuid=UUID(named[1])) if named else members.none()
    return members.filter(external_id=reference) if "\0" not in reference else members.none()


def find_member(*, program: Program, reference: str) -> Member:
    """The member that a path names, with its program; raises NotFound."""
    member = referenced(program, reference).select_related("market", "region", "tier").first()
    if member is None:
        raise NotFound(_("There is no such member"))
    member.program = program
    return member


def load_records(members: QuerySet[Member]) -> dict[str, MemberRecord]:
    """What is known of these members, by external id, in two queries whatever their number."""
    rows = list(members.order_by().values(*_PLAIN))
    vehicles = _vehicles({row["id"] for row in rows})
    return {row["external_id"]: _record(row, vehicles.get(row["id"], ())) for row in rows}


def member_record(*, program: Program, reference: str) -> MemberRecord:
    """What is known of the member that a path names; raises NotFound."""
    for record in load_records(referenced(program, reference)).values():
        return record
    raise NotFound(_("There is no such member"))


def _vehicles(member_ids: Collection[int]) -> Mapping[int, tuple[VehicleProfile, ...]]:
    found: dict[int, list[VehicleProfile]] = defaultdict(list)
    rows = Vehicle.objects.filter(member__in=member_ids).order_by("vin")
    for row in rows.values_list("member_id", "vin", "plate", "model", "bought_on", "warranty_until"):
        found[row[0]].append(VehicleProfile(row[1], row[2], row[3], row[4], row[5]))
    return {member_id: tuple(cars) for member_id, cars in found.items()}


def _record(row: Mapping[str, object], vehicles: tuple[VehicleProfile, ...]) -> MemberRecord:
    return MemberRecord(
        id=row["id"],  # type: ignore[arg-type]
        uuid=row["uuid"],  # type: ignore[arg-type]
        external_id=str(row["external_id"]),
        tier=row["tier__code"],  # type: ignore[arg-type]
        profile=_profile(row, vehicles),
    )


def _profile(row: Mapping[str, object], vehicles: tuple[VehicleProfile, ...]) -> Profile:
    birth_date = row["identity__birth_date"]
    return Profile(
        market=str(row["market__code"]),
        region=row["region__code"],  # type: ignore[arg-type]
        language=str(row["language"]),
        enrolled_at=row["enrolled_at"],  # type: ignore[arg-type]
        kind=str(row["kind"]),
        status=str(row["status"]),
        froze_self=bool(row["froze_self"]),
        name=str(row["identity__name"] or ""),
        nickname=str(row["identity__nickname"] or ""),
        email=str(row["identity__email"] or ""),
        phone=str(row["identity__phone"] or ""),
        birth_date=birth_date if isinstance(birth_date, date) else None,
        kyc=str(row["kyc"]),
        kyc_at=row["kyc_at"],  # type: ignore[arg-type]
        attributes=row["attributes"],  # type: ignore[arg-type]
        consents=frozenset(row["consents"]),  # type: ignore[call-overload]
        merchant=_merchant(row),
        vehicles=vehicles,
    )


def _merchant(row: Mapping[str, object]) -> MerchantFields | None:
    if row["merchant__member_id"] is None:
        return None
    texts = {name: str(row[f"merchant__{name}"]) for name in MERCHANT_TEXTS}
    return MerchantFields(**texts, preferred=bool(row["merchant__preferred"]))
