"""Upgrades that still hold, and which of them fall when what supported them was taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from members.rules.tiers import Rung


@dataclass(frozen=True, slots=True)
class Change:
    """A change of tier as it is kept, on a local day.

    ``reached`` None = a tier that is no more; ``lifting``: events or the ladder did it.
    """

    before: Rung
    reached: Rung | None
    enrolled: bool
    lifting: bool
    day: date
    change_id: int


@dataclass(slots=True)
class Lift:
    """An upgrade that still holds: where the member came from, what was reached, on which local day."""

    before: Rung
    reached: Rung
    day: date
    change_id: int


def lifts_of(changes: Iterable[Change]) -> list[Lift]:
    """The upgrades of a member that were not taken back since, newest first; ``changes`` oldest first."""
    lifts: list[Lift] = []
    for change in changes:
        if change.reached is None or change.enrolled:
            lifts.clear()
        elif change.lifting and change.reached.rank > change.before.rank:
            lifts.append(Lift(change.before, change.reached, change.day, change.change_id))
        else:
            _lower(lifts, change.reached)
    return lifts[::-1]


def _lower(lifts: list[Lift], reached: Rung) -> None:
    """Of upgrades, oldest first, remains what leads no higher than ``reached``."""
    while lifts and lifts[-1].before.rank >= reached.rank:
        lifts.pop()
    if lifts and lifts[-1].reached.rank > reached.rank:
        lifts[-1].reached = reached


def stands(lift: Lift, best: Rung | None) -> bool:
    """Whether an upgrade is certainly still met."""
    return best is not None and best.rank >= lift.reached.rank


def best_since(since: date, met: Mapping[date, Rung | None]) -> Rung | None:
    """The highest tier met in a window that ends on a day or later; ``met`` by the end of the window."""
    ranked = {rung.rank: rung for day, rung in met.items() if day >= since and rung}
    return ranked[max(ranked)] if ranked else None


def fall_all(
    tier: Rung | None, lifts: Sequence[Lift], met: Mapping[date, Rung | None]
) -> tuple[Rung | None, list[int]]:
    """Let upgrades fall, newest first, until one stands at least in part; the tier then, and the changes that fell."""
    undone = []
    for lift in lifts:
        before = tier
        tier = _after(tier, lift, best_since(lift.day, met))
        undone += [lift.change_id] if tier is not before else []
        if tier is not lift.before or tier is before:
            break
    return tier, undone


def _after(tier: Rung | None, lift: Lift, best: Rung | None) -> Rung | None:
    """The tier after an upgrade was tried: where the best window leads, not below where the member came from."""
    if tier is None or tier.rank != lift.reached.rank or stands(lift, best):
        return tier
    return best if best and best.rank > lift.before.rank else lift.before
