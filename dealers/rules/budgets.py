"""How the value in a tree of budgets has to move when its allocations change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

type Units = Mapping[str, int]  # "points" or a currency → smallest units


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a budget was given in all, and by whom; the root (no parent) is given by the mint."""

    parent: str | None
    units: Units
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """Smallest units to move from one budget to another; None is the mint."""

    unit: str
    src: str | None
    dst: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A budget would be below nothing: it has ``left`` and ``needed`` is asked of it."""

    budget: str
    unit: str
    left: int
    needed: int


@dataclass(slots=True)
class Shifting:
    """The movements, and what every budget has after them."""

    left: dict[tuple[str, str], int]
    shifts: list[Shift] = field(default_factory=list)

    def move(self, unit: str, src: str | None, dst: str | None, amount: int) -> None:
        """Note a movement; a negative one goes back."""
        if amount < 0:
            src, dst, amount = dst, src, -amount
        if amount == 0 or src == dst:
            return
        self.shifts.append(Shift(unit, src, dst, amount))
        for budget, change in ((src, -amount), (dst, amount)):
            if budget is not None:
                self.left[budget, unit] = self.left.get((budget, unit), 0) + change


def shifts(
    now: Mapping[str, Allocation], wanted: Mapping[str, Allocation], left: Mapping[tuple[str, str], int]
) -> tuple[list[Shift], list[Shortfall]]:
    """What moves between budgets on the way from ``now`` to ``wanted``, and what lacks for it.

    ``left``: the balance of every (budget, unit). A changed allocation moves the difference; a new parent takes over
    what the old one gave; a budget that disappears gives back what is left. All movements of a unit belong into
    one posting: only their sum counts.
    """
    state = Shifting(dict(left))
    for code, goal in wanted.items():
        before = now.get(code, Allocation(goal.parent, {}))
        for unit in sorted({*goal.units, *before.units}):
            given = before.units.get(unit, 0)
            state.move(unit, goal.parent, before.parent, given)
            state.move(unit, goal.parent, code, goal.units.get(unit, 0) - given)
    for code in _deepest_first(now):
        if code not in wanted and not now[code].retired:
            for unit in sorted(now[code].units):
                state.move(unit, code, now[code].parent, state.left.get((code, unit), 0))
    return state.shifts, list(_shortfalls(left, state.left))


def _deepest_first(tree: Mapping[str, Allocation]) -> Sequence[str]:
    return sorted(tree, key=lambda code: len(list(_above(tree, code))), reverse=True)


def _above(tree: Mapping[str, Allocation], code: str) -> Iterator[str]:
    parent = tree[code].parent
    while parent is not None:
        yield parent
        parent = tree[parent].parent


def _shortfalls(before: Mapping[tuple[str, str], int], after: Mapping[tuple[str, str], int]) -> Iterator[Shortfall]:
    for (budget, unit), rest in after.items():
        if rest < 0:
            has = before.get((budget, unit), 0)
            yield Shortfall(budget, unit, has, has - rest)
