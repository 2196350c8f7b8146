"""The facts that conditions may speak about, and the type of each.

A catalogue is built from what one program declares. A fact that is not in it is rejected when a
condition is saved, so nothing has to be guessed while an event is judged. The table stands in
``docs/conditions.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The type of a fact; the first six are also the types of attributes."""

    TEXT = "text"
    INTEGER = "integer"
    AMOUNT = "amount"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class FactType:
    """The type of a fact; ``choices`` are the only values it can have (for a list: its elements), None = any."""

    kind: Kind
    choices: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a program declares, as far as conditions can name it.

    ``event_types`` maps each code that may be posted to its data attributes; derived types are known anyway.
    """

    member_attributes: Mapping[str, FactType] = field(default_factory=dict)
    event_types: Mapping[str, Mapping[str, FactType]] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    markets: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    dealers: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()
    outlet_kinds: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()


TEXT = FactType(Kind.TEXT)
INTEGER = FactType(Kind.INTEGER)
AMOUNT = FactType(Kind.AMOUNT)
BOOLEAN = FactType(Kind.BOOLEAN)
DATE = FactType(Kind.DATE)


def choice(*choices: str) -> FactType:
    """A fact with these values only."""
    return FactType(Kind.CHOICE, frozenset(choices))


# Types of our own, which a program file need not declare, with what their data carries.
DERIVED_EVENT_TYPES: Mapping[str, Mapping[str, FactType]] = {
    "member.enrolled": {},
    "member.kyc_verified": {},
    "member.birthday": {},
    "member.inactive": {"days": INTEGER},
    "segment.entered": {"segment": TEXT},
    "referral.joined": {"friend": TEXT},
    "referral.qualified": {"friend": TEXT},
    "referred.joined": {"referrer": TEXT},
    "referred.qualified": {"referrer": TEXT},
    "tier.changed": {"from": TEXT, "to": TEXT, "direction": choice("up", "down")},
    "badge.earned": {"badge": TEXT},
    "goal.reached": {"campaign": TEXT, "rule": TEXT, "reach": TEXT},
    "reward.redeemed": {"reward": TEXT, "category": TEXT, "points": INTEGER},
    "vehicle.anniversary": {"vin": TEXT, "years": INTEGER},
    "leaderboard.closed": {"board": TEXT, "market": TEXT, "rank": INTEGER, "score": INTEGER, "of": INTEGER},
}

BANDS = choice("low", "mid", "high")

# Facts whose type is the same in every program.
EVENT_FACTS: Mapping[str, FactType] = {
    "event.amount": AMOUNT,  # in the event's currency
    "event.amount_base": AMOUNT,
    "event.channel": TEXT,
    "event.hour": INTEGER,
    "event.weekday": INTEGER,
    "event.date": DATE,
    "event.ordinal": INTEGER,
    "event.days_since_previous": INTEGER,
}
MEMBER_FACTS: Mapping[str, FactType] = {
    "member.kind": choice("customer", "merchant"),
    "member.status": choice("active", "frozen", "erased"),
    "member.kyc": choice("none", "pending", "verified", "rejected"),
    "member.tier_rank": INTEGER,
    "member.birthday_month": INTEGER,
    "member.days_since_enrolled": INTEGER,
    "member.hours_since_enrolled": INTEGER,
    "member.hours_since_kyc": INTEGER,
    "member.days_since_active": INTEGER,
    "member.points": INTEGER,
    "member.events_30d": INTEGER,
    "member.events_90d": INTEGER,
    "member.amount_30d": AMOUNT,
    "member.amount_90d": AMOUNT,
    "member.amount_12m": AMOUNT,
    "member.outlets_12m": INTEGER,
    "member.dealers_12m": INTEGER,
    "member.referrals_qualified": INTEGER,
    "member.top_category": TEXT,
    "member.churn_risk": BANDS,
    "member.lifecycle": TEXT,
    "member.value_band": BANDS,
    "member.category": TEXT,
    "member.partner_type": TEXT,
    "member.agent": TEXT,
    "member.preferred": BOOLEAN,
    "member.vehicles": INTEGER,
    "member.vehicle_age_months": INTEGER,
    "member.warranty_days_left": INTEGER,
    "member.days_since_service": INTEGER,
}

MEMBER_DATA = "member.data."
EVENT_DATA = "event.data."
# One fact for every event type, posted or derived.
TYPE_FAMILIES = ("member.count.", "member.hours_since_first.", "member.hours_since_last.")


def _declared_facts(program: Declarations) -> dict[str, FactType]:
    return {
        "event.currency": FactType(Kind.CHOICE, program.currencies),
        "event.outlet": FactType(Kind.CHOICE, program.outlets),
        "event.outlet_kind": FactType(Kind.CHOICE, program.outlet_kinds),
        "event.dealer": FactType(Kind.CHOICE, program.dealers),
        "event.region": FactType(Kind.CHOICE, program.regions),
        "event.market": FactType(Kind.CHOICE, program.markets),
        "member.market": FactType(Kind.CHOICE, program.markets),
        "member.region": FactType(Kind.CHOICE, program.regions),
        "member.language": FactType(Kind.CHOICE, program.languages),
        "member.tier": FactType(Kind.CHOICE, program.tiers),
        "member.segments": FactType(Kind.LIST, program.segments),
    }


class Catalogue:
    """Every fact of one program."""

    def __init__(self, program: Declarations) -> None:
        """Know the facts of every program and those that this one declares."""
        self._types = {**DERIVED_EVENT_TYPES, **program.event_types}
        self._facts = {**EVENT_FACTS, **MEMBER_FACTS, **_declared_facts(program)}
        self._facts |= {MEMBER_DATA + code: fact for code, fact in program.member_attributes.items()}
        self._facts |= {family + code: INTEGER for family in TYPE_FAMILIES for code in self._types}

    def lookup(self, fact: str, event_type: str | None = None) -> FactType | None:
        """The type of a fact, None if there is none; ``event.data.NAME`` exists for a given type of event."""
        return self._facts.get(fact) or self._event_data(event_type).get(fact)

    def names(self, event_type: str | None = None, *, member_only: bool = False) -> list[str]:
        """The names of all facts that may stand in a condition, sorted."""
        names = {*self._facts, *self._event_data(event_type)}
        return sorted(name for name in names if not (member_only and name.startswith("event.")))

    def _event_data(self, event_type: str | None) -> dict[str, FactType]:
        attributes = self._types.get(event_type, {}) if event_type else {}
        return {EVENT_DATA + code: fact for code, fact in attributes.items()}
