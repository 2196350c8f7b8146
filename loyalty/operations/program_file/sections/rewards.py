"""Rewards."""

from typing import Any, ClassVar, override

from loyalty.operations.program_file.sections.base import Coded, Item, Writing
from rewards.models import Reward

COLUMNS = ("kind", "category", "brand")


class RewardsSection(Coded[Reward]):
    """``rewards``: what is searched for has columns, the rest is kept as it was written."""

    name: ClassVar = "rewards"
    model = Reward
    texts: ClassVar = ("name", "text", "terms")

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        apart = {"code", *self.texts, *COLUMNS}
        rest = {key: value for key, value in item.items() if key not in apart}
        return {key: item[key] for key in COLUMNS} | {"definition": rest}

    def item(self, row: Reward) -> Item:
        """Entry."""
        return {**row.definition, "kind": row.kind, "category": row.category, "brand": row.brand}
