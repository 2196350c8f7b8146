"""Goals through the API: in outcomes and reversals, and the list that a member's app shows."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Contribution, Progress, ReachedMilestone
from tests.campaigns.goal_cases import SECTIONS, goal_rule, step
from tests.campaigns.world import World, campaign, make_world
from tests.campaigns.world import document as program_file
from tests.loyalty.api import Caller, document, make_caller, problem

pytestmark = pytest.mark.django_db
COUNT = {"count": True, "window": "campaign"}


def make(*rules: dict[str, Any]) -> tuple[World, Caller]:
    world = make_world(campaign("c", *rules), **SECTIONS)
    world.member()
    return world, make_caller(world.program)


def items(caller: Caller) -> list[dict[str, Any]]:
    answer = caller.get("members/ann/goals")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = document(answer)
    assert found["next"] is None
    listed: list[dict[str, Any]] = found["items"]
    return listed


def test_progress_in_the_outcome_in_the_list_and_after_a_return() -> None:
    world, caller = make(goal_rule("r", {"sum": "base", "window": "campaign"}, step("50.00"), step("80.00")))
    assert [(one["progress"], one["target"]) for one in items(caller)] == [("0.00", "50.00")]
    outcome: Any = document(caller.post("events", world.event("60.00", "a")))
    goal = {"campaign": "c", "rule": "r", "progress": "60.00", "target": "80.00", "ends_at": None, "currency": "SGD"}
    assert (outcome["goals"], [one["reach"] for one in outcome["effects"]]) == ([goal], ["50.00"])
    (listed,) = items(caller)
    assert {key: listed[key] for key in goal} == goal
    assert listed["milestones"] == [{"reach": "50.00", "reached": True}, {"reach": "80.00", "reached": False}]
    back: Any = document(caller.post("events", world.reversal("a", "10.01")))
    assert back["goals"] == [goal | {"progress": "49.99", "target": "50.00"}]
    assert [(one["amount"], one["reach"]) for one in back["effects"]] == [(-50, "50.00")]


def test_amounts_of_a_streak_are_decimal_strings() -> None:
    streak = {"period": "day", "amount": {"value": "5.00", "currency": "SGD"}}
    world, caller = make(goal_rule("r", {"streak": streak, "window": "month"}, step(2)))
    world.outcome("4.50")
    (listed,) = items(caller)
    assert (listed["progress"], listed["target"], set(listed["streak"])) == (
        0, 2, {"period", "has", "needs", "ends_at", "freezes", "currency"}
    )  # fmt: skip
    assert (listed["streak"]["needs"], listed["streak"]["currency"]) == ("5.00", "SGD")


def test_a_milestone_whose_points_could_not_be_taken_back_is_not_paid_again() -> None:
    rules = goal_rule("r", COUNT, step(1, {"points": {"fixed": 90}}))
    world = make_world(campaign("c", rules), program={"reversal": "only_pending"})
    world.member()
    caller = make_caller(world.program)
    document(caller.post("events", world.event("5.00", "a")))
    back: Any = document(caller.post("events", world.reversal("a")))
    assert [(one["amount"], one["desired"], one["reach"]) for one in back["effects"]] == [(0, -90, 1)]
    assert (back["goals"][0]["progress"], items(caller)[0]["progress"]) == (0, 0)
    again: Any = document(caller.post("events", world.event("5.00", "b")))
    assert (again["effects"], again["balances"]["points"]["available"]) == ([], 90)
    assert items(caller)[0]["milestones"] == [{"reach": 1, "reached": True}]


def test_unknown_members_have_no_goals() -> None:
    _, caller = make(goal_rule("r", COUNT, step(1)))
    assert problem(caller.get("members/nobody/goals")) == (404, "not-found")


def test_the_list_asks_as_much_for_one_goal_as_for_three() -> None:
    world, caller = make(goal_rule("r0", COUNT, step(1)))
    counts = []
    for many in (1, 3):
        world.reload(world_file(many))
        world.outcome()
        items(caller)
        with CaptureQueriesContext(connection) as captured:
            assert len(items(caller)) == many
        counts.append(len(captured))
    assert counts[0] == counts[1]


def world_file(many: int) -> dict[str, Any]:
    return program_file(campaign("c", *(goal_rule(f"r{n}", COUNT, step(1)) for n in range(many))), **SECTIONS)


def test_of_an_erased_member_no_progress_is_kept() -> None:
    goal = {"level": "event.data.km", "by": "event.data.vin", "window": "campaign"}
    world, caller = make(goal_rule("r", goal, step(10), event="service.done"))
    world.member("bob")
    for name in ("ann", "bob"):
        world.outcome(None, type="service.done", subject=name, data={"vin": f"VIN-{name}", "km": 12})
    assert caller.call("DELETE", "members/ann").status_code == 204
    assert list(Progress.objects.values_list("key", flat=True)) == ["VIN-bob"]
    assert list(ReachedMilestone.objects.values_list("by", flat=True)) == ["VIN-bob"]
    assert Contribution.objects.count() == 1
