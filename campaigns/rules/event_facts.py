"""The facts of one event and its member, read when a condition asks and remembered for the event."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from campaigns.rules.state import JudgedEvent, MemberState, Program
from core.rules.money import to_decimal
from members.rules.catalogue import FactType
from members.rules.facts import (
    SERVICE_PREFIX,
    days_between,
    hours_between,
    local_date,
    owned,
    vehicle_age_months,
    warranty_days_left,
)
from members.rules.values import FactValue, read_stored


class EventFacts:
    """Callable as ``Facts``: the value of a fact just before the event, None where it has none."""

    __slots__ = ("event", "known", "member", "program", "types")

    def __init__(
        self, event: JudgedEvent, member: MemberState, program: Program, types: Mapping[str, FactType]
    ) -> None:
        self.event = event
        self.member = member
        self.program = program
        self.types = types  # of declared attributes: ``member.data.NAME`` and ``event.data.NAME``
        self.known: dict[str, FactValue] = {}

    def __call__(self, fact: str) -> FactValue:
        """Look a fact up once."""
        try:
            return self.known[fact]
        except KeyError:
            self.known[fact] = self.read(fact)
            return self.known[fact]

    def read(self, fact: str) -> FactValue:
        """A single fact, or one of a family with a name."""
        if (read := FACTS.get(fact)) is not None:
            value: FactValue = read(self)
            return value
        scope, family, name = fact.split(".", 2)
        return FAMILIES[f"{scope}.{family}"](self, name)

    def declared(self, fact: str, values: Mapping[str, object], name: str) -> FactValue:
        """A declared attribute with the type that its declaration gives it."""
        kind, value = self.types.get(fact), values.get(name)
        return None if kind is None or value is None else read_stored(value, kind)

    def money(self, name: str) -> FactValue:
        """A sum of base minor units as a decimal."""
        return to_decimal(self.sum(name), self.program.currency)

    def sum(self, name: str) -> int:
        """A sum over a window that ends with the event's day."""
        value: int = getattr(self.member.sums[self.event.day], name)
        return value

    def visited(self) -> tuple[set[int], set[str]]:
        """Outlets and dealers of the twelve months that end with the event's day."""
        return self.member.visits.get(self.event.day, (set(), set()))


def _ordinal(facts: EventFacts) -> int:
    count = facts.member.type_counts.get(facts.event.type_code)
    return 1 + (count.occurrences if count else 0)


def _outlet(name: str) -> Callable[[EventFacts], FactValue]:
    return lambda facts: (getattr(facts.event.outlet, name) or None) if facts.event.outlet else None


def _sum(name: str) -> Callable[[EventFacts], FactValue]:
    return lambda facts: facts.sum(name)


def _money(name: str) -> Callable[[EventFacts], FactValue]:
    return lambda facts: facts.money(name)


def _own(name: str) -> Callable[[EventFacts], FactValue]:
    return lambda facts: getattr(facts.member, name) or None


def _merchant(name: str) -> Callable[[EventFacts], FactValue]:
    return lambda facts: (facts.member.merchant or {}).get(name) or None


def _amount(facts: EventFacts) -> FactValue:
    event = facts.event
    return None if event.amount_minor is None else to_decimal(event.amount_minor, event.currency)


def _amount_base(facts: EventFacts) -> FactValue:
    base = facts.event.amount_base
    return None if base is None else to_decimal(base, facts.program.currency)


def _enrolled_on(facts: EventFacts) -> date:
    return local_date(facts.member.enrolled_at, facts.member.market.zone)


def _verified_at(facts: EventFacts) -> datetime | None:
    return facts.member.kyc_at if facts.member.kyc == "verified" else None


def _service_day(facts: EventFacts) -> date | None:
    days = [
        local_date(count.last_at, facts.member.market.zone)
        for code, count in facts.member.type_counts.items()
        if code.startswith(SERVICE_PREFIX) and count.last_at
    ]
    return max(days, default=None)


def _first(facts: EventFacts, name: str) -> FactValue:
    count = facts.member.type_counts.get(name)
    return hours_between(count.first_at, facts.event.time) if count else None


def _last(facts: EventFacts, name: str) -> FactValue:
    count = facts.member.type_counts.get(name)
    return hours_between(count.last_at, facts.event.time) if count else None


