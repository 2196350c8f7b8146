"""Scores on leaderboards: what enters, who ranks before whom, what is taken back."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import ContestEntry, ContestScore, GhostAward
from loyalty.operations.erase import erase
from tests.campaigns.board_cases import board, board_world, close, entry, places, race
from tests.campaigns.goal_cases import goal_rule
from tests.campaigns.taking import take
from tests.campaigns.world import NOW, PER_DOLLAR, World, campaign, effects, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db


def at(minutes: int) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat()


def members(world: World, *names: str, **more: Any) -> None:
    for name in names:
        world.member(name, **more)


@pytest.fixture
def world() -> World:
    made = board_world(everyday(), race())
    members(made, "ann", "bob", "cat")
    return made


def test_amounts_add_up_and_the_outcome_says_what_was_entered(world: World) -> None:
    body = world.outcome("120.50")
    (entered,) = [one for one in body["effects"] if one["kind"] == "entry"]
    assert entered == {
        "kind": "entry", "campaign": "race", "version": 1, "rule": "enter",
        "board": "race", "market": "SG", "score": "amount", "amount": 12050,
    }  # fmt: skip
    world.outcome("9.50")
    world.outcome("200.00", subject="bob")
    assert places(world) == [(1, "bob", 20000), (2, "ann", 13000)]


def test_amounts_of_other_currencies_count_in_the_base_currency() -> None:
    world = board_world(race())
    world.member("budi", "ID")
    world.outcome("1000000.00", currency="IDR", subject="budi")
    assert places(world, "ID") == [(1, "budi", 8300)]
    assert places(world, "SG") == []


def test_a_board_of_all_markets_has_one_contest() -> None:
    world = board_world(race(), boards=[board(by_market=False)])
    world.member("ann")
    world.member("budi", "ID")
    world.outcome("100.00")
    world.outcome("1000000.00", currency="IDR", subject="budi")
    assert places(world, None) == places(world, "ID") == [(1, "ann", 10000), (2, "budi", 8300)]


@pytest.mark.parametrize(("score", "expected"), [("count", 1), ("amount", 10050), ("points", 250)])
def test_what_an_event_adds(score: str, expected: int) -> None:
    """Points: all that the event gives, also by other campaigns and by multipliers, whatever the order of rules."""
    double = campaign("double", rule("x", {"multiply": {"by": "2"}}), priority=-5)
    world = board_world(race(entry(score), fixed(25), priority=9), everyday(), double)
    world.member()
    world.outcome("100.50")
    assert places(world) == [(1, "ann", expected)]


def test_an_event_without_amount_or_points_enters_nothing() -> None:
    world = board_world(race(entry("points")))
    world.member()
    assert effects(world.outcome("0.00")) == []
    assert ContestScore.objects.count() == 0


def test_points_of_a_milestone_are_those_it_gives_itself() -> None:
    goal = goal_rule("g", {"count": True, "window": "campaign"}, {"reach": 2, "then": [fixed(40), entry("points")]})
    world = board_world({**race(), "rules": [goal]}, everyday())
    world.member()
    world.outcome("100.00", "a")
    assert places(world) == []
    world.outcome("100.00", "b")
    assert places(world) == [(1, "ann", 40)]
    take(world, "a")
    assert places(world) == []  # the milestone is lost, and its entry with it
    assert ContestEntry.objects.count() == 0


# -- who ranks before whom ---------------------------------------------------------------------


def test_of_equal_scores_the_one_reached_earlier_ranks_higher(world: World) -> None:
    world.outcome("50.00", subject="ann", time=at(30))
    world.outcome("100.00", subject="bob", time=at(20))
    world.outcome("50.00", subject="ann", time=at(10))
    assert places(world) == [(1, "bob", 10000), (2, "ann", 10000)]


def test_of_equal_scores_at_one_moment_the_member_who_was_there_first_ranks_higher(world: World) -> None:
    for name in ("cat", "bob", "ann"):
        world.outcome("100.00", subject=name, time=at(5))
    assert [name for _, name, _ in places(world)] == ["ann", "bob", "cat"]


def test_a_late_event_counts_at_its_own_time(world: World) -> None:
    world.outcome("100.00", subject="bob", time=at(20))
    world.outcome("100.00", subject="ann", time=at(30))  # came after, happened before
    assert [name for _, name, _ in places(world)] == ["ann", "bob"]


def test_however_events_arrive_the_standing_is_the_same() -> None:
    found = set()
    sent = [
        ("ann", "60.00", 40),
        ("bob", "100.00", 30),
        ("ann", "40.00", 20),
        ("cat", "99.99", 50),
        ("bob", "0.01", 10),
    ]
    for number, order in enumerate(list(permutations(sent))[::24]):
        world = make_world(race(), leaderboards=[board()], program={"code": f"p{number}"})
        members(world, "ann", "bob", "cat")
        for name, amount, minutes in order:
            world.outcome(amount, f"{name}{minutes}", subject=name, time=at(minutes))
        take(world, "bob10", subject="bob")
        found.add(tuple(places(world)))
    # Ann reached it at 20 minutes before, Bob, whose last cent was taken back, at 30.
    assert found == {((1, "bob", 10000), (2, "ann", 10000), (3, "cat", 9999))}


def test_the_same_event_twice_counts_once(world: World) -> None:
    for _ in range(2):
        world.outcome("100.00", "same")
    assert places(world) == [(1, "ann", 10000)]


# -- what does not enter -----------------------------------------------------------------------


def test_events_after_the_end_in_the_market_of_the_member_do_not_enter() -> None:
    world = board_world(everyday(), campaign("late", rule("enter", entry())), race())
    members(world, "ann")
    world.member("budi", "ID")
    at_end = "2026-06-30T16:00:00Z"  # midnight in Singapore, eleven at night in Jakarta
    now = NOW + timedelta(days=20)
    body = world.outcome("10.00", time=at_end, at=now)
    assert [(one["kind"], one["board"], one["reason"]) for one in body["refused"]] == [
        ("entry", "race", "not-available")
    ]
    world.outcome("100000.00", currency="IDR", subject="budi", time=at_end, at=now)
    assert (places(world, "SG"), places(world, "ID")) == ([], [(1, "budi", 1660)])


def test_held_out_members_do_not_enter_and_leave_a_ghost() -> None:
    world = board_world(race(holdout=100))
    world.member()
    assert effects(world.outcome("10.00")) == []
    assert (places(world), ContestEntry.objects.count()) == ([], 0)
    assert list(GhostAward.objects.values_list("kind", "unit", "amount")) == [("entry", "race", 1)]


def test_limits_count_entries_in_times_and_a_reversal_frees_the_place() -> None:
    world = board_world(race(limits=[{"per_member": {"times": 2, "per": "day"}}, {"total": {"points": 1}}]))
    world.member()
    for key in "abc":
        world.outcome("10.00", key)
    assert places(world) == [(1, "ann", 2000)]
    take(world, "a")
    world.outcome("7.00", "d")
    assert places(world) == [(1, "ann", 1700)]


def test_a_frozen_member_keeps_competing() -> None:
    world = board_world(race())
    world.member(status="frozen")
    world.outcome("10.00")
    assert places(world) == [(1, "ann", 1000)]


# -- taking back -------------------------------------------------------------------------------


def test_a_return_lowers_the_score_in_proportion_and_the_rest_takes_it_away(world: World) -> None:
    world.outcome("100.00", "a")
    body = take(world, "a", "30.00")
    assert [one["amount"] for one in body["effects"] if one["kind"] == "entry"] == [-3000]
    assert places(world) == [(1, "ann", 7000)]
    take(world, "a")
    assert (places(world), ContestEntry.objects.count(), ContestScore.objects.count()) == ([], 0, 0)


def test_a_count_goes_whole_with_the_last_of_its_event() -> None:
    world = board_world(race(entry("count")))
    world.member()
    world.outcome("100.00", "a")
    assert [one for one in take(world, "a", "99.00")["effects"] if one["kind"] == "entry"] == []
    assert places(world) == [(1, "ann", 1)]
    take(world, "a")
    assert places(world) == []


def test_points_go_in_proportion() -> None:
    world = board_world(race(entry("points"), PER_DOLLAR))
    world.member()
    world.outcome("100.00", "a")
    take(world, "a", "50.50")
    assert places(world) == [(1, "ann", 50)]  # of 100, ceil(100 x 49.50 / 100) stays


def test_after_a_return_a_score_was_reached_when_the_latest_event_that_remains_happened(world: World) -> None:
    world.outcome("100.00", "a1", time=at(30))
    world.outcome("20.00", "a2", time=at(5))
    world.outcome("100.00", "b", subject="bob", time=at(20))
    take(world, "a2")
    assert [name for _, name, _ in places(world)] == ["ann", "bob"]
    world.outcome("20.00", "a3", time=at(4))
    take(world, "a3", "19.99")
    take(world, "b", "0.01", subject="bob")
    assert places(world) == [(1, "ann", 10001), (2, "bob", 9999)]


def test_a_reversal_that_came_first_takes_the_entry_with_it(world: World) -> None:
    world.send(world.reversal("a"))
    world.outcome("100.00", "a")
    assert places(world) == []


def test_an_event_and_its_reversal_in_one_batch(world: World) -> None:
    world.send(world.event("100.00", "a"), world.event("5.00", "b"), world.reversal("a"))
    assert places(world) == [(1, "ann", 500)]


# -- the store ---------------------------------------------------------------------------------


def test_a_batch_asks_as_much_for_three_members_as_for_one(world: World) -> None:
    counts = []
    for names in (["ann"], ["ann", "bob", "cat"]):
        world.send(*(world.event("1.00", subject=name) for name in names))
        with CaptureQueriesContext(connection) as captured:
            world.send(*(world.event("2.00", subject=name) for name in names))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_programs_without_entries_ask_nothing_more() -> None:
    counts = []
    for number, sections in enumerate(({}, {"leaderboards": [board(campaign="everyday")]})):
        world = make_world(everyday(), program={"code": f"q{number}"}, **sections)
        world.member()
        world.outcome()
        with CaptureQueriesContext(connection) as captured:
            world.outcome()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_erased_member_leaves_open_contests_and_stays_in_closed_ones_without_a_name(world: World) -> None:
    world.outcome("10.00")
    world.outcome("5.00", subject="bob")
    erase(program=world.program, reference="ann", at=NOW)
    assert places(world) == [(1, "bob", 500)]
    assert list(ContestEntry.objects.values_list("member__external_id", flat=True)) == ["bob"]
    close(world, NOW + timedelta(days=30))
    erase(program=world.program, reference="bob", at=NOW + timedelta(days=31))
    ((rank, name, score),) = places(world)
    assert (rank, score, name.startswith("erased:")) == (1, 500, True)
