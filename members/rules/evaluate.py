"""Conditions as Python functions: compiled once per rule, called for every event.

A fact without a value makes its leaf false, whatever the op, except ``exists``; ``not`` negates the result.
"""

import operator
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, NamedTuple, cast

from members.rules.catalogue import Kind
from members.rules.conditions import All, AnyOf, Condition, Leaf, Not, Op, leaves, shown_value
from members.rules.values import FactValue, Value

# Asked only for the facts that decide; None = the fact has no value.
type Facts = Callable[[str], FactValue]


class Failed(NamedTuple):
    """The leaf that made a condition false, and what its fact was. ``leaf`` is its number: ``leaf_at``."""

    path: str
    fact: str
    op: str
    value: object
    actual: FactValue
    leaf: int


type Check = Callable[[Facts], Failed | None]


def compile_python(condition: Condition, prefix: str = "when") -> Check:
    """A function of the facts: None when the condition is true, else its first false leaf in file order.

    Of an ``any`` that is the first of its leaves, of a ``not`` the first leaf inside. ``prefix`` is where the
    condition stands in its rule or campaign.
    """
    match condition:
        case All(parts):
            return _all([compile_python(part, prefix) for part in parts])
        case AnyOf(parts):
            return _any([compile_python(part, prefix) for part in parts])
        case Not(part):
            return _not(compile_python(part, prefix), next(leaves(part)), prefix)
        case Leaf():
            return _leaf(condition, prefix)


def facts_of(condition: Condition) -> frozenset[str]:
    """The facts that a condition may ask for."""
    return frozenset(leaf.fact for leaf in leaves(condition))


def fold(text: str) -> str:
    """A text as ``contains`` sees it: each letter in lower case alone, as PostgreSQL's ``lower`` does."""
    return text.lower() if text.isascii() else "".join(letter.lower()[0] for letter in text)


def _all(checks: list[Check]) -> Check:
    def check(facts: Facts) -> Failed | None:
        for part in checks:
            failed = part(facts)
            if failed is not None:
                return failed
        return None

    return check


def _any(checks: list[Check]) -> Check:
    def check(facts: Facts) -> Failed | None:
        first: Failed | None = None
        for part in checks:
            failed = part(facts)
            if failed is None:
                return None
            first = first or failed
        return first

    return check


def _not(inner: Check, leaf: Leaf, prefix: str) -> Check:
    fact, failed_with = leaf.fact, _failure(leaf, prefix)

    def check(facts: Facts) -> Failed | None:
        return failed_with(facts(fact)) if inner(facts) is None else None

    return check


def _leaf(leaf: Leaf, prefix: str) -> Check:
    fact, holds, failed_with = leaf.fact, _holds(leaf), _failure(leaf, prefix)

    def check(facts: Facts) -> Failed | None:
        actual = facts(fact)
        return None if holds(actual) else failed_with(actual)

    def check_present(facts: Facts) -> Failed | None:
        actual = facts(fact)
        return None if actual is not None and holds(actual) else failed_with(actual)

    return check if leaf.op is Op.EXISTS else check_present


def _failure(leaf: Leaf, prefix: str) -> Callable[[FactValue], Failed]:
    path = f"{prefix}.{leaf.path}" if leaf.path else prefix
    fact, op, value, index = leaf.fact, leaf.op.value, shown_value(leaf), leaf.index
    return lambda actual: Failed(path, fact, op, value, actual, index)


def _holds(leaf: Leaf) -> Callable[[Any], bool]:
    """The comparison alone; all but ``exists`` are asked for present values only."""
    match leaf.op:
        case Op.EXISTS:
            # A list without elements is a fact without a value.
            return _is_present if leaf.value else _is_absent
        case Op.IN | Op.NOT_IN:
            return _membership(leaf)
        case Op.BETWEEN:
            return _between(*leaf.value)  # type: ignore[misc]  # parsed as [low, high]
        case Op.CONTAINS:
            return _contains(leaf)
        case op:
            return partial(_SEEN_FROM_VALUE[op], leaf.value)


# ``actual > value`` asked from the value's side, so that the comparison runs without a Python frame.
_SEEN_FROM_VALUE: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.GT: operator.lt,
    Op.GTE: operator.le,
    Op.LT: operator.gt,
    Op.LTE: operator.ge,
}


def _is_present(actual: FactValue) -> bool:
    return actual is not None and (not isinstance(actual, Collection) or bool(actual))


def _is_absent(actual: FactValue) -> bool:
    return not _is_present(actual)


def _membership(leaf: Leaf) -> Callable[[Any], bool]:
    values = frozenset(cast(tuple[Value, ...], leaf.value))
    if leaf.op is Op.IN:
        return values.__contains__
    return lambda actual: actual not in values


def _between(low: Any, high: Any) -> Callable[[Any], bool]:  # noqa: ANN401  # numbers or dates alike
    return lambda actual: low <= actual <= high


def _contains(leaf: Leaf) -> Callable[[Any], bool]:
    wanted = str(leaf.value)
    if leaf.type.kind is Kind.LIST:
        return lambda actual: wanted in actual
    folded = fold(wanted)
    return lambda actual: folded in fold(actual)
