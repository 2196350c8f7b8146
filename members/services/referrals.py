"""Members bring members: codes are made, friends are noted once and for ever, guards look at each."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Program
from core.refusals import FieldError, Invalid, NotEligible, told
from core.rules.moments import show_moment
from core.rules.texts import is_storable
from core.services import prepared
from core.services.outbox import Message, publish
from members.models import Member, Referral, ReferralCode
from members.rules.facts import local_date
from members.rules.readers import Wrong, text
from members.rules.reading import SIGNALS
from members.rules.referrals import (
    LONGEST,
    RING,
    VELOCITY,
    ReferralRules,
    Sighting,
    Verdict,
    judge_sightings,
    new_code,
    normal_code,
    way_up,
)
from members.selectors.locking import locked
from members.selectors.members import referenced
from members.selectors.referrals import brought_above, code_owners, joined_on, referral_rules
from members.services.sightings import sightings
from members.services.signals import remember_signals

MADE, JOINED = "referral.made", "referral.joined"  # topics
ATTEMPTS = 5  # two codes are the same once in hundreds of billions
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody was brought by somebody (ids), from this moment on."""

    friend_id: int
    referrer_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """A member who may have been brought: since when it is one, and by whom it is known to have been brought."""

    member_id: int
    enrolled_at: datetime
    zone: ZoneInfo
    referrer_id: int | None


def referral_code(*, member: Member) -> str:
    """The member's code, made when it is first asked for."""
    for _attempt in range(ATTEMPTS):
        found = ReferralCode.objects.filter(member=member).values_list("code", flat=True).first()
        if found:
            return found
        row = ReferralCode(member=member, program_id=member.program_id, code=new_code())
        ReferralCode.objects.bulk_create([row], ignore_conflicts=True)
    msg = "no code is free"
    raise RuntimeError(msg)


def lock_rings(program: Program) -> None:
    """Let known members be brought one after the other, so that two of them cannot close a ring unseen.

    Taken before any member's row. New members close none.
    """
    with prepared.cursor() as cursor:
        cursor.execute(LOCK, [f"referrals {program.pk}"])


@transaction.atomic
def claim_referral(
    *, program: Program, code: object, member: object, signals: object = None, at: datetime
) -> tuple[Referral, bool]:
    """Note that a member (external id or ``uuid:…``) was brought by whose code this is; whether that is new.

    Told again it changes nothing. Raises Invalid: unknown code or member, the member's own code, signals of a wrong
    form. Raises NotEligible: somebody else brought the member, or it joined too long ago.
    """
    seen = _read(code, member, signals)
    rules = referral_rules(program)
    lock_rings(program)
    referrer_id = code_owners(program, [str(code)]).get(normal_code(str(code)))
    if rules is None or referrer_id is None:
        raise _invalid("/code", "unknown", _("No member of the program has this code."))
    friend_id = referenced(program, str(member)).values_list("pk", flat=True).first()
    held = locked(Member.objects.filter(pk__in=[referrer_id, friend_id or 0])).select_related("market")
    there = {row.pk: row for row in held if row.status != Member.Status.ERASED}
    if friend_id not in there:
        raise _invalid("/member", "unknown-member", _("The program has no member with this external id."))
    if referrer_id not in there:
        raise _invalid("/code", "unknown", _("No member of the program has this code."))
    friend = there[friend_id]
    remember_signals(seen=[(friend.pk, seen)], at=at)
    before = Referral.objects.filter(friend=friend).first()
    joined = Joined(
        friend.pk, friend.enrolled_at, ZoneInfo(friend.market.timezone), before.referrer_id if before else None
    )
    check_claim(rules, joined, referrer_id=referrer_id, at=at, pointer="/code")
    if before:
        return before, False
    claim = Claim(friend.pk, referrer_id, at)
    (made,) = note_claims(program=program, rules=rules, claims=[claim], known={friend.pk}, at=at)
    return made, True


def check_claim(rules: ReferralRules, friend: Joined, *, referrer_id: int, at: datetime, pointer: str) -> None:
    """Refuse what cannot be: the own code, another referrer than before, a member of long ago.

    Raises Invalid, NotEligible.
    """
    if friend.member_id == referrer_id:
        raise _invalid(pointer, "invalid", _("This is the member's own code: friends join with it."))
    if friend.referrer_id == referrer_id:
        return
    if friend.referrer_id is not None:
        detail = _("Somebody else brought this member, and that stays so.")
        raise NotEligible(detail, errors=[FieldError(pointer, "invalid", detail)])
    if (local_date(at, friend.zone) - local_date(friend.enrolled_at, friend.zone)).days > rules.claim_days:
        detail = ngettext(
            "The member joined more than %(days)d day ago: that is too late for a referral.",
            "The member joined more than %(days)d days ago: that is too late for a referral.",
            rules.claim_days,
        )
        detail %= {"days": rules.claim_days}
        raise NotEligible(detail, errors=[FieldError(pointer, "invalid", detail)])


