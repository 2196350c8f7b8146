"""Many who redeem at one moment: nobody pays too much, no code is given twice, nothing is given back twice."""

import os
from collections import Counter
from functools import partial

import pytest

from core.refusals import Refusal
from members.models import Member
from rewards.models import Redemption, RedemptionPolicy, Voucher
from rewards.services.proofs import prove_vouchers
from rewards.services.redemptions import cancel_redemption
from tests.campaigns.test_concurrency import at_once
from tests.campaigns.world import NOW, World
from tests.rewards.redeeming import assert_proven, points, redeem, rich, shop, stock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.abuse]
AT_ONCE = int(os.environ.get("BUYERS", "8"))  # 64 in `make abuse BUYERS=64`
ASKED = Redemption.Because.ASKED


def buy(world: World, member: Member, code: str, quantity: int = 1, **more: str) -> str:
    try:
        return redeem(world, member, code, quantity, **more).state
    except Refusal as refusal:
        return refusal.code


def all_green(world: World) -> None:
    assert_proven(world)
    assert all(one.ok for one in prove_vouchers(at=NOW))


def test_one_wallet_pays_for_what_it_covers() -> None:
    world = shop()
    member = rich(world, 100 * (AT_ONCE // 2))
    found = at_once(*(partial(buy, world, member, "coffee") for _ in range(AT_ONCE)))
    half = AT_ONCE // 2
    assert Counter(found) == {"issued": half, "insufficient-points": AT_ONCE - half}
    assert (points(member), Voucher.objects.count()) == (0, half)
    all_green(world)


def test_the_last_codes_go_to_as_many_as_there_are_also_in_pairs() -> None:
    world = shop()
    members = [rich(world, 400, f"m{number}") for number in range(AT_ONCE)]
    stock(world, *(f"C-{number}" for number in range(AT_ONCE // 2)))
    quantities = [1 + number % 2 for number in range(AT_ONCE)]
    found = at_once(*(partial(buy, world, m, "movie", n) for m, n in zip(members, quantities, strict=True)))
    sold = sum(n for state, n in zip(found, quantities, strict=True) if state == "issued")
    left = Voucher.objects.filter(state="stock").count()
    assert set(found) == {"issued", "out-of-stock"}
    assert sold + left == AT_ONCE // 2
    assert left < 2  # a single one may be left for those who wanted a pair
    assert Voucher.objects.filter(state="ready").count() == sold
    all_green(world)


def test_one_reference_is_one_redemption_though_the_points_pay_for_no_second() -> None:
    world = shop()
    member = rich(world, 100)
    found = at_once(*(partial(buy, world, member, "coffee", client="b", reference="o-1") for _ in range(AT_ONCE)))
    assert (set(found), Redemption.objects.count(), points(member)) == ({"issued"}, 1, 0)


def test_two_who_cancel_at_once_give_back_once() -> None:
    world = shop()
    member = rich(world, 1000)
    made = redeem(world, member, "coffee", 3)
    cancel = partial(cancel_redemption, redemption=made, at=NOW, because=ASKED)
    assert [one.state for one in at_once(cancel, cancel)] == ["cancelled", "cancelled"]
    assert points(member) == 1000
    all_green(world)


def test_what_many_take_at_once_of_one_wallet_adds_up_for_approval() -> None:
    world = shop()
    member = rich(world, 100 * AT_ONCE)
    RedemptionPolicy.objects.filter(program=world.program).update(approve_from_points=300)
    found = at_once(*(partial(buy, world, member, "coffee") for _ in range(AT_ONCE)))
    assert Counter(found) == {"issued": 2, "pending": AT_ONCE - 2}
    all_green(world)
