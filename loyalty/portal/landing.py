"""The way in for visitors: what the program is, how one earns, what its tiers bring."""

from dataclasses import dataclass
from typing import Any

from campaigns.selectors.promises import Promise, promises
from loyalty.display.tier_words import benefits, requirement
from loyalty.portal.base import ProgramPage
from loyalty.portal.rows import event_symbol
from members.models import Tier
from members.rules.joining import MERCHANT, kinds


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier as a visitor reads of it."""

    name: str
    requires: str
    benefits: list[str]


def _is_contest(offer: Promise) -> bool:
    """What everybody gets is told before what few win."""
    return offer.event.startswith("leaderboard.")


class LandingPage(ProgramPage):
    """A short invitation, made from the live configuration."""

    template_name = "portal/landing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Offers that hold for everybody, and the ladder."""
        context = super().get_context_data(**kwargs)
        found = Tier.objects.filter(program=self.program, retired=False).order_by("rank")
        offers = promises(program=self.program, at=self.at)
        expire = self.program.points_expire
        return {
            **context,
            "promises": [(offer, event_symbol(offer.event)) for offer in sorted(offers, key=_is_contest)],
            "ladder": [self.rung(tier) for tier in found],
            "months": expire.get("months") if isinstance(expire, dict) else None,
        }

    def rung(self, tier: Tier) -> Rung:
        """In the reader's language."""
        sells = kinds(self.program.joining) == (MERCHANT,)
        words = requirement(tier.requires, currency=self.program.currency, sells=sells)
        return Rung(tier.name, words, benefits(tier, program=self.program, language=self.language()))