def note_claims(
    *, program: Program, rules: ReferralRules, claims: Sequence[Claim], known: Collection[int], at: datetime
) -> list[Referral]:
    """Write who was brought by whom, as guards judge it, and tell of it; a fixed number of queries.

    The rows of referrers and friends are locked. ``known``: friends who were members before, and may have brought some.
    """
    verdicts = _verdicts(rules, claims, at, known)
    rows = [_row(program, claim, verdicts[claim.friend_id], at) for claim in claims]
    made = Referral.objects.bulk_create(rows, batch_size=1000)
    uuids = dict(Member.objects.filter(pk__in=[claim.friend_id for claim in claims]).values_list("pk", "uuid"))
    publish([_message(MADE, row, str(uuids[row.friend_id])) for row in made])
    publish([_message(JOINED, row, str(uuids[row.friend_id])) for row in made if row.verdict == "clear"])
    return made


def joined_message(referral: Referral) -> Message:
    """That a friend joined, for the referrer's events."""
    return _message(JOINED, referral, str(referral.friend.uuid))


def _message(topic: str, referral: Referral, friend: str) -> Message:
    payload: dict[str, object] = {
        "member": referral.referrer_id,
        "friend": friend,
        "referral": str(referral.uuid),
        "time": show_moment(referral.joined_at),
    }
    return Message(topic, referral.program_id, payload)


def _row(program: Program, claim: Claim, verdict: Verdict, at: datetime) -> Referral:
    return Referral(
        program=program,
        referrer_id=claim.referrer_id,
        friend_id=claim.friend_id,
        joined_at=claim.at,
        verdict=verdict.verdict,
        reason=verdict.reason,
        evidence=[one.evidence() for one in verdict.sightings],
        held_at=at if verdict.verdict == Referral.Verdict.HELD else None,
    )


# -- what guards see ----------------------------------------------------------------------------


def _verdicts(
    rules: ReferralRules, claims: Sequence[Claim], at: datetime, known: Collection[int]
) -> Mapping[int, Verdict]:
    seen = (
        sightings([(claim.friend_id, claim.referrer_id) for claim in claims], at),
        _too_many(rules, claims),
        _rings([claim for claim in claims if claim.friend_id in known]),
    )
    friends = [claim.friend_id for claim in claims]
    return {pk: judge_sightings(rules, [one for found in seen for one in found.get(pk, ())]) for pk in friends}


def _too_many(rules: ReferralRules, claims: Sequence[Claim]) -> Mapping[int, Sequence[Sighting]]:
    """Friends beyond so many a day of the same referrer, counted in the order in which they are told."""
    if rules.max_per_day is None or not claims:
        return {}
    days = _days(claims)
    counts = Counter(joined_on(set(days)))
    found = {}
    for claim, day in zip(claims, days, strict=True):
        counts[day] += 1
        if counts[day] > rules.max_per_day:
            found[claim.friend_id] = [Sighting(VELOCITY, (), claim.at, count=counts[day])]
    return found


def _days(claims: Sequence[Claim]) -> list[tuple[int, date]]:
    """The referrer, and her local day of each claim."""
    referrers = Member.objects.filter(pk__in={claim.referrer_id for claim in claims})
    zones = dict(referrers.values_list("pk", "market__timezone"))
    return [(claim.referrer_id, local_date(claim.at, ZoneInfo(zones[claim.referrer_id]))) for claim in claims]


def _rings(claims: Sequence[Claim]) -> Mapping[int, Sequence[Sighting]]:
    """Friends who stand above their referrers already: each would have brought the other. Two queries."""
    if not claims:
        return {}
    brought, rings = brought_above({claim.referrer_id for claim in claims}), {}
    for claim in claims:
        way = way_up(brought, claim.referrer_id)
        if claim.friend_id in way:
            rings[claim.friend_id] = way[: way.index(claim.friend_id)]
        brought[claim.friend_id] = claim.referrer_id
    everybody = {pk for way in rings.values() for pk in way}
    uuids = dict(Member.objects.filter(pk__in=everybody).values_list("pk", "uuid")) if everybody else {}
    at = {claim.friend_id: claim.at for claim in claims}
    return {pk: [Sighting(RING, tuple(str(uuids[one]) for one in way), at[pk])] for pk, way in rings.items()}


def _read(code: object, member: object, signals: object) -> Mapping[str, str]:
    """The signals, if everything has the right form."""
    errors = [
        FieldError(pointer, "required" if value is None else "invalid", detail)
        for pointer, value, detail in (
            ("/code", code, _("Send the code as a text.")),
            ("/member", member, _("Name the member who was brought by its external id.")),
        )
        if not isinstance(value, str) or not value or len(value) > 2 * LONGEST or not is_storable(value)
    ]
    read: dict[str, str] = {}
    if signals is not None and (not isinstance(signals, dict) or not signals.keys() <= set(SIGNALS)):
        errors.append(FieldError("/signals", "invalid", _("Send device and instrument as texts.")))
    elif isinstance(signals, dict):
        for kind, value in signals.items():
            try:
                read[kind] = text(value, 400)
            except Wrong as wrong:
                errors.append(FieldError(f"/signals/{kind}", wrong.code, told(wrong)))
    if errors:
        raise Invalid(errors=errors)
    return {kind: value for kind, value in read.items() if value}


def _invalid(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, code, detail)])
