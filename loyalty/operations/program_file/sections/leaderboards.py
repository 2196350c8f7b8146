"""Leaderboards and their contests."""

from typing import Any, ClassVar, override

from campaigns.models import Campaign, Leaderboard
from campaigns.services.contests import open_contests
from loyalty.operations.program_file.planning import Changes
from loyalty.operations.program_file.sections.base import Coded, Item, Writing


class LeaderboardsSection(Coded[Leaderboard]):
    """``leaderboards``."""

    name: ClassVar = "leaderboards"
    model = Leaderboard
    refers: ClassVar = ("campaign",)

    @override
    def apply(self, to: Writing, changes: Changes) -> None:
        """A market that is new opens its contest on the boards that were there before."""
        super().apply(to, changes)
        open_contests(program=to.program, at=to.at)

    @override
    def row(self, item: Item, to: Writing) -> dict[str, Any]:
        """Columns."""
        return {
            "campaign_id": to.id(Campaign, item["campaign"]),
            "by_market": item.get("by_market", False),
            "top": item["top"],
            "settle_hours": item["settle_hours"],
        }

    def item(self, row: Leaderboard) -> Item:
        """Entry."""
        return {
            "campaign": row.campaign.code,
            "by_market": row.by_market,
            "top": row.top,
            "settle_hours": row.settle_hours,
        }
