"""What members of the demonstration redeem: some reward that they can have, through the same service as everybody's."""

from datetime import datetime
from random import Random

from core.models import Program
from dealers.models import Outlet
from loyalty.operations.demo.stories import Redeemed
from members.models import Member
from rewards.models import Redemption, RedemptionPolicy, Reward, Voucher
from rewards.models.categories import Stock
from rewards.selectors.catalogue import browse, standing_of
from rewards.selectors.shelves import Question, Sort
from rewards.services.redemptions import cancel_redemption, redeem_reward
from rewards.services.use_requests import UseRequest
from rewards.services.uses import Taker, redeem_voucher

LOOKED_AT = 24
SHORTEST = 30  # days that a voucher is good for
# In a program in which somebody waits for that. Each by itself, so that whoever tries things out is not stopped by it.
APPROVAL = {"approve_from_points": 3_000, "together_hours": 0}
CLIENT = "demo"


def redeem(program: Program, redeemed: list[Redeemed], now: datetime) -> None:
    """Members redeem, each time once; who cannot afford anything by then redeems nothing."""
    for one in redeemed:
        rows = Member.objects.select_related("market", "tier", "program")
        member = rows.filter(program=program, external_id=one.member).first()
        if member is None or Redemption.objects.filter(client=CLIENT, reference=_reference(program, one)).exists():
            continue
        if reward := choice(program, member, one, now):
            _redeem(program, member, reward, one, now)


def choice(program: Program, member: Member, one: Redeemed, now: datetime) -> Reward | None:
    """A reward for a part of the member's points, always the same one of those that are there."""
    standing = standing_of(member, at=now, since=one.at)
    purse = int(standing.points * one.share)
    sort = Sort.DEAREST if one.then == "approval" else None
    question = Question(program_id=program.pk, market=member.market.code, purse=purse, affordable=True, sort=sort)
    shown = browse(
        question, currency=member.market.currency, limit=LOOKED_AT, at=one.at, member=member, standing=standing,
        facets=False,
    )  # fmt: skip
    ordered = [item.reward for item in shown.items if item.available and _fits(item.reward, one)]
    return Random(f"{one.member} {one.at:%Y%m%d}").choice(ordered) if ordered else None


def _fits(reward: Reward, one: Redeemed) -> bool:
    """Only what a supplier delivers is ordered; of which more is told has a code, one price, and the days for it."""
    if one.then in {"used", "cancelled", "expired", "approval"} and (reward.pays_out or reward.denominations):
        return False
    if one.then == "cancelled" and reward.stock == Stock.CODES:
        return False
    if one.then == "expired" and not 0 < (reward.valid_days or 0) <= SHORTEST:
        return False
    if one.then == "approval" and (reward.points or 0) < APPROVAL["approve_from_points"]:
        return False
    return (reward.stock == Stock.SUPPLIER) == (one.then == "ordered")


def _reference(program: Program, one: Redeemed) -> str:
    return f"{program.code}:{one.member}:{one.at:%Y%m%d%H%M}"


def _redeem(program: Program, member: Member, reward: Reward, one: Redeemed, now: datetime) -> None:
    if one.then == "approval":
        RedemptionPolicy.objects.filter(program=program).update(**APPROVAL)
    values = [d["value"] for d in reward.denominations if d["currency"] == member.market.currency]
    redemption = redeem_reward(
        program=program,
        member=member,
        reward=reward,
        value=values[0] if values else None,
        at=now,
        happened_at=one.at,
        channel=Redemption.Channel.PORTAL,
        client=CLIENT,
        reference=_reference(program, one),
    ).row
    if one.then == "cancelled":
        cancel_redemption(redemption=redemption, at=now, because=Redemption.Because.ASKED)
    elif one.then == "used":
        _use(program, member, redemption, now)


def _use(program: Program, member: Member, redemption: Redemption, now: datetime) -> None:
    """Some outlet of the market takes it; where there is none it stays ready."""
    rows = Outlet.objects.filter(program=program, market=member.market, retired=False).select_related("dealer")
    outlet = next((one for one in rows.order_by("pk") if redemption.reward.is_named(one)), None)
    voucher = redemption.vouchers.filter(state=Voucher.State.READY).first()
    if outlet and voucher:
        request = UseRequest(code=voucher.code, outlet=outlet.code)
        redeem_voucher(program=program, request=request, at=now, taker=Taker(client=CLIENT))
