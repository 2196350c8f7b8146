"""The catalogue as somebody sees it: pages of rewards with their facets, and whether each can be had."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.models import Market, Program
from core.refusals import NotFound
from ledger.rules.balances import Balance
from ledger.selectors.wallets import points_kept, wallets
from members.models import Member
from rewards.models import Reward
from rewards.rules.availability import Offer, Reason, Standing, period, why_not
from rewards.rules.prices import Denomination, Price, Value, price_of, value_of
from rewards.selectors.pieces import COUNTED, Pieces, count_pieces
from rewards.selectors.policies import Demands, demands_of
from rewards.selectors.shelves import Facets, Place, Question, Search, Sort, count, look
from rewards.selectors.supply import FREE, supply_of


@dataclass(frozen=True, slots=True)
class ItemValue:
    """A denomination and whether it can be had: ``left`` and ``reasons`` as of an item."""

    denomination: Denomination
    left: int | None
    reasons: Sequence[Reason]

    @property
    def available(self) -> bool:
        """Nothing stands against it."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Item:
    """A reward and whether it can be had. ``points``: the least price in the market asked about, None = no price there.

    ``left``: pieces in stock as far as they are counted, None = as many as wanted. ``reasons``: why not; none = it can.
    ``values``: the same of each denomination. It can be had if one of them can: its price is the least of what is in
    stock, while anything is, and its reasons are those of that value.
    """

    reward: Reward
    points: int | None
    left: int | None
    reasons: Sequence[Reason]
    values: Sequence[ItemValue] = ()

    @property
    def available(self) -> bool:
        """Nothing stands against it."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Where:
    """A market and the currency that is spent there; None: any."""

    market: str | None = None
    currency: str | None = None

    def spends(self, one: Denomination) -> bool:
        """Whether a denomination is one of there."""
        return self.currency in {None, one["currency"]}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: its items, the key after which the next one begins (None: there is none), and the facets if asked for."""

    items: Sequence[Item]
    following: Sequence[int] | None
    facets: Facets | None


def standing_of(
    member: Member,
    *,
    at: datetime,
    balance: Balance | None = None,
    demands: Demands | None = None,
    since: datetime | None = None,
) -> Standing:
    """What matters of a member (with market and tier) for having rewards; two queries.

    ``balance`` and ``demands``, for callers who know them: a query less each. ``since`` is a moment in the past, for
    what happened then: its points are those that were there by then and still are; a query more.
    """
    demands = demands or demands_of(member, at=at)
    book = demands.book
    balance = balance or wallets(books=[book], owners=[member.uuid], at=at)[book.pk, member.uuid]
    points = balance.available
    if since is not None:
        points = min(points, points_kept(book=book, owners=[member.uuid], since=since, at=at)[member.uuid])
    return Standing(
        market=member.market.code,
        tier=member.tier.code if member.tier else None,
        points=points,
        frozen=member.status == Member.Status.FROZEN,
        halted=book.halted,
        cooling_until=demands.cooling_until,
        approval=demands.approval,
        has_phone=demands.has_phone,
        debt=balance.debt,
    )


def browse(
    question: Question,
    *,
    currency: str | None,
    limit: int,
    at: datetime,
    after: Sequence[int] | None = None,
    member: Member | None = None,
    standing: Standing | None = None,
    facets: bool = True,
) -> Shown:
    """A page of the catalogue. ``member`` with ``standing``: for whom availability is judged.

    ``currency``: that of the market asked about; None: any.
    A fixed number of queries, whatever the number of rewards. On a page of the mixture what is sold out stands last.
    """
    search, places = look(question, limit=limit + 1, after=after)
    shown = places[:limit]
    items = _items(shown, Where(question.market, currency), member, standing, at)
    return Shown(
        items=sorted(items, key=lambda item: item.left == 0) if question.order is Sort.SUGGESTED else items,
        following=list(shown[-1].key) if len(places) > limit else None,
        facets=_facets(search) if facets else None,
    )


def _facets(search: Search) -> Facets:
    return count(search, markets=search.question.purse is None)


def _items(
    places: Sequence[Place], where: Where, member: Member | None, standing: Standing | None, at: datetime
) -> list[Item]:
    rows = Reward.objects.in_bulk([place.reward_id for place in places])
    prices = {place.reward_id: place.points for place in places}
    rewards = [rows[place.reward_id] for place in places if place.reward_id in rows]
    return _judged(rewards, prices, where, member, standing, at)


