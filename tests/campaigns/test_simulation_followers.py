"""In a simulation badges, milestones and tiers cause events as they do in truth."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Campaign
from campaigns.services.trials import Trial, trial_of
from tests.campaigns.derived import settle
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.taking import take
from tests.campaigns.test_derived import BADGES, LADDER, data_is, on_event
from tests.campaigns.test_simulation import replayed, rows
from tests.campaigns.world import NOW, World, campaign, fixed, make_world, rule

pytestmark = pytest.mark.django_db
HEARD = [
    on_event("for-badge", "badge.earned", fixed(100)),
    on_event("for-goal", "goal.reached", fixed(10)),
    on_event("for-tier", "tier.changed", fixed(1)),
]
TWO = goal_rule("two", {"count": True, "window": "campaign"}, step(2, {"badge": "b0"}))


def world_with(*campaigns: dict[str, Any]) -> World:
    world = make_world(*HEARD, *campaigns, tiers=LADDER, badges=BADGES)
    world.member()
    return world


def pay(world: World, number: int) -> None:
    """Payments that are worked with all that follows, an hour between them."""
    for place in range(number):
        world.outcome("60.00", f"p{place}", time=(NOW - timedelta(hours=number - place)).isoformat())
        settle()


def given(report: dict[str, Any]) -> dict[str, int]:
    return {row["campaign"]: row["simulated"]["points"] for row in report["by_campaign"]}


def draft_of(code: str) -> Trial:
    return trial_of(Campaign.objects.get(code=code))


def test_what_a_draft_alone_gives_causes_events_in_memory() -> None:
    world = world_with({**campaign("new", TWO, rule("r", fixed(5))), "state": "draft"})
    pay(world, 3)
    before = rows()
    report = replayed(world, draft_of("new"))
    # Live, the second payment leads to gold: 1. The draft's 15 points, its milestone 10, the badge of that 100.
    assert report["live"]["points"] == 1
    assert given(report) == {"for-badge": 100, "for-goal": 10, "for-tier": 1, "new": 15}
    assert rows() == before


def test_what_a_draft_causes_falls_with_its_cause() -> None:
    world = world_with({**campaign("new", TWO), "state": "draft"})
    pay(world, 2)
    take(world, "p0")
    settle()
    assert given(replayed(world, draft_of("new"))) == {"for-badge": 0, "for-goal": 0, "for-tier": 0, "new": 0}


def test_what_nothing_causes_any_more_is_left_out() -> None:
    world = world_with(campaign("old", TWO))
    pay(world, 3)
    report = replayed(world, Trial(gone=frozenset({"old"})))
    assert (report["live"]["points"], given(report)["for-badge"], given(report)["for-tier"]) == (111, 0, 1)
    assert report["simulated"]["points"] == 1


def test_what_was_caused_in_truth_is_replayed_as_it_came() -> None:
    deep = [
        campaign(f"d{n}", rule("r", {"badge": f"b{n + 1}"}, event="badge.earned", **data_is("badge", f"b{n}")))
        for n in range(4)
    ]
    world = world_with(campaign("old", TWO), *deep)
    pay(world, 3)
    take(world, "p1")
    settle()
    report = replayed(world)
    assert report["difference"] == {"awards": 0, "listed": []}
    again = replayed(world, draft_of("old"))
    assert again["difference"] == {"awards": 0, "listed": []}


def test_a_draft_causes_events_three_deep_and_no_deeper() -> None:
    deep = [
        campaign(f"d{n}", rule("r", {"badge": f"b{n + 1}"}, event="badge.earned", **data_is("badge", f"b{n}")))
        for n in range(4)
    ]
    first = campaign("first", rule("r", {"badge": "b0"}))
    world = world_with(*deep, {**first, "state": "draft"})
    pay(world, 1)
    report = replayed(world, draft_of("first"))
    assert report["simulated"]["things"] == {"badge": 4}  # of the payment, and of three events above each other
    assert given(report)["for-badge"] == 300


def test_a_draft_that_asks_how_many_badges_were_earned_is_given_its_count() -> None:
    asked = {"fact": "member.count.badge.earned", "op": "gte", "value": 2}
    counting = campaign("new", rule("r", fixed(5), when=asked))
    world = make_world(
        campaign("old", goal_rule("r", {"count": True, "window": "campaign"}, step(1, {"badge": "b0"}),
                                  step(2, {"badge": "b1"}))),
        {**counting, "state": "draft"}, badges=BADGES,
    )  # fmt: skip
    world.member()
    pay(world, 4)
    report = replayed(world, draft_of("new"))
    assert (report["live"]["points"], report["simulated"]["points"]) == (0, 10)
