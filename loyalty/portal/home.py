"""Home: what a member has, what it is worth and what to do next, at one glance."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from campaigns.selectors.activity import latest_activity
from loyalty.display.notices import in_words
from loyalty.portal.base import MemberPage
from loyalty.portal.challenges import challenges
from loyalty.portal.landing import LandingPage
from loyalty.portal.overview import Overview
from loyalty.portal.rows import activity_row
from loyalty.portal.shelves import badge_shelf, merchant_card, vehicle_shelf
from loyalty.portal.steps import step_card
from loyalty.portal.tier_track import tier_track
from members.selectors.notices import read_notices

LATEST = 5
NEWEST = 2


class HomePage(MemberPage):
    """Home for members; everybody else is invited."""

    template_name = "portal/home/page.html"
    section = "home"

    def send_away(self, request: HttpRequest) -> HttpResponseBase:
        """Strangers see what the program is; who has several memberships chooses one."""
        if request.user.is_authenticated:
            return super().send_away(request)
        return LandingPage.as_view()(request, program=self.program.code)

    @cached_property
    def overview(self) -> Overview:
        """What is known of the member."""
        return Overview(self.program, self.member, self.at)

    def unread(self) -> int:
        """As the glance says."""
        return self.overview.glance.unread

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything on the page."""
        overview = self.overview
        latest = latest_activity(program=self.program, member=self.member, limit=LATEST)
        newest = read_notices(member=self.member, limit=NEWEST).items if overview.glance.unread else []
        fresh = [notice for notice in newest if notice.read_at is None]
        return {
            **super().get_context_data(**kwargs),
            "holdings": overview.holdings,
            "track": tier_track(overview),
            "step": step_card(overview),
            "challenges": challenges(overview),
            "latest": [activity_row(row, overview.names, overview.today) for row in latest],
            "badges": badge_shelf(overview),
            "vehicles": vehicle_shelf(overview),
            "merchant": merchant_card(overview),
            "notices": in_words(program=self.program, notices=fresh, tiers=overview.names.tiers),
        }
