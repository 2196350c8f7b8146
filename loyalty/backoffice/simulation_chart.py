"""The chart of a simulation: points by day, in the simulation and as it was, as attributes of SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loyalty.backoffice.charts import BOTTOM, LEFT, RIGHT, TOP, Mark
from loyalty.display import formats

GRID = 3  # steps between nothing and all


@dataclass(frozen=True, slots=True)
class DayChart:
    """Two lines over days; ``rules`` and ``days`` are the words beside them."""

    rules: Sequence[Mark]
    days: Sequence[Mark]
    simulated: str
    live: str


def day_chart(rows: Sequence[Mapping[str, Any]]) -> DayChart:
    """The chart of rows by day, oldest first."""
    days = [date.fromisoformat(row["day"]) for row in rows]
    most = max((max(row[side]["points"] for side in ("simulated", "live")) for row in rows), default=0) or 1
    span = max((days[-1] - days[0]).days, 1) if days else 1

    def x(day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - days[0]).days / span, 1)

    def y(points: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(max(points / most, 0), 1), 1)

    def line(side: str) -> str:
        places = [(x(day), y(row[side]["points"])) for day, row in zip(days, rows, strict=True)]
        return "M" + " L".join(f"{left} {top}" for left, top in places) if places else ""

    steps = [Mark(LEFT - 8, y(most * n / GRID), formats.number(most * n // GRID), "end") for n in range(GRID + 1)]
    ends = [Mark(LEFT, 256, formats.day(days[0], short=True), "start")] if days else []
    if len(days) > 1:
        ends.append(Mark(RIGHT, 256, formats.day(days[-1], short=True), "end"))
    return DayChart(steps, ends, line("simulated"), line("live"))
