"""Conditions: trees of ``all``, ``any``, ``not`` and leaves ``{fact, op, value}``.

``parse`` turns what a person wrote into frozen nodes, or names everything that is wrong with it;
``dump`` gives the tree back. What a tree means stands in ``docs/conditions.md``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeGuard

from members.rules.catalogue import Catalogue, FactType, Kind
from members.rules.values import Value, WrongValue, close_to, quoted, read_value, show_value


class Op(StrEnum):
    """How a leaf compares its fact with its value."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    BETWEEN = "between"
    EXISTS = "exists"


_NAMED = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.EXISTS})
_ORDERED = _NAMED | {Op.GT, Op.GTE, Op.LT, Op.LTE, Op.BETWEEN}
OPS: Mapping[Kind, frozenset[Op]] = {
    Kind.TEXT: _NAMED | {Op.CONTAINS},
    Kind.CHOICE: _NAMED,
    Kind.INTEGER: _ORDERED,
    Kind.AMOUNT: _ORDERED,
    Kind.DATE: _ORDERED,
    Kind.BOOLEAN: frozenset({Op.EQ, Op.NE, Op.EXISTS}),
    Kind.LIST: frozenset({Op.CONTAINS, Op.EXISTS}),
}
MOST_DEPTH = 30
MOST_LEAVES = 500


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison. ``path`` is its place in the tree (``all[1]``), ``index`` its number in file order."""

    fact: str
    op: Op
    value: Value | tuple[Value, ...]
    type: FactType
    path: str
    index: int


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false."""

    part: "Condition"


type Condition = Leaf | All | AnyOf | Not


class ConditionError(ValueError):
    """A tree is not a condition. ``errors`` holds every (path, sentence); the root's path is empty."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path or 'condition'}: {message}" for path, message in errors))
        self.errors = tuple(errors)


def parse(tree: object, *, catalogue: Catalogue, event_type: str | None = None, member_only: bool = False) -> Condition:
    """Read a condition from JSON or YAML.

    ``event_type`` is the type that a rule listens to: it says which ``event.data.NAME`` exist.
    With ``member_only`` (audiences, segments, journeys) no ``event.*`` fact may be named.
    Raises ConditionError with all that is wrong.
    """
    reader = _Reader(catalogue, event_type, member_only=member_only)
    condition = reader.attempt(reader.node, tree, "", 1)
    if reader.errors or condition is None:
        raise ConditionError(reader.errors)
    return condition


def dump(condition: Condition) -> dict[str, object]:
    """The tree of a condition, as JSON; parsing it gives the same condition."""
    match condition:
        case All(parts):
            return {"all": [dump(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [dump(part) for part in parts]}
        case Not(part):
            return {"not": dump(part)}
        case Leaf(fact, op):
            return {"fact": fact, "op": op.value, "value": shown_value(condition)}


def shown_value(leaf: Leaf) -> object:
    """The value of a leaf as it is written in a file."""
    if isinstance(leaf.value, tuple):
        return [show_value(value, leaf.type) for value in leaf.value]
    return show_value(leaf.value, leaf.type)


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf, in file order."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Leaf():
            yield condition


def leaf_at(condition: Condition, index: int) -> Leaf:
    """The leaf with this number; a trace keeps (number, actual value) only."""
    return tuple(leaves(condition))[index]


class _Wrong(Exception):
    """One error at one place of the tree."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


