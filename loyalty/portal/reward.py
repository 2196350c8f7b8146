"""A reward: its price, its terms, whether the member can have it, and what having it would cost and leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import Http404

from core.refusals import NotFound
from core.rules.money import to_minor
from loyalty.portal.steps import step_card
from loyalty.portal.tiles import RewardsBase, Tile
from members.models import Tier
from rewards.models import Reward
from rewards.models.categories import Stock
from rewards.rules.availability import Hurdle
from rewards.selectors.catalogue import Item, ItemValue, find_reward, judge
from rewards.selectors.outlets import where_valid
from rewards.selectors.pieces import next_end

MOST_PIECES = 10  # at once, so that a slip of a finger costs little


@dataclass(frozen=True, slots=True)
class Value:
    """A denomination: what one gets, what it costs, how many points are missing, how many are left if counted."""

    amount: str
    currency: str
    points: int
    missing: int
    left: int | None
    chosen: bool

    @property
    def worth(self) -> tuple[int, str]:
        """Smallest units, and of which currency."""
        return to_minor(Decimal(self.amount), self.currency), self.currency

    @property
    def sold_out(self) -> bool:
        """None of this value is left."""
        return self.left == 0


@dataclass(frozen=True, slots=True)
class Basket:
    """What the member is about to redeem: ``quantity`` pieces, each of ``value`` where there are values.

    ``points`` in all, ``left`` afterwards, ``missing`` until it can be had. ``most``: pieces that can be had at once.
    ``lapsing``: how many of the points are taken from those that expire next, on which day.
    """

    quantity: int
    most: int
    value: Value | None
    points: int
    left: int
    missing: int
    lapsing: tuple[date, int] | None


class RewardBase(RewardsBase):
    """What the page of a reward and that of redeeming it know: the reward, judged, and what was chosen of it."""

    @cached_property
    def reward(self) -> Reward:
        """The reward; one that this program does not have is not found."""
        try:
            return find_reward(program=self.program, code=self.kwargs["code"])
        except NotFound:
            raise Http404 from None

    @cached_property
    def item(self) -> Item:
        """Whether the member can have it."""
        market = self.member.market
        return judge(self.reward, market=market, at=self.at, member=self.member, standing=self.standing)

    @property
    def asked(self) -> Mapping[str, str]:
        """What was chosen: in the address, or in the form that was sent."""
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def tile(self) -> Tile:
        """The reward as it is shown."""
        (tile,) = self.tiles([self.item])
        return tile

    @cached_property
    def values(self) -> Sequence[Value]:
        """The denominations of the member's market; chosen is the one asked for, if it can be had, or the least."""
        here = [one for one in self.item.values if one.denomination["currency"] == self.member.market.currency]
        here.sort(key=lambda one: (one.left == 0, one.denomination["points"]))
        chosen = next((one for one in here if self._is_asked(one)), here[0] if here else None)
        here.sort(key=lambda one: one.denomination["points"])
        return [self._value(one, chosen=one is chosen) for one in here]

    def _is_asked(self, one: ItemValue) -> bool:
        is_named = one.denomination["value"] == self.asked.get("value", "")
        return is_named and one.left != 0 and one.denomination["points"] <= self.standing.points

    def _value(self, one: ItemValue, *, chosen: bool) -> Value:
        said = one.denomination
        missing = self.standing.short_of(said["points"])
        return Value(said["value"], said["currency"], said["points"], missing, one.left, chosen)

    @cached_property
    def basket(self) -> Basket | None:
        """What would be redeemed; None where there is no price."""
        value = next((one for one in self.values if one.chosen), None)
        price = value.points if value else self.item.points
        if price is None:
            return None
        points = self.standing.points
        most = self._most(points // price, value.left if value else self.item.left)
        quantity = min(_number(self.asked.get("pieces") or self.asked.get("quantity", "")), most)
        total = price * quantity
        return Basket(quantity, most, value, total, points - total, self.standing.short_of(total), self._lapsing(total))

    def _most(self, paid_for: int, left: int | None) -> int:
        limits = (paid_for, left, self.reward.limit_times, MOST_PIECES)
        return max(1, min(limit for limit in limits if limit is not None))

    def _lapsing(self, total: int) -> tuple[date, int] | None:
        expiring = self.overview.holdings.points.expiring
        return (expiring[0][0], min(expiring[0][1], total)) if expiring else None

    def _valid_until(self, basket: Basket | None) -> date | None:
        """The last good day of what is redeemed today, of several pieces the earliest; None: it has none, or who knows.

        Codes of a list may have an end of their own that comes first; what a supplier delivers has the supplier's.
        """
        if basket is None or self.reward.stock == Stock.SUPPLIER:
            return None
        days, listed = self.reward.valid_days, self.reward.stock == Stock.CODES
        ends = (
            self.overview.today + timedelta(days=days) if days else None,
            next_end(self.reward, pieces=basket.quantity, value=basket.value.worth if basket.value else None)
            if listed
            else None,
        )
        return min((end for end in ends if end is not None), default=None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The reward, what was chosen, and what it costs."""
        basket = self.basket
        return {
            **super().get_context_data(**kwargs),
            "tile": self.tile,
            "reward": self.reward,
            "basket": basket,
            "worth": self._worth(basket) if basket else None,
            "valid_until": self._valid_until(basket),
            "asks_approval": basket is not None and self.standing.approval.holds(basket.points),
            "unseen_points": self.standing.approval.unseen,
            "from_list": self.reward.stock == Stock.CODES,
            "from_supplier": self.reward.stock == Stock.SUPPLIER,
            "keeps_value": bool(self.values) and self.reward.stock not in {Stock.SUPPLIER, Stock.CODES},
        }

    def _worth(self, basket: Basket) -> tuple[Decimal, str]:
        if basket.value:
            return Decimal(basket.value.amount) * basket.quantity, basket.value.currency
        return self.worth(basket.points)


class RewardPage(RewardBase):
    """A reward: price, terms, where it is valid, whether the member can have it, and the way to redeem it."""

    template_name = "portal/rewards/reward.html"

    def get_template_names(self) -> list[str]:
        """For htmx the card with the sum alone."""
        partial = getattr(self.request, "htmx", False)
        return ["portal/rewards/redeem.html" if partial else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything on the page."""
        hurdles = {told.hurdle for told in self.tile.reasons}
        return {
            **super().get_context_data(**kwargs),
            "values": self.values,
            "hurdles": hurdles,
            "tier_names": self._tier_names(),
            "where": where_valid(reward=self.reward, market=self.member.market),
            "step": step_card(self.overview) if Hurdle.INSUFFICIENT_POINTS in hurdles else None,
        }

    def _tier_names(self) -> list[str]:
        if not self.reward.tiers:
            return []
        rows = Tier.objects.filter(program=self.program, code__in=self.reward.tiers).order_by("rank")
        return [tier.name for tier in rows]


def _number(text: str) -> int:
    """A small number out of an address; nonsense is one."""
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 4 else 1  # noqa: PLR2004 - 3 digits
