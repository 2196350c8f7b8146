"""Budgets: a tree of allocations, each with a ledger account a unit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from core.models import Program
from core.refusals import FieldError, Invalid
from core.rules.money import decimals, to_text
from dealers.models import Budget
from dealers.rules.budgets import Allocation, Shift, Shortfall, shifts
from ledger.models import POINTS, Account
from ledger.services.accounts import AccountSpec, open_accounts, open_book
from ledger.services.posting import Entry, Movement, lock_shared_accounts, post

MINT = "mint"


def budget_account(code: str) -> str:
    """The code of a budget's account, the same in every book."""
    return f"budget:{code}"


def allocations(program: Program) -> dict[str, Allocation]:
    """What every budget of a program was given in all, retired ones included."""
    rows = Budget.objects.filter(program=program).select_related("parent")
    return {
        row.code: Allocation(
            row.parent.code if row.parent else None, _units(row.points, row.money), retired=row.retired
        )
        for row in rows
    }


def _units(points: int, money: Mapping[str, int]) -> dict[str, int]:
    return {unit: amount for unit, amount in {POINTS: points, **money}.items() if amount}


def plan_budgets(*, program: Program, wanted: Mapping[str, Allocation]) -> tuple[list[Shift], list[Shortfall]]:
    """What would move, and which budgets lack the value for it; nothing changes."""
    limited = Account.objects.filter(book__program=program, purpose="budget", floor__isnull=False)  # others never lack
    rows = limited.values_list("code", "book__unit", "balance")
    left = {(code.removeprefix("budget:"), unit): balance for code, unit, balance in rows}
    return shifts(allocations(program), wanted, left)


@transaction.atomic
def set_budgets(
    *, program: Program, wanted: Mapping[str, Allocation], scopes: Mapping[str, Mapping[str, int | None]], at: datetime
) -> None:
    """Make the tree of budgets what is wanted, and move value so that every budget was given its allocation.

    ``scopes``: for every code ``market_id``, ``region_id`` and ``dealer_id``. Budgets not named give back what is
    left and retire. Raises Invalid, and changes nothing, when a budget has less left than is asked of it.
    """
    list(Budget.objects.filter(program=program).order_by("pk").select_for_update(no_key=True))
    lock_shared_accounts(program)
    moves, lacking = plan_budgets(program=program, wanted=wanted)
    if lacking:
        raise Invalid(
            errors=[FieldError(f"/budgets/{lack.budget}", "invalid", shortfall_text(lack)) for lack in lacking]
        )
    _write_rows(program, wanted, scopes)
    _retire_rows(program, wanted, moves)
    program.refresh_from_db(fields=["revision"])
    for unit in sorted({move.unit for move in moves}):
        _post(program, unit, [move for move in moves if move.unit == unit], at)


def shortfall_text(lack: Shortfall) -> str:
    """A shortfall as a sentence."""
    left, needed = (_shown(amount, lack.unit) for amount in (lack.left, lack.needed))
    return f"{lack.budget} has {left} left, and {needed} would have to go from it"


def _shown(amount: int, unit: str) -> str:
    return f"{amount} points" if unit == POINTS else f"{to_text(amount, unit)} {unit}"


def _post(program: Program, unit: str, moves: Sequence[Shift], at: datetime) -> None:
    """One entry, so that only the sum of all movements must be covered; the revision makes its key new."""
    book = open_book(program=program, unit=unit, scale=0 if unit == POINTS else decimals(unit))
    codes = {code for move in moves for code in (move.src, move.dst) if code is not None}
    specs = [AccountSpec(MINT, "mint"), *(AccountSpec(budget_account(code), "budget") for code in sorted(codes))]
    ids = open_accounts(book=book, specs=specs)
    movements = [Movement(ids[_account(move.src)], ids[_account(move.dst)], move.amount) for move in moves]
    post(book=book, entries=[Entry(f"budgets:{program.revision}", "fund", at, movements)], all_or_nothing=True)


def _account(budget: str | None) -> str:
    return MINT if budget is None else budget_account(budget)


def _write_rows(
    program: Program, wanted: Mapping[str, Allocation], scopes: Mapping[str, Mapping[str, int | None]]
) -> None:
    """Parents before children: one statement a level of the tree."""
    ids: dict[str | None, int | None] = {None: None}
    left = dict(wanted)
    while left:
        level = [code for code, allocation in left.items() if allocation.parent in ids]
        rows = [_row(program, code, left.pop(code), scopes[code], ids) for code in level]
        Budget.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["program", "code"], update_fields=COLUMNS
        )
        ids |= dict(Budget.objects.filter(program=program, code__in=level).values_list("code", "pk"))


COLUMNS = ("parent_id", "points", "money", "market_id", "region_id", "dealer_id", "retired")


def _row(
    program: Program,
    code: str,
    allocation: Allocation,
    scope: Mapping[str, int | None],
    ids: Mapping[str | None, int | None],
) -> Budget:
    money = {unit: amount for unit, amount in allocation.units.items() if unit != POINTS and amount}
    points = allocation.units.get(POINTS, 0)
    return Budget(program=program, code=code, parent_id=ids[allocation.parent], points=points, money=money, **scope)


def _retire_rows(program: Program, wanted: Mapping[str, Allocation], moves: Sequence[Shift]) -> None:
    """What a retired budget keeps as given is what was spent of it."""
    gone = list(Budget.objects.filter(program=program, retired=False).exclude(code__in=wanted))
    for row in gone:
        back = {
            move.unit: move.amount
            for move in moves
            if move.src == row.code and move.unit in _units(row.points, row.money)
        }
        row.points -= back.get(POINTS, 0)
        row.money = {unit: amount - back.get(unit, 0) for unit, amount in row.money.items()}
        row.retired = True
    Budget.objects.bulk_update(gone, ["points", "money", "retired"])
