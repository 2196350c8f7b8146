"""Stored goals become the frozen objects of ``definitions``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from campaigns.rules.definitions import Goal, Kind, Period, Streak, Window
from core.rules.money import to_minor

type Plain = Mapping[str, Any]


def read_goal(plain: Plain, base: str) -> Goal:
    """A goal without its milestones; ``base`` is the currency of sums in the program's own."""
    kind = next(kind for kind in Kind if kind in plain)
    value = plain[kind]
    currency = _currency(kind, value, base)
    goal_window = window(plain["window"])
    fact = value if kind in {Kind.DISTINCT, Kind.LEVEL} else ""
    by = plain.get("by", "")
    return Goal(
        goal_id=0,
        measure="/".join([_measure(kind, value, currency or fact), *([by] if by else []), _window_name(goal_window)]),
        kind=kind,
        window=goal_window,
        repeat=bool(plain.get("repeat")),
        milestones=(),
        currency=currency,
        fact=fact,
        by=by,
        streak=_streak(value, currency) if kind is Kind.STREAK else None,
    )


def _currency(kind: Kind, value: Any, base: str) -> str:  # noqa: ANN401  # any goal's own part
    if kind is Kind.SUM:
        return base if value == "base" else str(value["currency"])
    return str(value["amount"]["currency"]) if kind is Kind.STREAK and value.get("amount") else ""


def _streak(value: Plain, currency: str) -> Streak:
    amount = value.get("amount")
    need = to_minor(Decimal(amount["value"]), currency) if amount else value["count"]
    return Streak(Period(value["period"]), need, value.get("freezes") or 0)


def _measure(kind: Kind, value: Any, of: str) -> str:  # noqa: ANN401  # any goal's own part
    """What is added up, without what may change from version to version: how much is needed, what is given."""
    parts = [kind.value, *([value["period"]] if kind is Kind.STREAK else []), *([of] if of else [])]
    return ":".join(parts)


def window(value: str | Plain) -> Window:
    """Over what a goal adds up. An offer's own window comes with offers: until then nothing reaches its rules."""
    if isinstance(value, str):
        return Window(period=Period(value)) if value in set(Period) else Window()
    return Window(rolling_days=value.get("rolling_days"), enrolled_hours=value.get("since_enrolled_hours"))


def _window_name(value: Window) -> str:
    """How long a window is may change from version to version, what kind it is may not."""
    if value.rolling_days:
        return "rolling"
    return "enrolled" if value.enrolled_hours else value.period or "campaign"
