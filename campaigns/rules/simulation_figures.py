"""The figures of a simulation: what was given in it and in truth, added up by day, market, tier and campaign."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from campaigns.rules.kinds import NAMES
from core.rules.money import to_text

POINTS, STATUS = "points", "status"
MOST_NAMED = 20  # winners, and losers
MOST_LISTED = 1_000  # awards in a report


class Given(NamedTuple):
    """One award as it is compared, negative where a reversal took it back; ``unit`` of a thing: ``KIND:CODE``."""

    campaign: str
    rule: str
    unit: str
    amount: int


class Happened(NamedTuple):
    """An event by its number and the caller's id, and whose it is."""

    member_id: int
    member: str
    sequence: int
    event: str


class Place(NamedTuple):
    """Where an award belongs: its event's local day, the member's market and the tier before it."""

    day: date
    market: str
    tier: str


@dataclass(slots=True)
class Sums:
    """Awards (less what was taken back whole is not subtracted), and value by unit, net of returns."""

    awards: int = 0
    units: Counter[str] = field(default_factory=Counter)

    def add(self, given: Given) -> None:
        """Count one award."""
        self.awards += given.amount > 0
        self.units[given.unit.partition(":")[0]] += given.amount  # of things: their kind

    def body(self) -> dict[str, Any]:
        """As JSON: whole points, money as text."""
        units = dict(self.units)
        points, status = (units.pop(unit, 0) for unit in (POINTS, STATUS))
        things = {kind: units.pop(kind, 0) for kind in NAMES}
        money = {unit: to_text(amount, unit) for unit, amount in sorted(units.items())}
        given = {kind: number for kind, number in sorted(things.items()) if number}
        return {"awards": self.awards, "points": points, "status_points": status, "money": money, "things": given}


def _table() -> defaultdict[str, Sums]:
    return defaultdict(Sums)


@dataclass(slots=True)
class Side:
    """One of the two worlds: the simulated one, or the real one."""

    total: Sums = field(default_factory=Sums)
    by_day: defaultdict[str, Sums] = field(default_factory=_table)
    by_market: defaultdict[str, Sums] = field(default_factory=_table)
    by_tier: defaultdict[str, Sums] = field(default_factory=_table)
    by_campaign: defaultdict[str, Sums] = field(default_factory=_table)
    members: set[int] = field(default_factory=set)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, member_id: int, place: Place, all_given: Iterable[Given]) -> None:
        """Count what an event gave."""
        for given in all_given:
            self.members.add(member_id)
            self.total.add(given)
            self.by_day[place.day.isoformat()].add(given)
            self.by_market[place.market].add(given)
            self.by_tier[place.tier].add(given)
            self.by_campaign[given.campaign].add(given)

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "members": len(self.members),
            **self.total.body(),
            "tier_moves": [
                {"from": before or None, "to": after or None, "members": number}
                for (before, after), number in sorted(self.moves.items())
            ],
        }


@dataclass(slots=True)
class Worth:
    """What value is worth in base minor units: a point, and a minor unit of each currency."""

    currency: str
    point: Decimal
    money: Mapping[str, Decimal]

    def of(self, given: Given) -> Decimal:
        """Base minor units."""
        if given.unit == POINTS:
            return given.amount * self.point
        return given.amount * self.money.get(given.unit, Decimal(0))


@dataclass(slots=True)
class Figures:
    """Both worlds, and who does better or worse in the simulated one."""

    worth: Worth
    simulated: Side = field(default_factory=Side)
    live: Side = field(default_factory=Side)
    differences: dict[int, Decimal] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    same: int = 0
    awards: list[dict[str, Any]] = field(default_factory=list)
    apart: list[dict[str, Any]] = field(default_factory=list)
    differing: int = 0
    ends_on: dict[str, date] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, of: Happened, place: Place, simulated: list[Given], live: list[Given]) -> None:
        """One event in both worlds."""
        self.simulated.add(of.member_id, place, simulated)
        self.live.add(of.member_id, place, live)
        head = {"member": of.member, "sequence": of.sequence, "event": of.event}
        for given in simulated:
            if len(self.awards) < MOST_LISTED:
                self.awards.append({**head, **_award(given)})
        if simulated == live:
            return
        self._differ(of, head, simulated, live)

    def _differ(self, of: Happened, head: Mapping[str, Any], simulated: list[Given], live: list[Given]) -> None:
        more, less = _without(simulated, live), _without(live, simulated)
        if not more and not less:
            return
        self.differing += len(more) + len(less)
        for given in more:
            self._note(head, given, "simulated")
        for given in less:
            self._note(head, given, "live")
        gain = sum(map(self.worth.of, more)) - sum(map(self.worth.of, less))
        if gain:
            self.differences[of.member_id] = self.differences.get(of.member_id, Decimal(0)) + gain
            self.names[of.member_id] = of.member

    def _note(self, head: Mapping[str, Any], given: Given, only_in: str) -> None:
        if len(self.apart) < MOST_LISTED:
            self.apart.append({**head, **_award(given), "only_in": only_in})

    def body(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "simulated": self.simulated.body(),
            "live": self.live.body(),
            **{name: self._rows(name) for name in ("by_day", "by_market", "by_tier", "by_campaign")},
            "liability": self._liability(),
            "winners": self._extremes(reverse=True),
            "losers": self._extremes(reverse=False),
            "difference": {"awards": self.differing, "listed": self.apart},
            "awards": self.awards,
            "refused": dict(sorted(self.refused.items())),
        }

    def _rows(self, name: str) -> list[dict[str, Any]]:
        simulated, live = getattr(self.simulated, name), getattr(self.live, name)
        key = name.removeprefix("by_")
        return [
            {key: value, "simulated": simulated[value].body(), "live": live[value].body()}
            for value in sorted(simulated.keys() | live.keys())
        ]

    def _liability(self) -> dict[str, Any]:
        """What the points outstanding change by, in base currency."""
        points = {side: getattr(self, side).total.units[POINTS] for side in ("simulated", "live")}
        worth = {side: self._text(number * self.worth.point) for side, number in points.items()}
        change = (points["simulated"] - points["live"]) * self.worth.point
        return {"currency": self.worth.currency, **worth, "change": self._text(change)}

    def _extremes(self, *, reverse: bool) -> list[dict[str, Any]]:
        gains = [(gain, pk) for pk, gain in self.differences.items() if (gain > 0) is reverse and gain]
        chosen = sorted(gains, reverse=reverse)[:MOST_NAMED]
        return [{"member": self.names[pk], "difference": self._text(gain)} for gain, pk in chosen]

    def _text(self, amount: Decimal) -> str:
        return to_text(round(amount), self.worth.currency)


def _without(some: list[Given], others: list[Given]) -> list[Given]:
    """Those that the others do not have, each as often."""
    rest = list(others)
    found = []
    for given in some:
        if given in rest:
            rest.remove(given)
        else:
            found.append(given)
    return found


def _award(given: Given) -> dict[str, Any]:
    unit = given.unit
    if unit in {POINTS, STATUS}:
        shown: dict[str, Any] = {"unit": unit, "amount": given.amount}
    elif ":" in unit:
        kind, _colon, code = unit.partition(":")
        shown = {"unit": kind, NAMES[kind]: code, "amount": given.amount}
    else:
        shown = {"unit": unit, "amount": to_text(given.amount, unit)}
    return {"campaign": given.campaign, "rule": given.rule, **shown}
