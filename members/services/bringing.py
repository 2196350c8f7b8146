"""Referral codes in requests that enrol or change members: whose they are, and what becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from core.models import Program
from members.models import Member, Referral
from members.rules.documents import MemberRecord
from members.rules.profiles import Profile
from members.rules.reading import codes_in
from members.rules.referrals import ReferralRules
from members.selectors.locking import locked
from members.selectors.referrals import code_owners, referral_rules, referrers_of
from members.selectors.settings import EnrolmentSetting
from members.services.referrals import Claim, Joined, check_claim, lock_rings, note_claims


@dataclass(frozen=True, slots=True)
class Comer:
    """A member as a request makes it: its external id, what was stored before, what will be, and the code it names."""

    name: str
    record: MemberRecord | None
    profile: Profile
    code: str


@dataclass(slots=True)
class Bringing:
    """Who is brought by whom in one batch: ``owners`` of codes, ``before`` is who was known to have brought whom."""

    rules: ReferralRules | None = None
    owners: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[int, int] = field(default_factory=dict)
    claims: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # by external id: referrer, since when

    def setting(self, setting: EnrolmentSetting) -> EnrolmentSetting:
        """What a program allows, with the codes that there are."""
        return replace(setting, rules=replace(setting.rules, referral_codes=frozenset(self.owners)))

    def read(self, setting: EnrolmentSetting, comer: Comer, at: datetime) -> tuple[int, datetime] | None:
        """Whose code a member came with and since when; None: with none, or known. Raises Invalid, NotEligible."""
        if not comer.code or self.rules is None:
            return None
        record, profile = comer.record, comer.profile
        member_id = record.id if record else 0
        known = self.claims[comer.name][0] if comer.name in self.claims else self.before.get(member_id)
        joined = Joined(member_id, profile.enrolled_at, setting.zones[profile.market], known)
        # Who is enrolled now may have joined long ago: that is how members are imported.
        since = at if record else profile.enrolled_at
        check_claim(self.rules, joined, referrer_id=self.owners[comer.code], at=since, pointer="/referral_code")
        return (self.owners[comer.code], since) if known is None else None

    def write(
        self, program: Program, ids: Mapping[str, int], known: Mapping[str, MemberRecord], at: datetime
    ) -> list[Referral]:
        """Write what was taken; the members are there now."""
        if not self.claims or self.rules is None:
            return []
        claims = [Claim(ids[name], referrer, since) for name, (referrer, since) in self.claims.items()]
        there = {ids[name] for name in self.claims if name in known}
        return note_claims(program=program, rules=self.rules, claims=claims, known=there, at=at)


def hold_all(program: Program, requests: Sequence[object], named: QuerySet[Member]) -> tuple[list[int], Bringing]:
    """Lock the members that requests name, and those whose codes they name; without codes it is one query."""
    codes = {code for request in requests for code in codes_in(request)}
    owners = code_owners(program, codes)
    rules = referral_rules(program) if owners else None
    if rules is None:
        return list(locked(named).values_list("id", flat=True)), Bringing()
    if named.exists():
        lock_rings(program)
    rows = Member.objects.filter(Q(pk__in=owners.values()) | Q(pk__in=named.values("pk")))
    held = dict(locked(rows).values_list("id", "status"))
    there = {code: owner for code, owner in owners.items() if held.get(owner) not in {None, Member.Status.ERASED}}
    return list(held), Bringing(rules, there, referrers_of(held))
