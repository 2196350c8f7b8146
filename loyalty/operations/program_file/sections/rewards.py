"""Rewards."""

from typing import Any, ClassVar, override

from django.db.models import QuerySet

from core.models import Program
from loyalty.operations.program_file.sections.base import Coded, Item, Writing
from rewards.models import Reward
from rewards.models.categories import Per, Stock


class RewardsSection(Coded[Reward]):
    """``rewards``: those that a file brought. Rewards made by import or by hand are no part of it, and stay."""

    name: ClassVar = "rewards"
    model = Reward
    texts: ClassVar = ("name", "text", "terms")

    @override
    def rows(self, program: Program) -> QuerySet[Reward]:
        """Rows in use that a file brought."""
        return super().rows(program).filter(from_file=True)

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns; ``search`` is made of them."""
        return {**reward_columns(item), "from_file": True, "search": ""}

    def item(self, row: Reward) -> Item:
        """Entry."""
        return {**row.definition, "kind": row.kind, "category": row.category, "brand": row.brand}


def reward_columns(item: Item) -> dict[str, Any]:
    """The columns of a reward that a file describes, besides code and texts."""
    stock, limit = item["stock"], item.get("per_member")
    from_supplier = isinstance(stock, dict)
    return {
        "kind": item["kind"],
        "category": item["category"],
        "brand": item["brand"],
        "markets": item["markets"],
        "points": item.get("points"),
        "denominations": item.get("denominations", []),
        "cost": item.get("cost", {}),
        "tiers": item.get("tiers", []),
        "outlets": item.get("outlets", []),
        "stock": Stock.SUPPLIER if from_supplier else stock,
        "supplier": stock["supplier"] if from_supplier else "",
        "sku": stock["sku"] if from_supplier else "",
        "valid_days": item.get("valid_days"),
        "limit_times": limit["times"] if limit else None,
        "limit_per": limit.get("per", Per.LIFETIME) if limit else "",
        "picture": item.get("image", ""),
    }
