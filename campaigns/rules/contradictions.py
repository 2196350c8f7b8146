"""Conditions that nothing can ever meet, where that can be told from what is written."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from members.rules.conditions import All, AnyOf, Condition, Leaf, Op


def impossible(condition: Condition, given: tuple[Leaf, ...] = ()) -> Leaf | None:
    """The leaf that contradicts what stands beside it; None when none was found. ``not`` is not looked into."""
    leaves, groups = _flat(condition)
    known = list(given)
    for leaf in leaves:
        known.append(leaf)
        if _contradicts(one for one in known if one.fact == leaf.fact):
            return leaf
    for group in groups:
        found = [impossible(part, tuple(known)) for part in group.parts]
        if all(found):
            return found[0]
    return None


def _flat(condition: Condition) -> tuple[list[Leaf], list[AnyOf]]:
    """What must hold all at once: leaves, and groups of which one part must."""
    match condition:
        case Leaf():
            return [condition], []
        case AnyOf():
            return [], [condition]
        case All(parts):
            flat = [_flat(part) for part in parts]
            return [leaf for leaves, _ in flat for leaf in leaves], [group for _, groups in flat for group in groups]
    return [], []


@dataclass
class _Room:
    """What is left to one fact."""

    allowed: set[Any] | None = None
    banned: set[Any] = field(default_factory=set)
    low: tuple[Any, bool] | None = None  # and whether the value itself is out
    high: tuple[Any, bool] | None = None

    def allow(self, values: Iterable[Any]) -> None:
        self.allowed = set(values) if self.allowed is None else self.allowed & set(values)

    def above(self, value: Any, *, out: bool) -> None:  # noqa: ANN401  # numbers or dates
        self.low = max(self.low or (value, out), (value, out))

    def below(self, value: Any, *, out: bool) -> None:  # noqa: ANN401
        if self.high is None or (value, not out) < (self.high[0], not self.high[1]):
            self.high = (value, out)

    def fits(self, value: Any) -> bool:  # noqa: ANN401
        if value in self.banned:
            return False
        if self.low and (value < self.low[0] or (self.low[1] and value == self.low[0])):
            return False
        return not (self.high and (value > self.high[0] or (self.high[1] and value == self.high[0])))

    def is_empty(self) -> bool:
        if self.allowed is not None:
            return not any(self.fits(value) for value in self.allowed)
        if self.low is None or self.high is None:
            return False
        return self.low[0] > self.high[0] or (self.low[0] == self.high[0] and not self.fits(self.low[0]))


def _contradicts(leaves: Iterable[Leaf]) -> bool:
    """Whether no value of their one fact meets all the leaves."""
    room, exists = _Room(), set()
    for leaf in leaves:
        exists.add(leaf.value if leaf.op is Op.EXISTS else True)
        _take(room, leaf)
    return len(exists) > 1 or room.is_empty()


def _take(room: _Room, leaf: Leaf) -> None:
    value: Any = leaf.value
    match leaf.op:
        case Op.EQ:
            room.allow([value])
        case Op.IN:
            room.allow(value)
        case Op.NE:
            room.banned.add(value)
        case Op.NOT_IN:
            room.banned.update(value)
        case Op.GT | Op.GTE:
            room.above(value, out=leaf.op is Op.GT)
        case Op.LT | Op.LTE:
            room.below(value, out=leaf.op is Op.LT)
        case Op.BETWEEN:
            room.above(value[0], out=False)
            room.below(value[1], out=False)