class _Reader:
    """One reading of one tree: goes on after an error, so that all are named at once."""

    def __init__(self, catalogue: Catalogue, event_type: str | None, *, member_only: bool) -> None:
        self.catalogue = catalogue
        self.event_type = event_type
        self.member_only = member_only
        self.errors: list[tuple[str, str]] = []
        self.leaves = 0

    def attempt[**P, T](self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return read(*args, **kwargs)
        except _Wrong as wrong:
            self.errors.append((wrong.path, str(wrong)))
            return None

    def node(self, tree: object, path: str, depth: int) -> Condition | None:
        if not isinstance(tree, Mapping):
            raise _Wrong(path, "a condition is an object: all, any, not, or fact, op and value")
        if depth > MOST_DEPTH:
            raise _Wrong(path, f"conditions are nested deeper than {MOST_DEPTH}")
        groups = tree.keys() & {"all", "any", "not"}
        if not groups:
            return self.leaf(tree, path)
        if len(tree) > 1:
            keys = " and ".join(str(key) for key in tree)
            raise _Wrong(path, f"exactly one of all, any, not, or a fact stands in one place, not {keys}")
        ((key, inner),) = tree.items()
        if key == "not":
            part = self.attempt(self.node, inner, _join(path, "not"), depth + 1)
            return None if part is None else Not(part)
        return self.group(str(key), inner, _join(path, str(key)), depth)

    def group(self, key: str, inner: object, path: str, depth: int) -> Condition:
        if not _is_list(inner) or not inner:
            raise _Wrong(path, f"{key} takes a list with at least one condition")
        parts = [self.attempt(self.node, part, f"{path}[{number}]", depth + 1) for number, part in enumerate(inner)]
        good = tuple(part for part in parts if part is not None)
        return All(good) if key == "all" else AnyOf(good)

    def leaf(self, tree: Mapping[object, object], path: str) -> Leaf | None:
        index = self.count_leaf(path)
        self.check_keys(tree, path)
        fact = self.attempt(self.fact, tree["fact"], _join(path, "fact")) if "fact" in tree else None
        op = self.attempt(self.op, tree["op"], fact, _join(path, "op")) if "op" in tree else None
        if fact is None or op is None or "value" not in tree:
            return None
        value = self.attempt(self.value, tree["value"], op, fact, _join(path, "value"))
        return None if value is None else Leaf(str(tree["fact"]), op, value, fact, path, index)

    def count_leaf(self, path: str) -> int:
        if self.leaves == MOST_LEAVES:
            raise _Wrong(path, f"a condition has at most {MOST_LEAVES} leaves")
        self.leaves += 1
        return self.leaves - 1

    def check_keys(self, tree: Mapping[object, object], path: str) -> None:
        unknown = [str(key) for key in tree if key not in _LEAF_KEYS]
        self.errors += [(_join(path, key), f"unknown key{close_to(key, _KEYS)}") for key in unknown]
        self.errors += [(_join(path, key), f"{key} is missing") for key in _LEAF_KEYS if key not in tree]

    def fact(self, name: object, path: str) -> FactType:
        if not isinstance(name, str):
            raise _Wrong(path, "a fact is named by a text")
        if self.member_only and name.startswith("event."):
            raise _Wrong(path, f"{quoted(name)} is known only while an event is judged: name member facts here")
        found = self.catalogue.lookup(name, self.event_type)
        if found is None:
            known = self.catalogue.names(self.event_type, member_only=self.member_only)
            raise _Wrong(path, f"unknown fact {quoted(name)}{close_to(name, known)}")
        return found

    def op(self, name: object, fact: FactType | None, path: str) -> Op:
        if not isinstance(name, str) or name not in Op:
            raise _Wrong(path, f"unknown op {quoted(name)}: it is one of {', '.join(Op)}")
        if fact is not None and name not in OPS[fact.kind]:
            fitting = ", ".join(op for op in Op if op in OPS[fact.kind])
            raise _Wrong(path, f"{name} does not fit a fact of type {fact.kind}: it takes {fitting}")
        return Op(name)

    def value(self, value: object, op: Op, fact: FactType, path: str) -> Value | tuple[Value, ...]:
        if op is Op.EXISTS:
            return _one(value, FactType(Kind.BOOLEAN), path)
        if op is Op.BETWEEN:
            return self.span(value, fact, path)
        return self.many(value, op, fact, path) if op in {Op.IN, Op.NOT_IN} else _one(value, fact, path)

    def many(self, values: object, op: Op, fact: FactType, path: str) -> tuple[Value, ...]:
        if not _is_list(values) or not values:
            raise _Wrong(path, f"{op} takes a list with at least one value")
        read = [self.attempt(_one, value, fact, f"{path}[{number}]") for number, value in enumerate(values)]
        return tuple(value for value in read if value is not None)

    def span(self, value: object, fact: FactType, path: str) -> tuple[Value, ...]:
        if not _is_list(value) or len(value) != len(("low", "high")):
            raise _Wrong(path, "between takes [low, high]")
        read = self.many(value, Op.BETWEEN, fact, path)
        if len(read) == len(value) and read[0] > read[1]:  # type: ignore[operator]  # both of one ordered kind
            raise _Wrong(path, "between takes [low, high]: here the first is the larger one")
        return read


_LEAF_KEYS = ("fact", "op", "value")
_KEYS = ("all", "any", "not", *_LEAF_KEYS)


def _one(value: object, fact: FactType, path: str) -> Value:
    try:
        return read_value(value, fact)
    except WrongValue as wrong:
        raise _Wrong(path, str(wrong)) from None


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
