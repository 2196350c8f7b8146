"""Home: what a member has, what it is worth and what to do next, at one glance."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from campaigns.selectors.activity import latest_activity
from loyalty.display.notices import in_words
from loyalty.portal.base import MemberPage
from loyalty.portal.boards import board_cards
from loyalty.portal.challenges import challenges
from loyalty.portal.landing import LandingPage
from loyalty.portal.offers import mark_shown, offer_cards
from loyalty.portal.overview import Overview
from loyalty.portal.rows import activity_row, redeeming_journals
from loyalty.portal.shelves import badge_shelf, merchant_card, vehicle_shelf
from loyalty.portal.steps import step_card
from loyalty.portal.tier_track import tier_track
from loyalty.portal.vouchers import ticket
from rewards.selectors.receipts import receipts_of_journals
from rewards.selectors.vouchers import ready_vouchers

CHALLENGES = 3
LATEST = 5
OFFERS = 2
CONTESTS = 3
VOUCHERS = 3


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
        offers = [card for card in offer_cards(overview) if not card.is_done][:OFFERS]
        mark_shown(overview, offers)
        goals = challenges(overview)
        latest = latest_activity(program=self.program, member=self.member, limit=LATEST)
        receipts = receipts_of_journals(redeeming_journals(latest))
        held = ready_vouchers(member=self.member, at=self.at, limit=VOUCHERS) if overview.glance.holds_vouchers else []
        return {
            **super().get_context_data(**kwargs),
            "holdings": overview.holdings,
            "track": tier_track(overview),
            "step": step_card(overview),
            "invites": overview.configuration.referral is not None,
            "challenges": goals[:CHALLENGES],
            "more_challenges": len(goals) > CHALLENGES,
            "offers": offers,
            "latest": [activity_row(row, overview.names, overview.today, (), receipts) for row in latest],
            "badges": badge_shelf(overview),
            "boards": board_cards(self.member, self.at, current=True)[:CONTESTS],
            "vouchers": [ticket(one, overview.today) for one in held],
            "vehicles": vehicle_shelf(overview),
            "merchant": merchant_card(overview),
            "notices": in_words(member=self.member, notices=overview.glance.news, tiers=overview.names.tiers),
        }
