"""The last codes and the last money, wanted by many workers at once: never given twice, never overspent."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from ledger.models import Account
from rewards.models import Reward, Voucher
from rewards.services.stock import stock_codes
from tests.campaigns.test_concurrency import NAMES, at_once, enrol, payments, sent
from tests.campaigns.test_rewards import GIVE, reward
from tests.campaigns.world import campaign, fixed, make_world, rule

pytestmark = pytest.mark.django_db(transaction=True)


def reasons(world: Any, batch: list[dict[str, Any]]) -> list[str]:
    bodies = [answer.body for answer in world.send(*batch) if answer.body]
    return [refused["reason"] for body in bodies for refused in body["refused"]]


def test_workers_on_the_last_codes_never_oversell_and_refuse_the_rest() -> None:
    world = enrol(
        make_world(
            campaign("c", rule("r", GIVE, fixed(1, status=True))),
            campaign("total", rule("t", fixed(10)), limits=[{"total": {"points": 95}}]),
            rewards=[reward("coffee", stock="codes", cost={"SGD": "1.00"})],
            budgets=[{"code": "root", "points": 100_000, "money": {"SGD": "1000.00"}}],
        )
    )
    stock_codes(reward=Reward.objects.get(), codes=[f"P-{number}" for number in range(10)])
    told = at_once(*(partial(reasons, world, payments(world, f"{worker}-", 16, worker)) for worker in range(4)))
    issued = Voucher.objects.filter(state="ready")
    assert issued.count() == 10
    assert len(set(issued.values_list("event_id", flat=True))) == 10
    assert Counter(reason for one in told for reason in one)["not-available"] == 54
    assert Account.objects.get(code="redeemed:coffee", book__unit="SGD").balance == 1000


def test_workers_on_one_budget_pay_for_as_many_vouchers_as_it_covers() -> None:
    world = enrol(
        make_world(
            campaign("c", rule("r", GIVE)),
            rewards=[reward("coffee", cost={"SGD": "4.50"})],
            budgets=[{"code": "root", "money": {"SGD": "100.00"}}],
        )
    )
    batches = [[payments(world, f"{worker}-{n}-", 8, n) for n in range(3)] for worker in range(2)]
    at_once(*(partial(sent, world, mine) for mine in batches))
    assert Voucher.objects.count() == 22
    assert Account.objects.get(code="budget:root", book__unit="SGD").balance == 10000 - 22 * 450


def test_voucher_used_over_its_limit_under_load() -> None:
    """A member gets as many as the rule's limit says, whatever the number of workers."""
    limits = [{"per_member": {"times": 2}}]
    world = enrol(make_world(campaign("c", rule("r", GIVE, limits=limits)), rewards=[reward("coffee")]))
    at_once(*(partial(world.send, *payments(world, f"{worker}-", 40, worker)) for worker in range(3)))
    held = Counter(Voucher.objects.values_list("member__external_id", flat=True))
    assert set(held) == set(NAMES)
    assert set(held.values()) == {2}
