"""Tier: where a member stands on the ladder, what it brings, and how it came so."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy

from loyalty.portal.base import MemberPage
from loyalty.portal.overview import Overview
from loyalty.portal.rungs import ladder_rungs
from loyalty.portal.tier_track import tier_track
from members.models import TierChange
from rewards.selectors.benefits import member_benefits

HISTORY = 12
REASONS: Mapping[str, Promise] = {
    TierChange.Reason.ENROLLED: gettext_lazy("You joined"),
    TierChange.Reason.UPGRADE: gettext_lazy("You earned it"),
    TierChange.Reason.GIVEN: gettext_lazy("A gift for a time"),
    TierChange.Reason.UNDONE: gettext_lazy("Something that counted was taken back"),
    TierChange.Reason.REVIEW: gettext_lazy("It was not earned again in time"),
    TierChange.Reason.LADDER: gettext_lazy("Our tiers changed"),
}


class TierPage(MemberPage):
    """The ladder."""

    template_name = "portal/tier/page.html"
    section = "tier"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The ladder, the way to the next tier, and the history."""
        overview = Overview(self.program, self.member, self.at)
        changes = TierChange.objects.filter(member=self.member).order_by("-pk")[:HISTORY]
        return {
            **super().get_context_data(**kwargs),
            "track": tier_track(overview),
            "rungs": ladder_rungs(overview),
            "benefits": member_benefits(member=self.member, at=self.at, language=get_language() or "en"),
            "history": [
                {
                    "tier": overview.configuration.rungs.get(change.to_tier_id),
                    "name": _name(overview, change.to_tier_id),
                    "reason": REASONS[change.reason],
                    "at": change.at,
                    "down": change.reason in {TierChange.Reason.REVIEW, TierChange.Reason.UNDONE},
                }
                for change in changes
            ],
            "counting": [found.name for found in overview.names.types.values() if found.counts],
        }


def _name(overview: Overview, tier_id: int) -> str:
    rung = overview.configuration.rungs.get(tier_id)
    return overview.names.tiers[rung.code] if rung else ""
