"""What is used of budgets."""

from dataclasses import dataclass

from django.db.models import QuerySet

from core.models import Program
from dealers.models import Budget
from ledger.models import POINTS
from ledger.selectors.days import filled_accounts


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """A budget in one unit, in smallest units: what it holds for itself, used or not, and what of it is ``used``.

    What it passed on to other budgets and to campaigns is theirs.
    """

    budget: Budget
    unit: str
    filled: int
    used: int

    @property
    def share(self) -> float:
        """The part of it that is used."""
        return max(self.used, 0) / self.filled if self.filled > 0 else 0


def budgets_used(program: Program, rows: QuerySet[Budget]) -> list[BudgetUse]:
    """These of a program's budgets in every unit they were given, the largest share used first; two queries."""
    budgets = {f"budget:{row.code}": row for row in rows.filter(program=program, retired=False)}
    found = [
        BudgetUse(budgets[one.code], one.unit, one.filled, one.used)
        for one in (filled_accounts(program.pk) if budgets else ())
        if one.code in budgets and (one.filled or _given(budgets[one.code], one.unit))
    ]
    return sorted(found, key=lambda row: (-row.share, row.budget.code, row.unit))


def _given(budget: Budget, unit: str) -> int:
    return int(budget.points if unit == POINTS else budget.money.get(unit, 0))
