"""What an event adds to a goal."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from campaigns.rules.amounts import converted
from campaigns.rules.definitions import Goal, Kind
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.goal_windows import period_start
from campaigns.rules.goals import streak_of
from campaigns.rules.state import JudgedEvent, Rates
from members.rules.values import FactValue


def added(goal: Goal, event: JudgedEvent, facts: EventFacts, rates: Rates) -> dict[str, int]:
    """What an event adds to a goal, by key; empty when a fact, an amount or a rate is missing, or is nothing."""
    match goal.kind:
        case Kind.COUNT:
            parts = {"": 1}
        case Kind.SUM:
            parts = {"": _amount(goal, event, rates)}
        case Kind.DISTINCT:
            parts = dict.fromkeys(_texts(facts(goal.fact)), 1)
        case Kind.STREAK:
            parts = {_period_key(goal, event.day): _amount(goal, event, rates) if goal.currency else 1}
        case Kind.LEVEL:
            parts = dict.fromkeys(_texts(facts(goal.by)), _whole(facts(goal.fact)))
    return {key: value for key, value in parts.items() if value > 0}


def _amount(goal: Goal, event: JudgedEvent, rates: Rates) -> int:
    """The event's amount in the goal's currency, rounded half to even where it is converted."""
    if goal.currency == rates.base:
        return event.amount_base or 0
    return round(converted(event, goal.currency, rates) or 0)


def _texts(value: FactValue) -> list[str]:
    """The values of a fact as keys: none, one, or those of a list."""
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Collection):
        return [str(value)]
    return sorted(value)


def _whole(value: FactValue) -> int:
    """A number without its decimals."""
    return int(value) if isinstance(value, int | Decimal) else 0


def _period_key(goal: Goal, day: date) -> str:
    return period_start(streak_of(goal).period, day).isoformat()
