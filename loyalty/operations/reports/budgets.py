"""The report of budgets: what each was given, used and has left, and when it ends at this speed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Campaign
from campaigns.rules.estimates import Estimate
from campaigns.rules.pace import DAYS, Pace
from campaigns.selectors.pace import BudgetPace, budget_paces
from core.models import Program
from core.rules.money import to_text
from dealers.models import Budget
from ledger.models import POINTS
from loyalty.operations.reports.tables import Report

COLUMNS = (
    "kind", "code", "name", "parent", "unit", "granted", "passed_on", "used", "left", "used_percent", "first", "last",
    "a_day", "a_day_low", "a_day_high", "ends_on", "earliest", "latest", "days_early", "verdict",
)  # fmt: skip
IN_PERIOD = "used_in_period"  # the column besides, where a period is asked for
DAY_COLUMNS = ("day", "used", "total", "planned")


@dataclass(frozen=True, slots=True)
class Period:
    """Accounting days from ``since`` on and before ``until``; None = open on that side."""

    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return bool(self.since or self.until)

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


ALWAYS = Period()


def budgets_report(
    *,
    program: Program,
    at: datetime,
    budgets: QuerySet[Budget] | None = None,
    campaigns: QuerySet[Campaign] | None = None,
    period: Period = ALWAYS,
) -> Report:
    """Every budget in every unit, or these; amounts of points are numbers, of money decimal text.

    With a ``period`` each says besides what was used in it, net of returns; all else is as of now.
    """
    found = budget_paces(
        program=program,
        budgets=Budget.objects.all() if budgets is None else budgets,
        campaigns=Campaign.objects.filter(program=program) if campaigns is None else campaigns,
        at=at,
    )
    return report_of(program, found, at, period)


def report_of(program: Program, found: Sequence[BudgetPace], at: datetime, period: Period = ALWAYS) -> Report:
    """The report of paces that were read already."""
    if not period:
        return Report("budgets", program.code, at, COLUMNS, [_row(one) for one in found], {"speed_days": DAYS})
    rows = [_row(one) | {IN_PERIOD: _used_in(one.pace, period)} for one in found]
    more = {"speed_days": DAYS, "from": _day(period.since), "to": _day(period.until)}
    return Report("budgets", program.code, at, (*COLUMNS, IN_PERIOD), rows, more)


def _used_in(pace: Pace, period: Period) -> int | str:
    return plain(sum(point.used for point in pace.points if period.holds(point.day)), pace.unit)


def _row(one: BudgetPace) -> dict[str, Any]:
    pace = one.pace
    return {
        "kind": one.kind,
        "code": one.row.code,
        "name": one.name,
        "parent": one.parent or None,
        "unit": pace.unit,
        **{name: plain(getattr(pace, name), pace.unit) for name in ("granted", "passed_on", "used", "left")},
        "used_percent": used_percent(pace),
        "first": pace.plan.first.isoformat(),
        "last": pace.plan.last.isoformat(),
        **_speed(pace.a_day, pace.unit),
        **{name: _day(getattr(pace, name)) for name in ("ends_on", "earliest", "latest")},
        "days_early": pace.days_early,
        "verdict": pace.verdict,
    }


def used_percent(pace: Pace) -> int:
    """Whole per cent of what the budget holds for itself that are used, rounded down."""
    return max(pace.used, 0) * 100 // pace.filled if pace.filled > 0 else 0


def _speed(speed: Estimate | None, unit: str) -> Mapping[str, Any]:
    names = {"a_day": "value", "a_day_low": "low", "a_day_high": "high"}
    return {name: plain(round(getattr(speed, of)), unit) if speed else None for name, of in names.items()}


def plain(amount: int, unit: str) -> int | str:
    """Points as a number, money as decimal text."""
    return amount if unit == POINTS else to_text(amount, unit)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def day_rows(pace: Pace) -> list[list[object]]:
    """A line a day: what was used on it, in all, and what the plan had used by then."""
    return [
        [point.day.isoformat(), *(plain(value, pace.unit) for value in (point.used, point.total, point.planned))]
        for point in pace.points
    ]
