"""What is known of many members at a moment: every ``member.*`` fact, in a fixed number of queries.

The windows are added up from ``MemberDay``, the truth; the row of sums is not read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, Sum

from core.models import Program
from core.rules.money import to_decimal
from dealers.models import Outlet
from ledger.models import POINTS, Account, Lot, Purpose
from members.models import Attribute, EventType, Member, MemberDay, MemberTypeCount, SegmentMember, Vehicle
from members.rules import facts as rules
from members.rules.catalogue import DERIVED_EVENT_TYPES, MEMBER_DATA, MEMBER_FACTS, FactType, Kind
from members.rules.values import FactValue, read_stored

type FactsOf = Mapping[int, Mapping[str, FactValue]]


@dataclass(frozen=True, slots=True)
class MemberFactsView:
    """Every fact of one member by its name, None = no value. It is asked like ``Facts``: ``view("member.tier")``."""

    values: Mapping[str, FactValue]

    def __call__(self, fact: str) -> FactValue:
        """The value of a fact; a name that the program does not know is an error."""
        return self.values[fact]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Some members of one program at one moment, with their local days."""

    program: Program
    at: datetime
    profiles: Mapping[int, Mapping[str, Any]]
    zones: Mapping[int, ZoneInfo]
    today: Mapping[int, date]

    @property
    def members(self) -> list[int]:
        return list(self.profiles)


def load_member_facts(*, program: Program, members: Sequence[int], at: datetime) -> dict[int, MemberFactsView]:
    """Every ``member.*`` fact of these members (ids) of a program as it stands at a moment.

    Amounts are decimals of the program's base currency, hours exact decimals, segments a sorted tuple of codes.
    """
    profiles = {row["pk"]: row for row in _profiles(program, members)}
    zones = {member: ZoneInfo(row["market__timezone"]) for member, row in profiles.items()}
    today = {member: rules.local_date(at, zone) for member, zone in zones.items()}
    scope = _Scope(program, at, profiles, zones, today)
    families = [family(scope) for family in (_profile, _attributes, _activity, _counts, _segments, _vehicles, _points)]
    return {
        member: MemberFactsView(dict.fromkeys(MEMBER_FACTS) | _merged(family[member] for family in families))
        for member in profiles
    }


def _merged(parts: Iterable[Mapping[str, FactValue]]) -> dict[str, FactValue]:
    return {fact: value for part in parts for fact, value in part.items()}


_PROFILE = {
    "member.kind": "kind",
    "member.status": "status",
    "member.language": "language",
    "member.kyc": "kyc",
    "member.market": "market__code",
    "member.region": "region__code",
    "member.tier": "tier__code",
    "member.tier_rank": "tier__rank",
    "member.category": "merchant__category",
    "member.partner_type": "merchant__partner_type",
    "member.agent": "merchant__agent",
    "member.preferred": "merchant__preferred",
}
_ALSO = ("pk", "uuid", "market__timezone", "attributes", "enrolled_at", "kyc_at", "identity__birth_date")


def _profiles(program: Program, members: Sequence[int]) -> Iterable[dict[str, Any]]:
    yield from Member.objects.filter(program=program, pk__in=members).values(*_ALSO, *_PROFILE.values())


def _profile(scope: _Scope) -> FactsOf:
    return {member: _profile_of(row, scope, member) for member, row in scope.profiles.items()}


def _profile_of(row: Mapping[str, Any], scope: _Scope, member: int) -> dict[str, FactValue]:
    enrolled, today = row["enrolled_at"], scope.today[member]
    verified_at = row["kyc_at"] if row["kyc"] == Member.Kyc.VERIFIED else None
    birth_date = row["identity__birth_date"]
    enrolled_on = rules.local_date(enrolled, scope.zones[member])
    return {
        **{fact: None if row[column] == "" else row[column] for fact, column in _PROFILE.items()},
        "member.birthday_month": birth_date and birth_date.month,
        "member.days_since_enrolled": rules.days_between(enrolled_on, today),
        "member.hours_since_enrolled": rules.hours_between(enrolled, scope.at),
        "member.hours_since_kyc": rules.hours_between(verified_at, scope.at),
    }


def _attributes(scope: _Scope) -> FactsOf:
    declared = {row.code: FactType(Kind(row.type)) for row in Attribute.objects.filter(program=scope.program)}
    return {
        member: {MEMBER_DATA + code: read_stored(row["attributes"].get(code), fact) for code, fact in declared.items()}
        for member, row in scope.profiles.items()
    }


def _activity(scope: _Scope) -> FactsOf:
    days = _days(scope)
    active = MemberDay.objects.filter(member__in=scope.members, events__gt=0)
    last = dict(active.values_list("member_id").annotate(Max("day")))
    return {
        member: {
            **_activity_of(days[member], today, scope.program.currency),
            "member.days_since_active": rules.days_between(last.get(member), today),
        }
        for member, today in scope.today.items()
    }


