"""A milestone is free again only when what it gave was really taken back; otherwise it would be paid twice."""

from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import MemberBadge, Offer
from rewards.models import Voucher
from tests.campaigns.goal_cases import goal_rule, points_of, step
from tests.campaigns.offer_cases import give, offered
from tests.campaigns.taking import points, take
from tests.campaigns.test_reversals import spend_points
from tests.campaigns.test_rewards import COFFEE, GIVE, use
from tests.campaigns.test_simulation import replayed
from tests.campaigns.world import NOW, World, campaign, effects, fixed, make_world, rule

pytestmark = pytest.mark.django_db
TWICE = {"count": True, "window": "campaign"}


def twice(*then: dict[str, Any], policy: str = "only_pending", **sections: Any) -> World:
    """Two payments reach a milestone."""
    world = make_world(campaign("c", goal_rule("two", TWICE, step(2, *then))), program={"reversal": policy}, **sections)
    world.member()
    for key in "ab":
        world.outcome(key=key, time=(NOW - timedelta(hours=1)).isoformat())
    return world


def test_only_pending_keeps_a_milestone_whose_points_can_be_spent_with_all_that_it_gave() -> None:
    world = twice(fixed(90), {"badge": "first-bill"})
    back = take(world, "b")
    assert [(e["amount"], e["desired"]) for e in back["effects"]] == [(0, -90)]
    assert back["goals"][0]["progress"] == 1
    assert (points(back), MemberBadge.objects.count()) == ((90, 0, 0), 1)
    again = world.outcome(key="c")
    assert (again["effects"], points(again), again["goals"][0]["progress"]) == ([], (90, 0, 0), 2)
    assert take(world, "c")["effects"] == []  # it was lost once, and is not lost again
    assert (points(world.outcome()), MemberBadge.objects.count()) == ((90, 0, 0), 1)


def test_only_pending_frees_a_milestone_whose_points_are_still_pending() -> None:
    world = twice(fixed(90, pending_days=3))
    assert points(take(world, "b")) == (0, 0, 0)
    assert points_of(world.outcome(key="c")) == [90]


def test_only_pending_keeps_a_milestone_from_the_day_on_which_its_points_mature() -> None:
    world = twice(fixed(90, pending_days=3))
    due = NOW + timedelta(days=3)
    assert points(take(world, "b", at=due, time=due.isoformat())) == (90, 0, 0)
    assert world.outcome(key="c", at=due, time=due.isoformat())["effects"] == []
    assert replayed(world)["difference"] == {"awards": 0, "listed": []}


def test_of_two_laps_the_one_that_can_be_taken_is_taken() -> None:
    """The first lap stays for good; the second is pending and goes, and comes again."""
    lap = goal_rule("two", TWICE | {"repeat": True}, step(2, fixed(90, pending_days=3)))
    world = make_world(campaign("c", lap), program={"reversal": "only_pending"})
    world.member()
    later = NOW + timedelta(days=3)
    now: dict[str, Any] = {"at": later, "time": later.isoformat()}
    for key in "ab":
        world.outcome(key=key)
    for key in "cd":
        world.outcome(key=key, **now)
    assert points_of(take(world, "a", **now)) == [-90]
    assert [points_of(take(world, key, **now)) for key in "bc"] == [[], [0]]
    assert [points_of(world.outcome(key=key, **now)) for key in "efg"] == [[], [], [90]]
    assert replayed(world)["difference"] == {"awards": 0, "listed": []}


def test_what_forgiving_leaves_with_the_member_keeps_the_milestone() -> None:
    world = twice(fixed(90), policy="forgive")
    spend_points(world, 50)
    back = take(world, "b")
    assert ([(e["amount"], e["desired"]) for e in back["effects"]], points(back)) == ([(-40, -90)], (0, 0, 0))
    assert world.outcome(key="c")["effects"] == []
    assert take(world, "c")["effects"] == []
    assert replayed(world)["difference"] == {"awards": 0, "listed": []}


@pytest.mark.parametrize("policy", ["debt", "forgive"])
def test_a_milestone_that_was_taken_back_whole_is_reached_again(policy: str) -> None:
    world = twice(fixed(90), policy=policy)
    assert points_of(take(world, "b")) == [-90]
    assert points(world.outcome()) == (90, 0, 0)


def test_what_becomes_debt_was_taken_and_the_milestone_is_reached_again() -> None:
    world = twice(fixed(90), policy="debt")
    spend_points(world, 50)
    assert points(take(world, "b")) == (0, 0, 50)
    assert points(world.outcome()) == (40, 0, 0)


@pytest.mark.parametrize("policy", ["debt", "only_pending"])
def test_a_used_voucher_keeps_the_milestone_and_an_unused_one_does_not(policy: str) -> None:
    world = twice(GIVE, policy=policy, rewards=[COFFEE])
    take(world, "b")
    assert [kind for kind, *_ in effects(world.outcome(key="c"))] == ["reward"]
    use(Voucher.objects.get(state="ready"))
    take(world, "c")
    assert world.outcome()["effects"] == []
    assert sorted(Voucher.objects.values_list("state", flat=True)) == ["used", "void"]


def test_an_offer_whose_last_milestone_stays_is_not_opened_again() -> None:
    last = goal_rule("two", {"count": True, "window": "offer"}, step(2, fixed(90)))
    world = make_world(offered("bonus", last), program={"reversal": "only_pending"})
    world.member()
    give(world)
    for key in "ab":
        world.outcome(key=key)
    take(world, "b")
    assert Offer.objects.get().state == "completed"
    assert world.outcome()["effects"] == []


def test_points_that_only_pending_leaves_keep_their_place_in_limits() -> None:
    once = [{"per_member": {"times": 1, "per": "lifetime"}}, {"total": {"points": 150}}]
    world = make_world(
        campaign("c", rule("r", fixed(100), limits=once[:1]), limits=once[1:]), program={"reversal": "only_pending"}
    )
    for name in ("ann", "ben"):
        world.member(name)
    world.outcome(key="a")
    assert points(take(world, "a")) == (100, 0, 0)
    refused = world.outcome(key="b")
    assert ([one["reason"] for one in refused["refused"]], points(refused)) == (["limit"], (100, 0, 0))
    assert points(world.outcome(key="d", subject="ben")) == (50, 0, 0)
    assert replayed(world)["difference"] == {"awards": 0, "listed": []}
