"""Budgets that run out are told of at 80 and 100 per cent: once each time they were filled, never twice, never not."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns.models import BudgetAlert, BudgetRefusal, Campaign
from campaigns.services.budget_alerts import watch_budgets
from campaigns.services.life import end_campaign
from core.models import OutboxMessage, User
from ledger.models import Account
from tests.campaigns.world import NOW, World, campaign, document, fixed, make_world, rule

pytestmark = pytest.mark.django_db
ROOT = {"code": "root", "points": 100_000, "money": {"SGD": "1000.00"}}


def world_of(budget: dict[str, Any] | None = None, points: int = 10) -> World:
    world = make_world(campaign("c", rule("r", fixed(points)), budget=budget or {"points": 100}), budgets=[ROOT])
    world.member()
    return world


def spend(world: World, times: int) -> None:
    world.send(*[world.event() for _ in range(times)])


def watch(world: World) -> Sequence[int]:
    return [alert.level for alert in watch_budgets(program=world.program, at=NOW)]


def test_nothing_is_told_below_80_per_cent() -> None:
    world = world_of()
    spend(world, 7)
    assert watch(world) == []


def test_each_level_is_told_once() -> None:
    world = world_of()
    told = []
    for _ in range(12):
        spend(world, 1)
        told.append(list(watch(world)))
    assert told == [[]] * 7 + [[80], [], [100], [], []]


def test_both_are_told_where_nobody_looked_in_between() -> None:
    world = world_of()
    spend(world, 10)
    assert watch(world) == [80, 100]
    assert watch(world) == []


def test_what_came_back_and_went_again_is_not_told_again() -> None:
    world = world_of()
    spend(world, 7)
    world.outcome(key="a")
    assert watch(world) == [80]
    world.send(world.reversal("a"))
    assert watch(world) == []
    spend(world, 1)
    assert watch(world) == []


def test_filling_up_arms_both_again() -> None:
    world = world_of()
    spend(world, 10)
    assert watch(world) == [80, 100]
    world.reload(document(campaign("c", rule("r", fixed(10)), budget={"points": 200}), budgets=[ROOT]))
    assert watch(world) == []
    spend(world, 6)
    assert watch(world) == [80]
    spend(world, 4)
    assert watch(world) == [100]


def test_what_was_reached_just_before_a_filling_is_told() -> None:
    world = world_of()
    spend(world, 10)
    world.reload(document(campaign("c", rule("r", fixed(10)), budget={"points": 200}), budgets=[ROOT]))
    assert list(BudgetAlert.objects.values_list("level", "filled")) == [(80, 100), (100, 100)]


def test_an_award_that_could_not_be_paid_uses_a_budget_up_whatever_is_left() -> None:
    world = world_of(points=30)
    spend(world, 4)
    assert Account.objects.get(code="campaign:c", book__unit="points").balance == 10
    assert watch(world) == [80, 100]
    spend(world, 1)
    assert watch(world) == []


def test_the_event_is_never_refused_and_the_refusal_is_counted_by_day() -> None:
    world = world_of(points=60)
    body = world.outcome()
    body = world.outcome()
    assert (body["status"], [one["reason"] for one in body["refused"]]) == ("processed", ["budget"])
    world.outcome()
    watch(world)
    world.outcome()
    watch(world)
    row = BudgetRefusal.objects.get()
    assert (row.campaign.code, row.unit, row.refusals, row.desired) == ("c", "points", 3, 180)
    assert row.account == Account.objects.get(code="campaign:c", book__unit="points")


@pytest.mark.parametrize(
    ("currency", "market", "amount", "pay", "shown"),
    [("SGD", "SG", "1.00", "0.50", "1.00"), ("IDR", "ID", "1000.00", "400.00", "1000.00")],
)
def test_money_has_levels_of_its_own(currency: str, market: str, amount: str, pay: str, shown: str) -> None:
    root = {**ROOT, "money": {currency: "100000.00"}}
    given = {"cashback": {"fixed": {currency: pay}}}
    world = make_world(campaign("c", rule("r", given), budget={"money": {currency: amount}}), budgets=[root])
    world.member(market=market)
    spend(world, 2)
    watch(world)
    messages = OutboxMessage.objects.filter(topic="budget.low").order_by("id")
    assert [(m.payload["level"], m.payload["unit"], m.payload["granted"]) for m in messages] in (
        [(80, currency, shown), (100, currency, shown)],
        [(80, currency, shown)],
    )
    assert messages[0].payload["campaign"] == "c"


def test_a_budget_of_the_tree_is_watched_by_what_it_holds_itself() -> None:
    budgets = [{"code": "root", "points": 1000}, {"code": "child", "parent": "root", "points": 950}]
    world = make_world(campaign("c", rule("r", fixed(10)), fund="root"), budgets=budgets)
    world.member()
    assert watch(world) == []
    spend(world, 4)
    assert watch(world) == [80]
    (message,) = OutboxMessage.objects.filter(topic="budget.low")
    assert (message.payload["budget"], message.payload["granted"], message.payload["left"]) == ("root", 50, 10)


def test_a_program_without_budgets_is_told_nothing() -> None:
    world = make_world(campaign("c", rule("r", fixed(10))))
    world.member()
    spend(world, 3)
    assert watch(world) == []


def test_the_end_of_a_campaign_tells_what_was_reached_and_is_no_alert_itself() -> None:
    world = world_of()
    spend(world, 8)
    user = User.objects.create_user("mia")
    end_campaign(campaign=Campaign.objects.get(code="c"), by=user, at=NOW)
    assert list(BudgetAlert.objects.values_list("level", flat=True)) == [80]
    assert watch(world) == []


def test_the_rest_going_back_after_the_last_day_is_no_alert() -> None:
    ends = (NOW + timedelta(days=1)).isoformat()
    world = make_world(campaign("c", rule("r", fixed(10)), budget={"points": 100}, ends=ends), budgets=[ROOT])
    world.member()
    spend(world, 5)
    later = NOW + timedelta(days=400)
    assert watch_budgets(program=world.program, at=later) == []


def test_a_budget_that_is_retired_gives_back_its_rest_without_alert() -> None:
    child = {"code": "child", "parent": "root", "points": 100}
    pays = campaign("c", rule("r", fixed(10)), fund="child")
    world = make_world(pays, budgets=[ROOT, child])
    world.member()
    spend(world, 5)
    world.reload(document(campaign("c", rule("r", fixed(10)), fund="root", state="ended"), budgets=[ROOT]))
    assert watch(world) == []


@pytest.mark.django_db(transaction=True)
def test_two_watchers_at_once_tell_once() -> None:
    world = world_of()
    spend(world, 10)

    def look() -> None:
        try:
            watch_budgets(program=world.program, at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(look) for _ in range(2)]:
            done.result()
    assert sorted(BudgetAlert.objects.values_list("level", flat=True)) == [80, 100]
    assert OutboxMessage.objects.filter(topic="budget.low").count() == 2


def test_a_watcher_that_dies_before_its_commit_has_told_nothing_and_the_next_one_does() -> None:
    world = world_of()
    spend(world, 8)
    with transaction.atomic():
        assert watch(world) == [80]
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.filter(topic="budget.low").exists()
    assert watch(world) == [80]


def test_queries_do_not_grow_with_budgets() -> None:
    counts = []
    for number in (1, 3):
        campaigns = [campaign(f"c{n}", rule("r", fixed(10)), budget={"points": 10}) for n in range(number)]
        world = make_world(*campaigns, budgets=[ROOT], program={"code": f"p{number}"})
        world.member()
        spend(world, 1)
        with CaptureQueriesContext(connection) as captured:
            assert len(watch(world)) == 2 * number
        counts.append(len(captured))
    assert counts[0] == counts[1]
