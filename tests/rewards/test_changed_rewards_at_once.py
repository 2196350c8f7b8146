"""A reward becomes another one in the very moment of a redemption: one of the two comes first, and the other knows."""

import time
from collections.abc import Callable
from threading import Event as Flag

import pytest
from django.db import IntegrityError, transaction

from core.refusals import Refusal
from members.models import Member
from rewards.models import Redemption, Reward, Voucher
from rewards.services.redemptions import redeem_reward
from tests.campaigns.test_concurrency import at_once
from tests.campaigns.world import NOW, World, campaign, rule
from tests.rewards.redeeming import points, redeem, rich, shop, stock
from tests.waiting import somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def hold(until: Flag) -> None:
    """Keep the transaction open until somebody waits for it, or has not waited."""
    while not until.is_set() and not somebody_waits():
        time.sleep(0.01)


def noted(act: Callable[[], object], done: Flag) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    except IntegrityError as error:
        return str(error).splitlines()[0]
    finally:
        done.set()
    return "done"


def change(**columns: str) -> None:
    Reward.objects.filter(code="movie").update(**columns)


def sell(world: World, member: Member, row: Reward) -> None:
    redeem_reward(
        program=world.program,
        member=member,
        reward=row,
        at=NOW,
        channel=Redemption.Channel.API,
        client="",
        reference="",
    )


@pytest.mark.parametrize("columns", [{"kind": "cashback"}, {"stock": "generated"}], ids=["kind", "stock"])
def test_a_redemption_under_way_keeps_its_reward_what_it_is(columns: dict[str, str]) -> None:
    world = shop()
    member, began, done = rich(world), Flag(), Flag()
    stock(world, "C-1")

    def buyer() -> str:
        with transaction.atomic():
            state = redeem(world, member, "movie").state
            began.set()
            hold(done)
        return state

    def clerk() -> str:
        began.wait()
        return noted(lambda: change(**columns), done)

    found = at_once(buyer, clerk)
    assert found == ["issued", "members have reward movie already: its kind and stock stay"]
    row = Reward.objects.get(code="movie")
    assert (row.kind, row.stock) == ("voucher", "codes")


@pytest.mark.parametrize("columns", [{"kind": "cashback"}, {"stock": "generated"}], ids=["kind", "stock"])
def test_a_reward_that_is_becoming_another_is_not_sold_as_what_it_was(columns: dict[str, str]) -> None:
    world = shop()
    member, began, done = rich(world), Flag(), Flag()
    stock(world, "C-1")
    row = Reward.objects.get(code="movie")  # as the face read it

    def clerk() -> str:
        with transaction.atomic():
            change(**columns)
            began.set()
            hold(done)
        return "changed"

    def buyer() -> str:
        began.wait()
        return noted(lambda: sell(world, member, row), done)

    assert at_once(clerk, buyer) == ["changed", "not-available"]
    assert (points(member), Redemption.objects.count()) == (1000, 0)
    assert not Voucher.objects.exclude(state="stock").exists()


def test_another_price_makes_nobody_wait() -> None:
    world = shop()
    member, began, done = rich(world), Flag(), Flag()
    stock(world, "C-1")
    row = Reward.objects.get(code="movie")

    def clerk() -> bool:
        with transaction.atomic():
            Reward.objects.filter(code="movie").update(points=201)
            began.set()
            hold(done)
            return done.is_set()

    def buyer() -> str:
        began.wait()
        return noted(lambda: sell(world, member, row), done)

    assert at_once(clerk, buyer) == [True, "done"]
    assert points(member) == 800


# -- given by a rule --------------------------------------------------------------------------------


GIFT = campaign("gift", rule("r", {"reward": "movie"}))


def give(world: World) -> list[str]:
    """What an event gave of vouchers; what was refused says why."""
    (answer,) = world.send(world.event("1.00", subject="ann"))
    assert answer.body
    effects = [one["kind"] for one in answer.body["effects"] if one["kind"] == "reward"]
    return effects + [one["reason"] for one in answer.body["refused"]]


def test_a_code_that_a_rule_is_giving_keeps_its_reward_what_it_is() -> None:
    world = shop(GIFT)
    world.member("ann")
    began, done = Flag(), Flag()
    stock(world, "C-1")

    def giver() -> list[str]:
        with transaction.atomic():
            given = give(world)
            began.set()
            hold(done)
        return given

    def clerk() -> str:
        began.wait()
        return noted(lambda: change(stock="generated"), done)

    found = at_once(giver, clerk)
    assert found == [["reward"], "members have reward movie already: its kind and stock stay"]
    assert [(one.reward.stock, one.code) for one in Voucher.objects.filter(state="ready")] == [("codes", "C-1")]


def test_a_rule_gives_what_the_reward_has_become() -> None:
    world = shop(GIFT)
    world.member("ann")
    began, done = Flag(), Flag()
    stock(world, "C-1")

    def clerk() -> str:
        with transaction.atomic():
            change(stock="generated")
            began.set()
            hold(done)
        return "changed"

    def giver() -> list[str]:
        began.wait()
        try:
            return give(world)
        finally:
            done.set()

    assert at_once(clerk, giver) == ["changed", ["reward"]]
    (voucher,) = Voucher.objects.filter(state="ready")
    assert voucher.code != "C-1"
    assert Voucher.objects.get(state="stock").code == "C-1"
