"""Which tier a member's progress earns, and the ladder that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.rules.money import to_minor


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier and what it asks for; amounts in base minor units, None = not asked for."""

    tier_id: int
    code: str
    rank: int
    amount: int | None
    events: int | None
    status_points: int | None
    match_any: bool

    @property
    def asked(self) -> dict[str, int]:
        """What it asks for, by requirement."""
        wanted = {"amount": self.amount, "events": self.events, "status_points": self.status_points}
        return {name: want for name, want in wanted.items() if want is not None}


@dataclass(frozen=True, slots=True)
class Progress:
    """What counts toward tiers in the review window: base minor units, qualifying events, status points."""

    amount: int
    events: int
    status_points: int


def missing(rung: Rung, progress: Progress) -> dict[str, int]:
    """What is still missing for a rung, by requirement; empty when nothing is."""
    reached = {"amount": progress.amount, "events": progress.events, "status_points": progress.status_points}
    return {name: want - reached[name] for name, want in rung.asked.items() if want > reached[name]}


def is_met(rung: Rung, progress: Progress) -> bool:
    """Whether all (or any) of a rung's requirements are reached; a rung without requirements is met."""
    reached = []
    if rung.amount is not None:
        reached.append(progress.amount >= rung.amount)
    if rung.events is not None:
        reached.append(progress.events >= rung.events)
    if rung.status_points is not None:
        reached.append(progress.status_points >= rung.status_points)
    return any(reached) or not reached if rung.match_any else all(reached)


def hides(higher: Rung, lower: Rung) -> bool:
    """Whether whoever meets the lower rung meets the higher one as well, so that nobody ever earns the lower one.

    Of what different rungs ask for nothing follows from anything else: amounts, events and points come apart.
    """
    low, high = lower.asked, higher.asked
    outdone = [name for name, want in high.items() if low.get(name, 0) >= want]
    if lower.match_any and len(low) > 1:  # each way to the lower one must lead to the higher one too
        return (higher.match_any or len(high) == 1) and low.keys() <= set(outdone)
    return bool(outdone) if higher.match_any else bool(high) and len(outdone) == len(high)


def highest_met(ladder: Sequence[Rung], progress: Progress) -> Rung | None:
    """The highest rung that is met, of a ladder that is sorted lowest first."""
    for rung in reversed(ladder):
        if is_met(rung, progress):
            return rung
    return None


def next_rung(ladder: Sequence[Rung], rung: Rung | None) -> Rung | None:
    """The rung above; the first one for a member without a tier."""
    return next((above for above in ladder if rung is None or above.rank > rung.rank), None)


def rung(*, tier_id: int, code: str, rank: int, requires: Mapping[str, Any], currency: str) -> Rung:
    """A tier of the ladder; ``requires`` as in the program file."""
    amount = requires.get("amount")
    return Rung(
        tier_id=tier_id,
        code=code,
        rank=rank,
        amount=to_minor(Decimal(amount), currency) if amount is not None else None,
        events=requires.get("events"),
        status_points=requires.get("status_points"),
        match_any=requires.get("match", "all") == "any",
    )


class Style(StrEnum):
    """How members come down who do not earn their tier any more."""

    ONE_STEP = "one_step"
    TO_EARNED = "to_earned"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs in use, lowest first, and how they are held.

    ``calendar_year``: what is earned in a year holds through the next; else the twelve months that end with a day
    count. ``grace_days``: how long members keep a tier that they do not earn any more.
    """

    rungs: tuple[Rung, ...]
    calendar_year: bool
    style: Style
    grace_days: int

    def moves_members(self, edited: "Ladder") -> bool:
        """Whether members may stand elsewhere on an edited ladder."""
        return (self.rungs, self.calendar_year) != (edited.rungs, edited.calendar_year)

    def rung(self, tier_id: int | None) -> Rung | None:
        """The rung of a tier; None for no tier and for one that was retired."""
        return next((rung for rung in self.rungs if rung.tier_id == tier_id), None)

    def below(self, rung: Rung) -> Rung:
        """The rung below; the lowest has none and is its own."""
        return self.rungs[max(self.rungs.index(rung) - 1, 0)]

    def earned(self, progress: Sequence[Progress]) -> Rung:
        """The best that one of these windows earns; at least the lowest rung."""
        met = [highest_met(self.rungs, one) or self.rungs[0] for one in progress]
        return max(met, key=lambda rung: rung.rank)
