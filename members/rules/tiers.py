"""Which tier a member's progress earns."""

from collections.abc import Sequence
from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Progress:
    """What counts toward tiers in the review window: base minor units, qualifying events, status points."""

    amount: int
    events: int
    status_points: int


def missing(rung: Rung, progress: Progress) -> dict[str, int]:
    """What is still missing for a rung, by requirement; empty when nothing is."""
    wanted = {"amount": rung.amount, "events": rung.events, "status_points": rung.status_points}
    reached = {"amount": progress.amount, "events": progress.events, "status_points": progress.status_points}
    return {name: want - reached[name] for name, want in wanted.items() if want is not None and want > reached[name]}


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


def highest_met(ladder: Sequence[Rung], progress: Progress) -> Rung | None:
    """The highest rung that is met, of a ladder that is sorted lowest first."""
    for rung in reversed(ladder):
        if is_met(rung, progress):
            return rung
    return None


def next_rung(ladder: Sequence[Rung], rung: Rung | None) -> Rung | None:
    """The rung above; the first one for a member without a tier."""
    return next((above for above in ladder if rung is None or above.rank > rung.rank), None)
