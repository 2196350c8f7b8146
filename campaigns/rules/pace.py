"""How fast a budget is used, and when it ends at this speed. Pure Python.

Method: the mean of what was used on each of the last 14 whole days (of fewer, where the budget is younger), net of what
came back; its 95 % interval by Student's t gives the earliest and the latest day. The plan is even spending from the
first to the last day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.rules.estimates import Estimate, mean_of

DAYS = 14  # whole days whose mean is the speed
LEAST = 3  # of which a speed is made
BAND = 10  # per cent around the plan that are still as planned
FAR = 3650  # days: what lasts longer has no day of exhaustion


@dataclass(frozen=True, slots=True)
class Plan:
    """The days over which a budget is to last, both in."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Point:
    """A day: what was used on it, all used by its end, and what the plan had used by then; smallest units."""

    day: date
    used: int
    total: int
    planned: int


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a budget stands at a moment, in smallest units of ``unit``.

    ``granted``: all it was given. ``passed_on``: what of it went to other budgets and campaigns. ``ends_on``: when it
    is used up at this speed, between ``earliest`` and ``latest``; None = not in sight. ``days_early``: before the
    last day of the plan. ``refuses``: it did not pay an award and holds no more than then.
    """

    unit: str
    plan: Plan
    granted: int
    passed_on: int
    used: int
    left: int
    today: date
    points: tuple[Point, ...]
    a_day: Estimate | None
    ends_on: date | None
    earliest: date | None
    latest: date | None
    refuses: bool = False

    @property
    def filled(self) -> int:
        """What the budget holds for itself, used or not."""
        return self.used + self.left

    @property
    def days_early(self) -> int:
        """Days between its end and that of the plan; 0 = it lasts."""
        return max((self.plan.last - self.ends_on).days, 0) if self.ends_on else 0

    @property
    def verdict(self) -> str:
        """``empty`` (never filled), ``exhausted``, ``unused``, ``too-early``, ``ends-early`` or ``lasts``."""
        if self.filled <= 0:
            return "empty"
        if self.left <= 0 or self.refuses:
            return "exhausted"
        if self.a_day is None:
            return "too-early" if self.used else "unused"
        return "ends-early" if self.days_early else "lasts"


def pace(  # what is known of a budget
    *,
    unit: str,
    plan: Plan,
    granted: int,
    used: int,
    left: int,
    by_day: Mapping[date, int],
    today: date,
    refuses: bool = False,
) -> Pace:
    """Where a budget stands. ``by_day``: what was used on each day, net of what came back to it that day."""
    speed = _speed(by_day, today) if used > 0 and left > 0 and not refuses else None
    ends_on = _ends(today, left, speed.value) if speed else None
    return Pace(
        unit=unit,
        plan=plan,
        granted=granted,
        passed_on=granted - used - left,
        used=used,
        left=left,
        today=today,
        points=tuple(_points(plan, used + left, by_day, today)),
        a_day=speed,
        ends_on=ends_on,
        earliest=_ends(today, left, speed.high) if speed else None,
        latest=_ends(today, left, speed.low) if speed else None,
        refuses=refuses,
    )


def _speed(by_day: Mapping[date, int], today: date) -> Estimate | None:
    """Of the last whole days since the first use; today is not over."""
    past = [day for day in by_day if day < today]
    if not past:
        return None
    count = min(DAYS, (today - min(past)).days)
    days = [today - timedelta(back) for back in range(1, count + 1)]
    return mean_of([by_day.get(day, 0) for day in days]) if count >= LEAST else None


def _ends(today: date, left: int, a_day: float) -> date | None:
    """The day on which what is left has gone, counting from today."""
    if a_day <= 0 or left / a_day > FAR:
        return None
    return today + timedelta(int(left / a_day))


def _points(plan: Plan, filled: int, by_day: Mapping[date, int], today: date) -> Sequence[Point]:
    """Every day from the plan's first, or an earlier use, to today or the plan's last."""
    first = min([plan.first, *by_day])
    last = max([min(today, plan.last), *by_day])
    points, total = [], 0
    for back in range((last - first).days + 1):
        day = first + timedelta(back)
        total += by_day.get(day, 0)
        points.append(Point(day, by_day.get(day, 0), total, planned(plan, filled, day)))
    return points


def planned(plan: Plan, filled: int, day: date) -> int:
    """What even spending has used by the end of a day."""
    gone = min(max((day - plan.first).days + 1, 0), plan.days)
    return filled * gone // plan.days
