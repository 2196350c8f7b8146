"""What is left of budgets."""

from dataclasses import dataclass

from django.db.models import QuerySet

from core.models import Program
from dealers.models import Budget
from ledger.models import POINTS, Account


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """A budget in one unit, in smallest units: ``given`` in all, and what of it is ``left``."""

    budget: Budget
    unit: str
    given: int
    left: int


def budgets_left(program: Program, rows: QuerySet[Budget]) -> list[BudgetLeft]:
    """These of a program's budgets in every unit they were given, the smallest share left first; two queries."""
    budgets = {row.code: row for row in rows.filter(program=program, retired=False)}
    accounts = Account.objects.filter(
        book__program=program, purpose="budget", code__in=[f"budget:{c}" for c in budgets]
    )
    found = [
        BudgetLeft(budget, unit, given, left)
        for code, unit, left in accounts.values_list("code", "book__unit", "balance")
        if (given := _given(budget := budgets[code.removeprefix("budget:")], unit))
    ]
    return sorted(found, key=lambda row: (row.left / row.given, row.budget.code, row.unit))


def _given(budget: Budget, unit: str) -> int:
    return int(budget.points if unit == POINTS else budget.money.get(unit, 0))