def _days(scope: _Scope) -> Mapping[int, list[rules.Day]]:
    first = min((rules.year_start(day) for day in scope.today.values()), default=date.max)
    rows = list(
        MemberDay.objects.filter(member__in=scope.members, day__gte=first).values_list(
            "member_id", "day", "events", "amount_minor", "outlet_id"
        )
    )
    outlets = Outlet.objects.filter(pk__in={row[-1] for row in rows} - {0})
    dealers = dict(outlets.values_list("pk", "dealer_id"))
    return _by_member(
        (member, rules.Day(day, events, amount, outlet or None, dealers.get(outlet)))
        for member, day, events, amount, outlet in rows
    )


def _activity_of(days: list[rules.Day], today: date, currency: str) -> dict[str, FactValue]:
    starts = {
        "30d": rules.window_start(today, 30),
        "90d": rules.window_start(today, 90),
        "12m": rules.year_start(today),
    }
    sums = {window: rules.window_sums(days, first, today) for window, first in starts.items()}
    outlets, dealers = rules.places(days, starts["12m"], today)
    return {
        "member.events_30d": sums["30d"][0],
        "member.events_90d": sums["90d"][0],
        **{f"member.amount_{window}": to_decimal(amount, currency) for window, (_, amount) in sums.items()},
        "member.outlets_12m": outlets,
        "member.dealers_12m": dealers,
    }


def _counts(scope: _Scope) -> FactsOf:
    posted = EventType.objects.filter(program=scope.program).values_list("code", flat=True)
    none: dict[str, FactValue] = {f"member.count.{code}": 0 for code in (*DERIVED_EVENT_TYPES, *posted)}
    for family in ("member.hours_since_first.", "member.hours_since_last."):
        none |= {fact.replace("member.count.", family): None for fact in none if fact.startswith("member.count.")}
    found = MemberTypeCount.objects.filter(member__in=scope.members).select_related("event_type")
    rows = _by_member((row.member_id, row) for row in found)
    return {member: {**none, **_counts_of(rows[member], scope, member)} for member in scope.profiles}


def _counts_of(rows: list[MemberTypeCount], scope: _Scope, member: int) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {"member.referrals_qualified": 0}
    for row in rows:
        code = row.event_type.code
        if code == "referral.qualified":
            facts["member.referrals_qualified"] = row.occurrences
        facts[f"member.count.{code}"] = row.occurrences
        facts[f"member.hours_since_first.{code}"] = rules.hours_between(row.first_at, scope.at)
        facts[f"member.hours_since_last.{code}"] = rules.hours_between(row.last_at, scope.at)
    services = [row.last_at for row in rows if row.event_type.code.startswith(rules.SERVICE_PREFIX) and row.last_at]
    served_on = rules.local_date(max(services), scope.zones[member]) if services else None
    return facts | {"member.days_since_service": rules.days_between(served_on, scope.today[member])}


def _segments(scope: _Scope) -> FactsOf:
    rows = SegmentMember.objects.filter(member__in=scope.members, segment__retired=False).values_list(
        "member_id", "segment__code"
    )
    codes = _by_member(rows)
    return {member: {"member.segments": tuple(sorted(codes[member]))} for member in scope.profiles}


def _vehicles(scope: _Scope) -> FactsOf:
    rows = Vehicle.objects.filter(member__in=scope.members)
    found = _by_member(
        (member, rules.Vehicle(bought_on, warranty_until))
        for member, bought_on, warranty_until in rows.values_list("member_id", "bought_on", "warranty_until")
    )
    return {
        member: {
            "member.vehicles": len(rules.owned(found[member], today)),
            "member.vehicle_age_months": rules.vehicle_age_months(found[member], today),
            "member.warranty_days_left": rules.warranty_days_left(found[member], today),
        }
        for member, today in scope.today.items()
    }


def _points(scope: _Scope) -> FactsOf:
    """What can be spent: lapsed lots not swept yet are taken off, pending ones whose day has come are added."""
    today = rules.local_date(scope.at, ZoneInfo(scope.program.timezone))
    owners: list[UUID] = [row["uuid"] for row in scope.profiles.values()]
    accounts = Account.objects.filter(book__program=scope.program, book__unit=POINTS, owner__in=owners)
    balances = dict(accounts.filter(purpose=Purpose.WALLET).values_list("owner", "balance"))
    lots = Lot.objects.filter(account__in=accounts, remaining__gt=0)
    lapsed = Q(account__purpose=Purpose.WALLET, expires_on__lt=today)
    matured = Q(account__purpose=Purpose.PENDING, available_on__lte=today) & ~Q(expires_on__lt=today)
    minus = dict(lots.filter(lapsed).values_list("account__owner").annotate(Sum("remaining")))
    plus = dict(lots.filter(matured).values_list("account__owner").annotate(Sum("remaining")))
    return {
        member: {"member.points": balances.get(owner, 0) - minus.get(owner, 0) + plus.get(owner, 0)}
        for member, owner in zip(scope.profiles, owners, strict=True)
    }


def _by_member[T](rows: Iterable[tuple[int, T]]) -> Mapping[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for member, row in rows:
        found[member].append(row)
    return found
