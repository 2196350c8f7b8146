"""Offers in the engine: windows, completion, progress and limits of their own, stack groups, holdout."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from campaigns.models import GhostAward, MemberBadge, MemberCounter, Offer, Progress
from campaigns.rules.gates import is_held_out
from campaigns.selectors.traces import read_traces
from core.refusals import NotAvailable
from members.services.changes import patch_member
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.offer_cases import (
    TICK,
    WEEK,
    activate,
    give,
    moment,
    offered,
    paid,
    reasons,
    refusal,
    see,
    shown,
    state,
)
from tests.campaigns.world import NOW, World, campaign, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db
COUNT = {"count": True, "window": "offer"}


def make(*campaigns: dict[str, Any], **sections: Any) -> World:
    world = make_world(*campaigns, **sections)
    world.member()
    return world


def pay(world: World, *, time: Any = NOW, key: str | None = None, **more: Any) -> dict[str, Any]:
    return world.outcome(key=key, time=time.isoformat(), at=max(time, NOW) + timedelta(days=30), **more)


def test_without_an_open_offer_the_campaign_pays_nothing_and_says_so() -> None:
    world = make(everyday(), offered())
    assert reasons(world) == {"everyday": None, "bonus": "no-open-offer"}


def test_the_first_firing_completes_and_closes_an_offer() -> None:
    world = make(offered())
    offer = give(world)
    assert state(world, offer) == ("assigned", 0, 1)
    first = pay(world)
    assert [(e["kind"], e["amount"], e["offer"]) for e in first["effects"]] == [("points", 50, str(offer.pk))]
    assert state(world, offer) == ("completed", 1, None)
    assert shown(world, offer)[0]["completed_at"] == "2026-06-15T04:00:00Z"
    assert reasons(world) == {"bonus": "no-open-offer"}


@pytest.mark.parametrize(
    ("time", "points"), [(NOW - TICK, []), (NOW, [50]), (NOW + WEEK, [50]), (NOW + WEEK + TICK, [])]
)
def test_both_ends_of_the_window_are_in(time: datetime, points: list[int]) -> None:
    world = make(offered())
    give(world)
    assert paid(pay(world, time=time)) == points


def test_days_are_of_24_hours_when_the_clocks_change() -> None:
    market = {"code": "SG", "name": "x", "currency": "SGD", "timezone": "Europe/Berlin", "languages": ["en"]}
    world = make(offered(offer={"days": 1, "closes": False}), markets=[market], dealers=[], regions=[], outlets=[])
    at = moment("2026-03-28T12:00:00+01:00")  # the night that follows has one hour less
    offer = give(world, at=at)
    assert offer.until == moment("2026-03-29T13:00:00+02:00")
    assert paid(pay(world, time=moment("2026-03-29T13:00:00+02:00"))) == [50]
    assert paid(pay(world, time=moment("2026-03-29T13:00:01+02:00"))) == []


def test_events_processed_before_the_assignment_never_count() -> None:
    world = make(offered())
    pay(world, key="early")
    offer = give(world, at=NOW - timedelta(hours=1))
    again = world.send(world.event(key="early"), at=NOW + timedelta(days=30))
    assert [one.duplicate for one in again] == [True]
    assert state(world, offer) == ("assigned", 0, 1)


def test_events_that_come_late_count_by_their_own_time() -> None:
    world = make(offered())
    offer = give(world, at=NOW - timedelta(days=20))
    assert state(world, offer)[0] == "expired"
    assert paid(pay(world, time=NOW - timedelta(days=14))) == [50]
    assert state(world, offer)[0] == "completed"


def test_one_that_stays_open_pays_each_time_and_is_completed_in_the_end() -> None:
    world = make(offered(offer={"closes": False}))
    offer = give(world)
    assert [paid(pay(world)) for _ in range(3)] == [[50], [50], [50]]
    assert state(world, offer)[0] == "assigned"
    assert state(world, offer, at=NOW + WEEK)[0] == "assigned"
    assert state(world, offer, at=NOW + WEEK + TICK)[0] == "completed"


def test_the_last_milestone_completes_and_progress_is_told_with_the_end_of_the_offer() -> None:
    world = make(offered("bonus", goal_rule("r", COUNT, step(1), step(3))))
    offer = give(world)
    first = pay(world)
    goal = {"campaign": "bonus", "rule": "r", "progress": 1, "target": 3, "ends_at": "2026-06-22T04:00:00Z"}
    assert first["goals"] == [goal | {"offer": str(offer.pk)}]
    assert (paid(first), state(world, offer)) == ([1], ("assigned", 1, 3))
    assert [paid(pay(world)) for _ in range(3)] == [[], [3], []]
    assert state(world, offer) == ("completed", 3, None)


def test_a_goal_of_an_offer_ends_with_the_campaign_where_that_ends_first() -> None:
    world = make(offered("bonus", goal_rule("r", COUNT, step(3)), ends="2026-06-17T00:00:00+08:00"))
    give(world)
    assert pay(world)["goals"][0]["ends_at"] == "2026-06-16T16:00:00Z"
    assert reasons(world, time=moment("2026-06-17T00:00:00+08:00"))["bonus"] == "not-live"


def test_an_offer_received_twice_is_open_twice_with_progress_of_its_own() -> None:
    world = make(offered("bonus", goal_rule("r", COUNT, step(2))))
    one = give(world)
    pay(world)
    two = give(world)
    both = pay(world)
    assert [(e["amount"], e["offer"]) for e in both["effects"]] == [(2, str(one.pk))]
    assert [state(world, one), state(world, two)] == [("completed", 2, None), ("assigned", 1, 2)]
    assert paid(pay(world)) == [2]
    assert sorted(Progress.objects.values_list("offer_id", "value")) == [(one.pk, 2), (two.pk, 2)]


def test_without_a_group_every_open_offer_counts_the_event() -> None:
    world = make(offered("a"), offered("b"))
    for code in ("a", "a", "b"):
        give(world, code)
    assert paid(pay(world)) == [50, 50, 50]


def test_limits_by_campaign_are_the_members_and_by_day_each_offers() -> None:
    day, ever = ({"per_member": {"points": most, "per": per}} for most, per in ((70, "day"), (220, "campaign")))
    world = make(offered(offer={"closes": False}, limits=[day, ever]))
    give(world)
    give(world)
    assert [paid(pay(world)) for _ in range(3)] == [[50, 50], [20, 20], []]
    assert [paid(pay(world, time=NOW + timedelta(days=1))) for _ in range(2)] == [[50, 30], []]
    used = MemberCounter.objects.filter(unit="points", per="campaign").values_list("offer_id", "used")
    assert list(used) == [(0, 220)]
    assert MemberCounter.objects.filter(unit="points", per="day").count() == 4


def test_a_refused_award_leaves_the_offer_open() -> None:
    world = make(
        offered(fund="small"),
        budgets=[{"code": "root", "points": 100}, {"code": "small", "parent": "root", "points": 40}],
    )
    offer = give(world)
    outcome = pay(world)
    assert [(one["reason"], one["offer"]) for one in outcome["refused"]] == [("budget", str(offer.pk))]
    assert state(world, offer) == ("assigned", 0, 1)


# -- seen, activated ---------------------------------------------------------------------------


@pytest.mark.parametrize(("require", "step_of"), [("seen", see), ("activated", activate)])
def test_what_an_offer_requires_is_a_condition_that_the_trace_names(require: str, step_of: Any) -> None:
    world = make(offered(offer={"require": require}))
    offer = give(world)
    (answer,) = world.send(world.event(), trace=True)
    (line,) = answer.trace
    failed = {"path": "offer.require", "fact": "offer.state", "op": "eq", "value": require, "actual": "assigned"}
    assert (line["reason"], line["failed"]) == ("condition", failed)
    step_of(world, offer)
    assert paid(pay(world)) == [50]


def test_the_stored_trace_names_what_the_offer_required() -> None:
    world = make(offered(offer={"require": "activated"}))
    see(world, give(world))
    pay(world, key="e")
    (again,) = world.send(world.event(key="e"), trace=True)
    assert again.duplicate
    assert again.body
    ((line,),) = read_traces([again.body["sequence"]]).values()
    assert (line["reason"], line["failed"]["path"], line["failed"]["actual"]) == ("condition", "offer.require", "seen")


def test_seen_and_activated_again_change_nothing_and_an_ended_offer_says_so() -> None:
    world = make(offered())
    offer = give(world)
    see(world, offer)
    activate(world, offer, at=NOW + timedelta(hours=1))
    activate(world, offer, at=NOW + timedelta(hours=2))
    see(world, offer, at=NOW + timedelta(hours=3))
    offer.refresh_from_db()
    assert (offer.state, offer.seen_at, offer.activated_at) == ("activated", NOW, NOW + timedelta(hours=1))
    with pytest.raises(NotAvailable):
        activate(world, offer, at=NOW + WEEK + TICK)
    pay(world)
    assert activate(world, offer).state == "completed"


def test_an_opt_in_that_is_assigned_pays_once_it_is_activated() -> None:
    world = make(offered(delivery="opt_in"))
    offer = give(world)
    assert reasons(world) == {"bonus": "condition"}
    activate(world, offer)
    assert paid(pay(world)) == [50]


# -- who may be given one ----------------------------------------------------------------------


def test_market_and_audience_are_judged_at_the_assignment_alone() -> None:
    hobby = {"fact": "member.data.hobby", "op": "eq", "value": "chess"}
    world = make_world(offered(markets=["SG"], audience=hobby))
    world.member("ann", attributes={"hobby": "chess"})
    world.member("bob")
    world.member("eve", market="ID", attributes={"hobby": "chess"})
    give(world)
    assert [refusal(world, member=name) for name in ("bob", "eve")] == ["not-eligible"] * 2
    patch_member(program=world.program, reference="ann", changes={"attributes": {"hobby": None}}, at=NOW)
    assert paid(pay(world)) == [50]


def test_only_what_is_offered_and_live_can_be_assigned() -> None:
    more = {"starts": "2026-07-01T00:00:00+08:00"}
    world = make(
        everyday(), offered(), offered("draft", state="draft"), offered("ended", state="ended"),
        offered("paused", state="paused"), offered("later", **more), offered("over", ends="2026-06-15T12:00:00+08:00"),
    )  # fmt: skip
    for code in ("draft", "ended", "paused", "later", "over"):
        assert refusal(world, code) == "not-available"
    assert [refusal(world, code) for code in ("everyday", "nothing")] == ["validation"] * 2
    assert refusal(world, member="nobody") == "validation"


def names(world: World, percent: int) -> tuple[str, str]:
    """A member who is held out of the campaign, and one who is not."""
    found: dict[bool, str] = {}
    for number in range(100):
        member = world.member(f"m{number}")
        found.setdefault(is_held_out("demo/bonus", member.uuid, Decimal(percent)), member.external_id)
        if len(found) == 2:
            return found[True], found[False]
    raise AssertionError


def test_who_is_held_out_is_assigned_nothing_to_be_shown_and_leaves_ghost_awards_within_the_window() -> None:
    world = make_world(offered(holdout=50), everyday())
    held, free = names(world, 50)
    out, given = give(world, member=held), give(world, member=free)
    assert (out.state, given.state) == ("held_out", "assigned")
    for member in (held, free):
        pay(world, subject=member, time=NOW - timedelta(days=1))
        pay(world, subject=member)
        pay(world, subject=member)
    assert list(GhostAward.objects.values_list("member__external_id", "amount", "offer_id")) == [(held, 50, out.pk)]
    out.refresh_from_db()
    assert (out.state, out.is_closed) == ("held_out", True)
    assert reasons(world, subject=held)["bonus"] == "held-out"
    with pytest.raises(NotAvailable):
        see(world, out)


def test_a_ghosts_goal_grows_unseen_and_a_reversal_takes_it_back() -> None:
    world = make(offered("bonus", goal_rule("r", COUNT, step(2)), holdout=100))
    out = give(world)
    assert [pay(world, key=key)["goals"] for key in "ab"] == [[], []]
    assert GhostAward.objects.get().amount == 2
    (answer,) = world.send(world.reversal("a"))
    assert answer.body
    assert (answer.body["goals"], answer.body["effects"]) == ([], [])
    assert not GhostAward.objects.exists()
    out.refresh_from_db()
    assert (out.state, out.is_closed, out.completed_by) == ("held_out", False, None)


# -- inside a group ----------------------------------------------------------------------------


def test_inside_a_group_only_the_first_by_priority_end_and_number_counts() -> None:
    world = make(offered("a", stack="g"), offered("b", stack="g"), offered("top", stack="g", priority=5))
    late, early, same = give(world, "a", days=9), give(world, "b", days=3), give(world, "b", days=3)
    top = give(world, "top", days=30)
    got = [pay(world)["effects"] for _ in range(5)]
    assert [[effect["offer"] for effect in one] for one in got] == [
        [str(top.pk)], [str(early.pk)], [str(same.pk)], [str(late.pk)], []
    ]  # fmt: skip


def test_inside_a_group_who_does_not_count_the_event_takes_nobodys_place() -> None:
    bills = {"fact": "event.data.category", "op": "eq", "value": "bill"}
    world = make(
        offered("bills", rule("r", fixed(9), when=bills), stack="g", priority=5),
        offered("seen", stack="g", priority=4, offer={"require": "seen"}),
        offered("plain", stack="g"),
    )
    for code in ("bills", "seen", "plain"):
        give(world, code)
    assert reasons(world) == {"bills": "condition", "seen": "condition", "plain": None}


def test_the_trace_says_that_another_offer_of_the_group_counted() -> None:
    world = make(offered("a", stack="g", priority=1), offered("b", stack="g"))
    give(world, "a")
    give(world, "b")
    assert reasons(world) == {"a": None, "b": "outbid"}


# -- taking back -------------------------------------------------------------------------------


def test_an_offer_completed_by_an_event_that_is_taken_back_opens_again() -> None:
    world = make(offered())
    offer = give(world)
    activate(world, offer)
    pay(world, key="a")
    world.send(world.reversal("a", "99.99"))
    assert state(world, offer)[0] == "completed"
    world.send(world.reversal("a"))
    assert state(world, offer) == ("activated", 0, 1)
    assert state(world, offer, at=NOW + WEEK + TICK) == ("expired", 0, 1)
    assert paid(pay(world)) == [50]


def test_progress_goes_back_and_any_event_behind_the_last_milestone_reopens_the_offer() -> None:
    world = make(offered("bonus", goal_rule("r", {"sum": "base", "window": "offer"}, step("60.00"), step("250.00"))))
    offer = give(world)
    for key in "abc":
        pay(world, key=key)
    assert state(world, offer) == ("completed", "300.00", None)
    (part,) = world.send(world.reversal("a", "40.00"))
    assert part.body
    assert part.body["effects"] == []
    assert state(world, offer) == ("completed", "260.00", None)
    (back,) = world.send(world.reversal("a", "20.00"))
    assert back.body
    assert (paid(back.body), back.body["goals"][0]["progress"]) == ([-250], "240.00")
    assert back.body["goals"][0]["ends_at"] == "2026-06-22T04:00:00Z"
    assert state(world, offer) == ("assigned", "240.00", "250.00")
    assert paid(pay(world)) == [250]
    assert Offer.objects.get().completed_goal is not None


def test_a_milestone_below_the_last_lost_leaves_another_completion_alone() -> None:
    world = make(offered("bonus", goal_rule("g", COUNT, step(2), step(9)), rule("r", fixed(50))))
    offer = give(world)
    pay(world, key="a")
    assert state(world, offer)[0] == "completed"
    assert Offer.objects.get().completed_goal is None


def test_a_reversal_frees_the_limit_of_its_offer_alone() -> None:
    world = make(offered(offer={"closes": False}, limits=[{"per_member": {"times": 1, "per": "day"}}]))
    one, two = give(world), give(world)
    assert paid(pay(world, key="a")) == [50, 50]
    assert paid(pay(world, key="b")) == []
    world.send(world.reversal("a"))
    assert set(MemberCounter.objects.values_list("offer_id", "used")) == {(one.pk, 0), (two.pk, 0)}
    assert paid(pay(world, key="c")) == [50, 50]


def test_a_reversal_that_comes_before_its_event_leaves_the_offer_open() -> None:
    world = make(offered())
    offer = give(world)
    world.send(world.reversal("late"))
    pay(world, key="late")
    assert state(world, offer) == ("assigned", 0, 1)


def test_multipliers_of_offers_add_and_close() -> None:
    world = make(everyday(), offered("double", rule("r", {"multiply": {"by": "2"}})))
    offer = give(world, "double")
    assert [paid(pay(world)) for _ in range(2)] == [[100, 100], [100]]
    assert state(world, offer)[0] == "completed"


def test_a_badge_once_a_window_is_given_once_an_offer() -> None:
    badge = {"badge": {"code": "first-bill", "once": "window"}}
    world = make(offered("bonus", goal_rule("r", COUNT, step(1, badge))))
    give(world)
    assert [len(pay(world, key=key)["effects"]) for key in "ab"] == [1, 0]
    give(world)
    assert len(pay(world, key="c")["effects"]) == 1
    world.send(world.reversal("a"))
    assert MemberBadge.objects.count() == 1


def test_campaigns_that_pay_by_themselves_are_untouched() -> None:
    world = make(campaign("auto", goal_rule("r", {"count": True, "window": "campaign"}, step(2))), offered())
    give(world)
    assert [paid(pay(world)) for _ in range(2)] == [[50], [2]]
    assert list(Progress.objects.values_list("offer_id", "value")) == [(0, 2)]
