"""Conditions in words: what an event or member was, and what it takes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from campaigns.selectors.explanations import FailedLeaf
from campaigns.selectors.names import Names
from loyalty.display import formats
from loyalty.display.fact_words import fact_name
from loyalty.display.value_words import listed, value_words

OPPOSITES = {
    "eq": "ne", "ne": "eq", "gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt", "in": "not_in", "not_in": "in",
    "contains": "lacks", "between": "outside", "exists": "absent",
}  # fmt: skip
MERGED = {"eq", "in"}  # ways of saying which values will do

type Plain = Any  # a fact's value as JSON
type Say = Callable[[Plain], str]


class ConditionWords:
    """Speaks about conditions of one program; ``currency`` is that of the event, ``base`` the program's."""

    def __init__(self, names: Names, *, base: str, currency: str = "") -> None:
        self.names = names
        self.base = base
        self.currency = currency

    def failed(self, leaf: FailedLeaf) -> str:
        """What was, and what it takes."""
        if _is_first(leaf.fact, leaf.op, leaf.value) and not leaf.negated and leaf.actual is not None:
            number = formats.number(leaf.actual)
            return _("it pays for the first time only, and this was number %(number)s") % {"number": number}
        return _("%(fact)s: %(actual)s. It takes %(needed)s.") % {
            "fact": self.name(leaf.fact),
            "actual": self.value(leaf.fact, leaf.actual),
            "needed": self.needed(leaf),
        }

    def needed(self, leaf: FailedLeaf) -> str:
        """What would have held; alternatives on the same fact are told together."""
        if leaf.negated:
            return self.requirement(leaf.fact, OPPOSITES[leaf.op], leaf.value)
        if len(leaf.others) > 1 and all(_says_which(part, leaf.fact) for part in leaf.others):
            values = [value for part in leaf.others for value in _values(part)]
            return self.requirement(leaf.fact, "in", values)
        return self.requirement(leaf.fact, leaf.op, leaf.value)

    def wanted(self, fact: str, op: str, value: Plain) -> str:
        """A leaf as a demand: ``Weekday: Saturday or Sunday``."""
        if _is_first(fact, op, value):
            return _("For the first time")
        return _("%(fact)s: %(needed)s") % {
            "fact": self.name(fact),
            "needed": self.requirement(fact, op, value),
        }

    def name(self, fact: str) -> str:
        """What a fact is called; of amounts, the currency beside the figure says which one is meant."""
        return fact_name("event.amount" if fact == "event.amount_base" else fact, self.names)

    def value(self, fact: str, value: Plain) -> str:
        """A value of a fact."""
        return value_words(fact, value, names=self.names, currency=self.currency, base=self.base)

    def requirement(self, fact: str, op: str, value: Plain) -> str:
        """What an op asks for: ``at least 3``."""
        say: Say = lambda one: self.value(fact, one)  # noqa: E731  # a short name for a short thing
        return REQUIREMENTS[_simplest(op, value)](value, say)


def _is_first(fact: str, op: str, value: Plain) -> bool:
    return (fact, op, value) == ("event.ordinal", "eq", 1)


def _says_which(part: Mapping[str, Any], fact: str) -> bool:
    return part.get("fact") == fact and part.get("op") in MERGED


def _values(part: Mapping[str, Any]) -> Sequence[Any]:
    return part["value"] if part["op"] == "in" else [part["value"]]


def _simplest(op: str, value: object) -> str:
    """``exists: false`` asks for absence, and its opposite for presence."""
    if op in {"exists", "absent"}:
        return "exists" if bool(value) == (op == "exists") else "absent"
    return op


def _one_of(values: Sequence[Any], say: Say) -> str:
    return listed([say(value) for value in values], style="or")


REQUIREMENTS: Mapping[str, Callable[[Any, Say], str]] = {
    "eq": lambda value, say: say(value),
    "ne": lambda value, say: _("anything but %(value)s") % {"value": say(value)},
    "gt": lambda value, say: _("more than %(value)s") % {"value": say(value)},
    "gte": lambda value, say: _("at least %(value)s") % {"value": say(value)},
    "lt": lambda value, say: _("less than %(value)s") % {"value": say(value)},
    "lte": lambda value, say: _("at most %(value)s") % {"value": say(value)},
    "in": _one_of,
    "not_in": lambda value, say: _("anything but %(value)s") % {"value": _one_of(value, say)},
    "contains": lambda value, say: _("“%(value)s” in it") % {"value": say(value)},
    "lacks": lambda value, say: _("no “%(value)s” in it") % {"value": say(value)},
    "between": lambda value, say: _("from %(low)s to %(high)s") % {"low": say(value[0]), "high": say(value[1])},
    "outside": lambda value, say: _("not from %(low)s to %(high)s") % {"low": say(value[0]), "high": say(value[1])},
    "exists": lambda _value, _say: _("any value"),
    "absent": lambda _value, _say: _("no value"),
}
