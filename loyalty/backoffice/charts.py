"""Charts as attributes of SVG: where lines and texts stand. Nothing here knows what they mean."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.rules.pace import BAND, Pace, planned
from loyalty.display import formats
from loyalty.display.budget_words import budget_amount

LEFT, RIGHT, TOP, BOTTOM = 64.0, 432.0, 30.0, 238.0  # of a viewBox of 440 by 262
GRID = 3  # steps between nothing and all
MONTHS = 5  # at most so many days named below
CURVE = 60  # points of a line
ROOM = 3.5  # names of days keep this part of the width apart from both ends
NEAR = 90.0  # from the right edge: words stand before their point


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at a place; ``anchor`` as in SVG."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class PaceChart:
    """What was used by day against the plan; lines as paths."""

    rules: Sequence[Mark]
    days: Sequence[Mark]
    band: str
    line: str
    dash: str
    end: Mark | None
    now: Mark
    point: Mark


class _Scale:
    """From days and amounts to places."""

    def __init__(self, first: date, last: date, most: int) -> None:
        self.first, self.span, self.most = first, max((last - first).days, 1), max(most, 1)

    def x(self, day: date) -> float:
        """A day's end."""
        return round(LEFT + (RIGHT - LEFT) * (day - self.first).days / self.span, 1)

    def y(self, amount: float) -> float:
        """An amount."""
        return round(BOTTOM - (BOTTOM - TOP) * min(max(amount / self.most, 0), 1), 1)


def pace_chart(pace: Pace) -> PaceChart:
    """The chart of a budget's pace."""
    first = min(pace.plan.first, pace.points[0].day) - timedelta(1)  # all days end at the place of their name
    scale = _Scale(first, max(pace.plan.last, pace.points[-1].day), max(pace.filled, pace.used))
    last = pace.points[-1]
    used = [(first, 0), *_thinned([(point.day, point.total) for point in pace.points])]
    at = Mark(scale.x(last.day), scale.y(last.total), "")
    return PaceChart(
        rules=[_rule(scale, pace, step) for step in range(GRID + 1)],
        days=list(_days(scale, first, pace)),
        band=_band(scale, pace),
        line=_path([(scale.x(day), scale.y(total)) for day, total in used]),
        dash=_dash(scale, pace, at),
        end=_end(scale, pace),
        now=_now(pace, at),
        point=at,
    )


def _rule(scale: _Scale, pace: Pace, step: int) -> Mark:
    amount = scale.most * step // GRID
    return Mark(LEFT - 8, scale.y(scale.most * step / GRID), formats.compact(amount, pace.unit), "end")


def _days(scale: _Scale, first: date, pace: Pace) -> Sequence[Mark]:
    """First and last day, and months in between where there is room."""
    last = first + timedelta(scale.span)
    begin = first + timedelta(1)
    starts = [day for day in _months(begin, last) if (day - begin).days > scale.span / ROOM]
    room = [day for day in starts if (last - day).days > scale.span / ROOM]
    shown = room[:: max(math.ceil(len(room) / (MONTHS - 2)), 1)]
    ends = [Mark(scale.x(begin), 256, formats.day(begin, short=True), "start")]
    return [
        *ends,
        *(Mark(scale.x(day), 256, formats.day(day, short=True)) for day in shown),
        Mark(RIGHT, 256, formats.day(last, short=True), "end"),
    ]


def _months(first: date, last: date) -> Sequence[date]:
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    return [day for day in days if day.day == 1]


def _band(scale: _Scale, pace: Pace) -> str:
    """The plan, so many per cent more and less."""
    plan = pace.plan
    ends = [plan.first - timedelta(1), *(plan.first + timedelta(plan.days * n // 12 - 1) for n in range(1, 13))]
    even = [(scale.x(day), planned(plan, pace.filled, day)) for day in ends]
    above = [(x, scale.y(amount * (100 + BAND) / 100)) for x, amount in even]
    below = [(x, scale.y(amount * (100 - BAND) / 100)) for x, amount in reversed(even)]
    return f"{_path([*above, *below])}Z"


def _dash(scale: _Scale, pace: Pace, at: Mark) -> str:
    """From now to the end of the budget, or as far as the chart goes."""
    if pace.a_day is None or pace.ends_on is None:
        return ""
    last = scale.first + timedelta(scale.span)
    if pace.ends_on <= last:
        return _path([(at.x, at.y), (scale.x(pace.ends_on), scale.y(pace.filled))])
    days = (last - pace.today).days
    return _path([(at.x, at.y), (RIGHT, scale.y(pace.used + pace.a_day.value * days))])


def _end(scale: _Scale, pace: Pace) -> Mark | None:
    if pace.ends_on is None or not pace.days_early:
        return None
    x = scale.x(pace.ends_on)
    return Mark(x, scale.y(pace.filled), formats.day(pace.ends_on, short=True), "end" if x > RIGHT - NEAR else "middle")


def _now(pace: Pace, at: Mark) -> Mark:
    """What is used by now, beside its point."""
    text = budget_amount(pace.used, pace.unit)
    after = at.x < RIGHT - NEAR - 40
    if after:
        return Mark(at.x + 12, min(at.y + 18, BOTTOM - 4), text, "start")
    return Mark(at.x - 6, at.y - 12, text, "end")  # above: the line comes from below


def _thinned[T](points: Sequence[T]) -> Sequence[T]:
    """No more points than a line shows; the last one stays."""
    step = max(len(points) // CURVE, 1)
    kept = points[::step]
    return kept if kept[-1] == points[-1] else [*kept, points[-1]]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in points)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval on a scale around zero, in a viewBox of 240 by 20."""

    zero: float
    low: float
    high: float
    value: float
    crosses_zero: bool


def interval(*, value: float, low: float, high: float, most: float) -> Interval:
    """Places of an estimate between ``-most`` and ``most``."""

    def place(number: float) -> float:
        return round(120 + 112 * max(min(number / most, 1), -1), 1) if most else 120.0

    return Interval(place(0), place(low), place(high), place(value), low <= 0 <= high)
