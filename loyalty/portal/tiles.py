"""Rewards as tiles: what both the marketplace and the page of a reward show of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from campaigns.rules.worth import worth
from loyalty.display.hurdles import hurdle_words
from loyalty.display.rewards import Cover, cover, picture
from loyalty.portal.base import MemberPage
from loyalty.portal.overview import Overview
from members.models import Tier
from rewards.models import Reward
from rewards.models.categories import Kind, category_name
from rewards.rules.availability import Hurdle, Reason, Standing
from rewards.rules.categories import category_of
from rewards.selectors.catalogue import Item, standing_of

FEW = 12  # left in stock, from which on it is said
STATES: Mapping[Hurdle, str] = {
    Hurdle.TIER_REQUIRED: "locked",
    Hurdle.OUT_OF_STOCK: "sold-out",
    Hurdle.INSUFFICIENT_POINTS: "short",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A reason in words."""

    hurdle: Hurdle
    text: str
    missing: int | None


@dataclass(frozen=True, slots=True)
class Tile:
    """A reward as it is shown; ``price`` is the least there, ``worth`` the same in money."""

    reward: Reward
    price: int | None
    worth: tuple[Decimal, str] | None
    cover: Cover
    picture: str
    reasons: Sequence[Told]
    left: int | None
    category: str
    icon: str
    kind: str
    several: bool

    @property
    def state(self) -> str:
        """``sold-out``, ``locked``, ``short``, ``shut`` or ``open``: what is shown at one glance."""
        return STATES.get(self.reasons[0].hurdle, "shut") if self.reasons else "open"

    @property
    def first(self) -> Told | None:
        """The reason that lasts longest."""
        return self.reasons[0] if self.reasons else None


class RewardsBase(MemberPage):
    """What both pages know: the member's points and how a reward is told."""

    section = "rewards"

    @cached_property
    def overview(self) -> Overview:
        """What is known of the member."""
        return Overview(self.program, self.member, self.at)

    @cached_property
    def standing(self) -> Standing:
        """What matters for having rewards."""
        return standing_of(self.member, at=self.at, balance=self.overview.holdings.points)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The balance, besides."""
        return {**super().get_context_data(**kwargs), "holdings": self.overview.holdings}

    def tiles(self, items: Sequence[Item]) -> list[Tile]:
        """Rewards as they are shown."""
        needed = any(reason.tiers for item in items for reason in item.reasons)
        tiers = {t.code: t.name for t in Tier.objects.filter(program=self.program)} if needed else {}
        return [self._tile(item, tiers) for item in items]

    def _tile(self, item: Item, tiers: Mapping[str, str]) -> Tile:
        reward = item.reward
        return Tile(
            reward=reward,
            price=item.points,
            worth=self.worth(item.points) if item.points else None,
            cover=cover(reward),
            picture=picture(reward),
            reasons=[_told(reason, tiers) for reason in item.reasons],
            left=item.left if item.left is not None and item.left <= FEW else None,
            category=category_name(reward.category),
            icon=category_of(reward.category).icon,
            kind=str(Kind(reward.kind).label),
            several=len(reward.denominations) > 1,
        )

    def worth(self, points: int) -> tuple[Decimal, str]:
        """What points are worth in the money of the member's market."""
        return worth(
            points,
            value=self.program.liability_value,
            rates=self.overview.configuration.program.rates,
            currency=self.member.market.currency,
            day=self.overview.today,
        )


def _told(reason: Reason, tiers: Mapping[str, str]) -> Told:
    return Told(reason.hurdle, hurdle_words(reason, tiers=tiers), reason.missing)