def _count(facts: EventFacts, name: str) -> FactValue:
    count = facts.member.type_counts.get(name)
    return count.occurrences if count else 0


def _days_since_previous(facts: EventFacts) -> int | None:
    previous = facts.member.previous_on.get((facts.event.type_code, facts.event.day), date.min)
    return None if previous == date.min else (facts.event.day - previous).days


def _no_value(_facts: EventFacts) -> None:
    return None


def _data_text(name: str) -> Callable[[EventFacts], FactValue]:
    return lambda facts: facts.event.data.get(name) or None  # type: ignore[return-value]  # the intake keeps texts


FACTS: Mapping[str, Callable[[EventFacts], Any]] = {
    "event.amount": _amount,
    "event.amount_base": _amount_base,
    "event.currency": lambda facts: facts.event.currency or None,
    "event.channel": _data_text("channel"),
    "event.outlet": _outlet("code"),
    "event.outlet_kind": _outlet("kind"),
    "event.dealer": _outlet("dealer"),
    "event.region": _outlet("region"),
    "event.market": _outlet("market"),
    "event.hour": lambda facts: facts.event.local.hour,
    "event.weekday": lambda facts: facts.event.local.isoweekday(),
    "event.date": lambda facts: facts.event.day,
    "event.ordinal": _ordinal,
    "event.days_since_previous": _days_since_previous,
    "member.kind": _own("kind"),
    "member.market": lambda facts: facts.member.market.code,
    "member.region": _own("region"),
    "member.language": _own("language"),
    "member.status": _own("status"),
    "member.kyc": _own("kyc"),
    "member.tier": lambda facts: facts.member.tier.code if facts.member.tier else None,
    "member.tier_rank": lambda facts: facts.member.tier.rank if facts.member.tier else None,
    "member.segments": lambda facts: facts.member.segments,
    "member.birthday_month": _own("birth_month"),
    "member.days_since_enrolled": lambda facts: days_between(_enrolled_on(facts), facts.event.day),
    "member.hours_since_enrolled": lambda facts: hours_between(facts.member.enrolled_at, facts.event.time),
    "member.hours_since_kyc": lambda facts: hours_between(_verified_at(facts), facts.event.time),
    "member.days_since_active": lambda facts: days_between(facts.member.last_active_on, facts.event.day),
    "member.points": lambda facts: facts.member.wallets["points"].available if "points" in facts.member.wallets else 0,
    "member.events_30d": _sum("events_30d"),
    "member.events_90d": _sum("events_90d"),
    "member.amount_30d": _money("amount_30d"),
    "member.amount_90d": _money("amount_90d"),
    "member.amount_12m": _money("amount_12m"),
    "member.outlets_12m": lambda facts: len(facts.visited()[0]),
    "member.dealers_12m": lambda facts: len(facts.visited()[1]),
    "member.category": _merchant("category"),
    "member.partner_type": _merchant("partner_type"),
    "member.agent": _merchant("agent"),
    "member.preferred": lambda facts: facts.member.preferred,
    "member.vehicles": lambda facts: len(owned(facts.member.vehicles, facts.event.day)),
    "member.vehicle_age_months": lambda facts: vehicle_age_months(facts.member.vehicles, facts.event.day),
    "member.warranty_days_left": lambda facts: warranty_days_left(facts.member.vehicles, facts.event.day),
    "member.days_since_service": lambda facts: days_between(_service_day(facts), facts.event.day),
    "member.referrals_qualified": lambda facts: _count(facts, "referral.qualified"),
    # Their values come with scoring; until then they are missing, as for a member without a score.
    "member.top_category": _no_value,
    "member.churn_risk": _no_value,
    "member.lifecycle": _no_value,
    "member.value_band": _no_value,
}

FAMILIES: Mapping[str, Callable[[EventFacts, str], FactValue]] = {
    "event.data": lambda facts, name: facts.declared(f"event.data.{name}", facts.event.data, name),
    "member.data": lambda facts, name: facts.declared(f"member.data.{name}", facts.member.attributes, name),
    "member.count": _count,
    "member.hours_since_first": _first,
    "member.hours_since_last": _last,
}
