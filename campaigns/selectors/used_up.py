"""Which budgets are used up: whatever small rest is left, the next award is not paid of it."""

from collections.abc import Iterable, Mapping

from campaigns.models import BudgetAlert, Campaign
from campaigns.rules.budget_levels import FULL, Told, still_used_up
from core.models import Program
from dealers.models import Budget
from ledger.selectors.days import Filled, filled_accounts


def used_up(program: Program, accounts: Iterable[Filled]) -> set[int]:
    """Those of these accounts that were told of as used up and hold no more since; one query."""
    return _of(_told(program), accounts)


def used_up_names(program: Program) -> list[str]:
    """What people call the budgets that are used up: those of the tree, and those of live campaigns."""
    if not (told := _told(program)):
        return []
    accounts = filled_accounts(program.pk)
    found = _of(told, accounts)
    codes = {one.code for one in accounts if one.account_id in found}
    budgets = Budget.objects.filter(program=program, retired=False).order_by("code").values_list("code", flat=True)
    live = Campaign.objects.filter(program=program, state=Campaign.State.LIVE).order_by("code")
    return [
        *(code for code in budgets if f"budget:{code}" in codes),
        *(row.name for row in live if f"campaign:{row.code}" in codes),
    ]


def _told(program: Program) -> dict[int, Told]:
    rows = BudgetAlert.objects.filter(program=program, level=FULL).order_by("account", "-id").distinct("account")
    return {row.account_id: Told(row.filled, row.used) for row in rows}


def _of(told: Mapping[int, Told], accounts: Iterable[Filled]) -> set[int]:
    return {
        one.account_id
        for one in accounts
        if (then := told.get(one.account_id)) and still_used_up(then, filled=one.filled, used=one.used)
    }
