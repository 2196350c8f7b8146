"""The number of queries does not grow with the batch."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from campaigns.services.configuration import current_configuration
from rewards.models import Reward
from rewards.services.stock import stock_codes
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.test_rewards import reward
from tests.campaigns.world import World, campaign, everyday, fixed, kept_world, rule

pytestmark = pytest.mark.django_db
ASKING = {"any": [
    {"fact": "member.outlets_12m", "op": "lt", "value": 0},
    {"fact": "event.days_since_previous", "op": "lt", "value": 0},
    {"fact": "member.birthday_month", "op": "eq", "value": 1}, {"fact": "member.vehicles", "op": "gte", "value": 0},
    {"fact": "member.category", "op": "exists", "value": True},
]}  # fmt: skip
CAMPAIGNS = [
    everyday(),
    campaign("all", rule("r", fixed(1), fixed(2, status=True), {"badge": "first-bill"}, fixed(1, pending_days=3),
                         {"cashback": {"percent": "1"}}, when=ASKING), limits=[{"per_member": {"times": 1000}}]),
    campaign("things", rule("r", {"reward": "tea"}, {"reward": "coffee"}, {"tier": {"to": "gold", "days": 9}})),
    campaign("vip", rule("r", fixed(1)), audience={"segment": "vip"}),
    campaign("held", rule("r", fixed(1)), holdout=100),
    campaign("goals",
             goal_rule("count", {"count": True, "window": "campaign", "repeat": True}, step(1), when=ASKING),
             goal_rule("km", {"level": "event.hour", "by": "event.outlet", "window": {"rolling_days": 9}}, step(5)),
             goal_rule("sum", {"sum": "base", "window": "month"}, step("5.00", {"badge": "first-bill"}))),
    campaign("total", rule("r", {"multiply": {"by": "2"}}), limits=[{"total": {"points": 10**9}}]),
]  # fmt: skip
TIERS = {
    "review": {"window": "calendar_year"},
    "downgrade": {"style": "never"},
    "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"events": 1}},
    ],
}
SIZES = [1, 3, 50]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(
        django_db_blocker,
        *CAMPAIGNS,
        tiers=TIERS,
        rewards=[reward("tea", cost={"SGD": "0.10"}), reward("coffee", stock="codes")],
        budgets=[{"code": "b", "points": 10**9, "money": {"SGD": "9999.00"}}],
    ) as one:
        for number in range(max(SIZES)):
            one.member(f"m{number}")
        stock_codes(reward=Reward.objects.get(code="coffee"), codes=[f"P-{number}" for number in range(500)])
        current_configuration(one.program.pk)  # read once a revision
        yield one


def payments(world: World, size: int) -> list[dict[str, Any]]:
    return [
        world.event("5.00", f"{number:03}", subject=f"m{number}", data={"outlet": "SG-ORCHARD"})
        for number in range(size)
    ]


def queries(world: World, events: list[dict[str, Any]]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answers = world.send(*events)
    assert [answer.refusal for answer in answers] == [None] * len(events)
    return len(captured)


def sizes(world: World) -> list[list[dict[str, Any]]]:
    return [payments(world, size) for size in SIZES]


def backs(world: World, events: list[dict[str, Any]], amount: str | None = None) -> list[dict[str, Any]]:
    return [world.reversal(event["id"], amount, subject=event["subject"]) for event in events]


def counts(world: World, *batches: list[dict[str, Any]]) -> list[int]:
    """Queries of each batch, all of which are then forgotten."""
    with transaction.atomic():
        counted = [queries(world, batch) for batch in batches]
        transaction.set_rollback(True)
    return counted


@pytest.mark.parametrize("same_member", [False, True])
def test_payments(world: World, same_member: bool) -> None:  # a table
    only = {"subject": "m0"} if same_member else {}
    counted = [counts(world, [event | only for event in payments(world, size)]) for size in SIZES]
    assert counted[0] == counted[1] == counted[2]


def test_payments_seen_before(world: World) -> None:
    events = payments(world, 50)
    world.send(*events)
    assert len({queries(world, events[:size]) for size in SIZES}) == 1


def test_reversals(world: World) -> None:
    counted = [counts(world, events, backs(world, events, "2.50"), backs(world, events)) for events in sizes(world)]
    assert counted[0] == counted[1] == counted[2]


def test_payments_and_their_reversals_together(world: World) -> None:
    counted = [counts(world, events + backs(world, events)) for events in sizes(world)]
    assert counted[0] == counted[1] == counted[2]


def test_reversals_that_wait_and_meet_their_originals(world: World) -> None:
    counted = [counts(world, backs(world, events), events) for events in sizes(world)]
    assert counted[0] == counted[1] == counted[2]
