"""Budgets and the value in them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, override

from core.models import Market, Program, Region
from core.rules.money import to_minor, to_text
from dealers.models import Budget, Dealer
from dealers.rules.budgets import Allocation
from dealers.services.budgets import set_budgets
from loyalty.operations.program_file.planning import Changes
from loyalty.operations.program_file.sections.base import Item, Section, Writing, code_of


class BudgetsSection(Section):
    """``budgets``: the tree is written as a whole, because value moves between its parts."""

    name: ClassVar = "budgets"

    def read(self, program: Program) -> list[Item]:
        """Every budget in use."""
        rows = Budget.objects.filter(program=program, retired=False).order_by("code")
        return [_item(row) for row in rows.select_related("parent", "market", "region", "dealer")]

    def apply(self, to: Writing, changes: Changes) -> None:
        """All at once."""
        if not (changes.written or changes.retire):
            return
        wanted = to.wanted[self.name]
        scopes = {code: _scope(item, to) for code, item in wanted.items()}
        set_budgets(program=to.program, wanted=allocations(wanted), scopes=scopes, at=to.at)

    def write(self, to: Writing, items: dict[str, Item]) -> None:
        """Part of ``apply``."""
        raise NotImplementedError

    @override
    def retire(self, to: Writing, codes: Sequence[str]) -> None:
        """Part of ``apply``."""
        raise NotImplementedError


def allocations(items: Mapping[str, Item]) -> dict[str, Allocation]:
    """What entries say that budgets are given."""
    return {code: Allocation(item.get("parent"), _units(item)) for code, item in items.items()}


def _units(item: Item) -> dict[str, int]:
    money = {currency: to_minor(Decimal(amount), currency) for currency, amount in item.get("money", {}).items()}
    return {unit: amount for unit, amount in {"points": item.get("points", 0), **money}.items() if amount}


def _scope(item: Item, to: Writing) -> dict[str, int | None]:
    return {
        "market_id": to.id(Market, item.get("market")),
        "region_id": to.id(Region, item.get("region")),
        "dealer_id": to.id(Dealer, item.get("dealer")),
    }


def _item(row: Budget) -> dict[str, Any]:
    return {
        "code": row.code,
        "parent": code_of(row.parent),
        "market": code_of(row.market),
        "region": code_of(row.region),
        "dealer": code_of(row.dealer),
        "points": row.points,
        "money": {currency: to_text(amount, currency) for currency, amount in row.money.items() if amount},
    }
