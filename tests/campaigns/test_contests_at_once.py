"""Many at once on one board: no entry is lost or counted twice, and a contest closes once with all that counted."""

from functools import partial
from typing import Any

import pytest

from campaigns.models import Contest, ContestEntry, ContestResult, ContestScore, Outcome
from core.models import OutboxMessage
from tests.campaigns.board_cases import SG_END, board_world, close, places, race
from tests.campaigns.test_contests import LATER
from tests.campaigns.test_derived_at_once import at_once
from tests.campaigns.world import World

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [f"m{number}" for number in range(5)]


@pytest.fixture
def world() -> World:
    made = board_world(race(markets=["SG"]))
    for name in NAMES:
        made.member(name)
    return made


def post(world: World, *events: dict[str, Any]) -> None:
    for event in events:
        world.send(event, at=LATER)


def add_up() -> None:
    """Every score is the sum of its entries, and was reached with the latest of them."""
    for score in ContestScore.objects.all():
        mine = ContestEntry.objects.filter(member=score.member_id, contest=score.contest_id)
        values = list(mine.values_list("value", "time"))
        assert (score.score, score.reached_at) == (sum(v for v, _ in values), max(t for _, t in values))


def test_workers_on_one_member_lose_no_entry_and_count_none_twice(world: World) -> None:
    events = [world.event("1.00", f"e{n}", subject="m0") for n in range(24)]
    backs = [world.reversal(f"e{n}", "0.25", subject="m0", key=f"r{n}") for n in range(0, 24, 2)]
    at_once(
        partial(post, world, *events),
        partial(post, world, *events[::-1]),
        partial(post, world, *backs),
        partial(post, world, *events[12:]),
    )
    assert places(world) == [(1, "m0", 24 * 100 - 12 * 25)]
    add_up()


def test_schedulers_at_once_close_once_and_count_exactly_what_events_were_told(world: World) -> None:
    """Whatever an outcome says was entered is in the result, and nothing else is."""
    events = [world.event("1.00", f"{name}-{n}", subject=name) for n in range(12) for name in NAMES]
    halves = [events[:30], events[30:]]
    closings = at_once(
        *(partial(post, world, *half) for half in halves),
        *[partial(close, world, LATER)] * 3,
    )[2:]
    assert sum(closings) == 1
    told: dict[int, int] = {}
    for outcome in Outcome.objects.select_related("event"):
        for effect in outcome.answer["effects"]:
            told[outcome.event.member_id] = told.get(outcome.event.member_id, 0) + effect["amount"]
    contest = Contest.objects.get(market__code="SG")
    assert dict(ContestScore.objects.values_list("member", "score")) == told
    assert contest.members == len(told)
    first = ContestResult.objects.order_by("rank").values_list("member", "score")
    assert dict(first) == {member: told[member] for member, _ in first}
    assert len(first) == min(3, len(told))
    assert OutboxMessage.objects.filter(topic="leaderboard.closed").count() == len(first)
    add_up()


def test_a_return_and_the_closing_at_once_agree(world: World) -> None:
    for name in NAMES:
        world.send(world.event("1.00", name, subject=name))
    backs = [world.reversal(name, subject=name, key=f"back-{name}") for name in NAMES]
    at_once(partial(post, world, *backs), partial(close, world, LATER), partial(close, world, SG_END))
    taken = [
        effect["amount"]
        for outcome in Outcome.objects.filter(event__event_type=None)
        for effect in outcome.answer["effects"]
    ]
    contest = Contest.objects.get(market__code="SG")
    assert len(taken) == len(NAMES)
    assert contest.members == ContestScore.objects.count() == taken.count(0)
