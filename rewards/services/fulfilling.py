"""Handing out what was redeemed: vouchers, cashback, or an order to a supplier."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from core.refusals import OutOfStock
from core.services.outbox import Message, publish
from members.models import Member, MemberIdentity
from members.rules.facts import local_date
from rewards.models import Redemption, Reward
from rewards.models.categories import Stock
from rewards.rules.supplying import Card
from rewards.selectors.supply import supply_of
from rewards.services.paying import pay_cashback
from rewards.services.vouchers import Issue, StockShort, hold_stock, issue

REDEEMED = "reward.redeemed"
ORDERED = "redemption.ordered"


def expects(reward: Reward) -> str:
    """For whom a redemption of a reward waits, once it is approved."""
    return Redemption.WaitsFor.SUPPLIER if reward.stock == Stock.SUPPLIER else Redemption.WaitsFor.NOBODY


def fix_source(redemption: Redemption, member: Member) -> None:
    """Note what a supplier is to deliver, and to which number, in the transaction that takes the points.

    The member is held. Whatever becomes of reward and number later, this is what the points were taken for.
    """
    reward = redemption.reward
    if reward.stock != Stock.SUPPLIER:
        return
    redemption.supplier, redemption.sku = reward.supplier, reward.sku
    if supply_of([reward])[reward.pk].needs_phone:
        numbers = MemberIdentity.objects.filter(member=member).exclude(phone="")
        for number in numbers.values_list("phone", flat=True):
            redemption.keep_number(number)
    redemption.save(update_fields=["supplier", "sku", "phone"])


def fulfil(redemption: Redemption, member: Member, *, at: datetime) -> None:
    """Issue what was redeemed, or have the supplier told after the commit. Raises OutOfStock.

    The member is held; stock is taken now.
    """
    if redemption.waits_for == Redemption.WaitsFor.SUPPLIER:
        told: dict[str, object] = {"redemption": str(redemption.uuid), "time": at.isoformat()}
        publish([Message(ORDERED, redemption.program_id, told)])
        return
    reward = redemption.reward
    if reward.pays_out:
        pay_cashback(redemption, member)
    else:
        hand_out(redemption, member, cards=[None] * redemption.quantity, at=at)
    tell_redeemed(redemption, member)


def last_day(reward: Reward, member: Member, at: datetime) -> date | None:
    """The last good day of what is issued at a moment, by the calendar of the member's market; None: it has no end."""
    day = local_date(at, ZoneInfo(member.market.timezone))
    return day + timedelta(days=reward.valid_days) if reward.valid_days else None


def hand_out(
    redemption: Redemption,
    member: Member,
    *,
    cards: Sequence[Card | None],
    at: datetime,
) -> None:
    """Issue a voucher a card; None = a code of ours, or the next in stock of the value redeemed. Raises OutOfStock."""
    reward = redemption.reward
    last = last_day(reward, member, at)
    issues = [
        Issue(
            uuid=uuid4(),
            reward_id=reward.pk,
            member_id=member.pk,
            issued_at=at,
            expires_on=(card and card.expires_on) or last,
            from_stock=card is None and reward.stock == Stock.CODES,
            redemption_id=redemption.pk,
            value_minor=redemption.value_minor,
            currency=redemption.currency,
            card=card,
        )
        for card in cards
    ]
    _issue(redemption, issues)


def _issue(redemption: Redemption, issues: Sequence[Issue]) -> None:
    """Issue; where others are about to take the last codes, wait until they have or have not.

    What was held by trying is let go before waiting, so that buyers do not wait for each other in a circle: of several
    pieces some were taken, and also a code that somebody else took a moment ago was held to see that.
    """
    from_stock = any(one.from_stock for one in issues)
    value = None if redemption.value_minor is None else (redemption.value_minor, redemption.currency)
    try:
        with transaction.atomic() if from_stock else nullcontext():
            issue(program_id=redemption.program_id, issues=issues)
    except StockShort:
        reward_id = redemption.reward_id
        if hold_stock({reward_id: len(issues)}, value=value)[reward_id] < len(issues):
            raise OutOfStock from None
        issue(program_id=redemption.program_id, issues=issues)


def tell_redeemed(redemption: Redemption, member: Member) -> None:
    """Let rules and partners hear of it after the commit."""
    told = {
        "member": member.pk,
        "redemption": str(redemption.uuid),
        "time": redemption.at.isoformat(),
        "reward": redemption.reward.code,
        "category": redemption.reward.category,
        "points": redemption.points,
    }
    publish([Message(REDEEMED, redemption.program_id, told)])