def find_reward(*, program: Program, code: str) -> Reward:
    """The reward with this code, out of use or not; raises NotFound."""
    row = Reward.objects.filter(program=program, code=code).first() if "\0" not in code else None
    if row is None:
        raise NotFound(_("There is no such reward"))
    return row


def judge(
    reward: Reward,
    *,
    market: Market | None,
    at: datetime,
    member: Member | None = None,
    standing: Standing | None = None,
) -> Item:
    """Whether one reward can be had: in a market, by a member of it."""
    where = Where(market.code, market.currency) if market else Where()
    return _judged([reward], {reward.pk: price_in(reward, where.currency)}, where, member, standing, at)[0]


def hurdles(
    reward: Reward, *, price: Price | None, quantity: int, member: Member, standing: Standing, at: datetime
) -> Sequence[Reason]:
    """What stands against a member's having so many pieces, each for a price (None: there is none) and of its value."""
    points = price.points * quantity if price else None
    ((_reward, offer, of_value),) = _offers([reward], {reward.pk: points}, member, at)
    if of_value and price and price.value_minor is not None:
        offer = replace(offer, left=of_value.get((price.value_minor, price.currency), 0))
    return why_not(replace(offer, quantity=quantity), standing, member.market.code)


def price_in(reward: Reward, currency: str | None) -> int | None:
    """The points it costs at least where a currency is spent; None: anywhere."""
    if reward.points is not None:
        paid = reward.pays_out and currency is not None
        return None if paid and currency not in reward.cost else reward.points
    fit = [d["points"] for d in reward.denominations if currency is None or d["currency"] == currency]
    return min(fit, default=None)


def piece_price(reward: Reward, currency: str, asked: str | None) -> Price | None:
    """What a piece costs where a currency is spent, and what it is worth there. Raises WrongDenomination."""
    return price_of(
        points=reward.points,
        denominations=reward.denominations,
        asked=asked,
        currency=currency,
        paid_out=reward.cost if reward.pays_out else None,
    )


def _judged(  # noqa: PLR0917 - the parts of one judgement
    rewards: Sequence[Reward],
    prices: Mapping[int, int | None],
    where: Where,
    member: Member | None,
    standing: Standing | None,
    at: datetime,
) -> list[Item]:
    items = []
    for reward, offer, of_value in _offers(rewards, prices, member, at):
        values = [_value(one, offer, of_value, standing, where) for one in reward.denominations]
        offered = _least(offer, values, where)
        items.append(Item(reward, offered.points, offered.left, why_not(offered, standing, where.market), values))
    return items


def _value(
    one: Denomination, offer: Offer, of_value: Mapping[Value, int], standing: Standing | None, where: Where
) -> ItemValue:
    left = of_value[value_of(one)] if of_value else offer.left
    points = one["points"] if where.spends(one) else None
    return ItemValue(one, left, why_not(replace(offer, points=points, left=left), standing, where.market))


def _least(offer: Offer, values: Sequence[ItemValue], where: Where) -> Offer:
    """A reward with values as far as the cheapest goes of those that are not sold out, if all are not."""
    here = [one for one in values if where.spends(one.denomination)]
    if not here:
        return offer
    lefts = [one.left for one in here if one.left is not None]
    points = min(one.denomination["points"] for one in [one for one in here if one.left != 0] or here)
    return replace(offer, points=points, left=min(sum(lefts), COUNTED) if lefts else None)


def _offers(
    rewards: Sequence[Reward], prices: Mapping[int, int | None], member: Member | None, at: datetime
) -> Iterator[tuple[Reward, Offer, Mapping[Value, int]]]:
    """What matters for having each reward, and how many pieces there are of each value, where that is counted."""
    pieces, supply = count_pieces(rewards, member=member, at=at), supply_of(rewards)
    zone = ZoneInfo(member.market.timezone) if member else None
    for reward in rewards:
        counted, supplied = pieces.get(reward.pk, Pieces()), supply.get(reward.pk, FREE)
        until = period(reward.limit_per, at, zone)[1] if zone and reward.limit_times else None
        offer = Offer(
            points=prices[reward.pk],
            markets=reward.markets,
            tiers=reward.tiers,
            given_only=reward.points is None and not reward.denominations,
            paused=reward.paused or supplied.paused,
            retired=reward.retired,
            left=0 if supplied.empty else counted.left,
            most=reward.limit_times,
            taken=counted.taken,
            until=until,
            needs_phone=supplied.needs_phone,
        )
        yield reward, offer, counted.of_value
