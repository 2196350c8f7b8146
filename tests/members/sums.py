"""Rows of sums as they stand, and as counting day by day gives them."""

from dataclasses import asdict
from datetime import date

from members.models import MemberDay, MemberFacts
from members.rules.windows import DayEntry, Sums
from members.services.rolling import SUMS


def stored_rows() -> dict[int, dict[str, object]]:
    """Every row of sums, by member."""
    columns = (*SUMS, "rolled_on", "last_active_on")
    return {row.pk: {column: getattr(row, column) for column in columns} for row in MemberFacts.objects.all()}


def counted_row(member: int, day: date) -> dict[str, object]:
    """The row of sums as of a day, counted one by one."""
    sums, active = Sums(day), None
    for row in MemberDay.objects.filter(member=member).order_by("day"):
        sums.add(DayEntry(row.day, 0, 0, row.occurrences, row.events, row.amount_minor, row.status_points))
        active = row.day if row.events else active
    totals = asdict(sums)
    return {"rolled_on": totals.pop("day"), "last_active_on": active, **totals}
