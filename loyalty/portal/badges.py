"""Badges: earned ones, and those still to earn."""

from typing import Any

from loyalty.portal.base import MemberPage
from loyalty.portal.overview import Overview
from loyalty.portal.shelves import badge_shelf


class BadgesPage(MemberPage):
    """All badges of the program."""

    template_name = "portal/badges/page.html"
    section = "badges"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The shelf."""
        overview = Overview(self.program, self.member, self.at)
        boards = bool(overview.configuration.program.boards)
        return {**super().get_context_data(**kwargs), "badges": badge_shelf(overview), "boards": boards}
