"""Contests: opened with the file, closed once by the wall time of their market, told to the first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Contest, ContestScore
from campaigns.services.checks import check_campaign
from campaigns.services.life import end_campaign
from core.models import OutboxMessage, User
from core.refusals import Invalid, NotFound
from loyalty.operations.erase import erase
from tests.campaigns.board_cases import (
    ID_END,
    SG_END,
    board,
    board_world,
    close,
    closed,
    entry,
    places,
    race,
    results,
)
from tests.campaigns.derived import derived, settle, told
from tests.campaigns.taking import take
from tests.campaigns.world import NOW, World, campaign, document, everyday, fixed, rule

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = SG_END + DAY
FIRST = {"fact": "event.data.rank", "op": "lte", "value": 1}


def prize(**more: Any) -> dict[str, Any]:
    """A campaign that outlives the contest and pays the winner."""
    return campaign("prizes", rule("winner", fixed(500), event="leaderboard.closed", when=FIRST), **more)


@pytest.fixture
def world() -> World:
    made = board_world(everyday(), race(), prize())
    for name, amount in (("ann", "30.00"), ("bob", "50.00"), ("cat", "20.00"), ("dan", "10.00")):
        made.member(name)
        made.outcome(amount, name, subject=name)
    return made


def test_each_market_closes_by_its_own_wall_time(world: World) -> None:
    world.member("budi", "ID")
    world.outcome("100000.00", currency="IDR", subject="budi")
    assert close(world, SG_END + DAY - timedelta(seconds=1)) == 0
    assert close(world, SG_END + DAY) == 1
    assert closed() == {"SG": 4}
    assert close(world, ID_END + DAY - timedelta(seconds=1)) == 0
    assert close(world, ID_END + DAY) == 1
    assert closed() == {"SG": 4, "ID": 1}
    assert results() == [
        ("ID", 1, "budi", 830),
        ("SG", 1, "bob", 5000),
        ("SG", 2, "ann", 3000),
        ("SG", 3, "cat", 2000),
    ]


def test_the_wall_time_is_that_of_the_season() -> None:
    """Clocks of the market go back between the end and now; a day of settling is 24 hours."""
    places_of = [{"code": "FR", "name": "France", "currency": "EUR", "timezone": "Europe/Paris", "languages": ["en"]}]
    world = board_world(
        race(ends="2026-10-25T03:00:00"),
        markets=places_of,
        program={"currency": "EUR"},
        rates=[], regions=[], outlets=[], dealers=[],
    )  # fmt: skip
    end = datetime(2026, 10, 25, 2, tzinfo=UTC)  # after the hour that comes twice
    assert close(world, end + DAY - timedelta(seconds=1)) == 0
    assert close(world, end + DAY) == 1


def test_it_closes_once_however_often_and_late_the_clock_comes(world: World) -> None:
    assert [close(world, LATER + n * DAY) for n in range(1, 4)] == [2, 0, 0]
    assert OutboxMessage.objects.filter(topic="leaderboard.closed").count() == 3


def test_the_first_hear_it_as_an_event_each_once_and_rules_pay_prizes(world: World) -> None:
    close(world, LATER + 3 * DAY)
    settle()
    settle()
    heard = sorted(derived("leaderboard.closed"), key=lambda event: event.data["rank"])
    bob = world.program.members.get(external_id="bob")
    assert [event.member.external_id for event in heard] == ["bob", "ann", "cat"]
    assert heard[0].key == f"leaderboard:race:SG:{bob.uuid}"
    data = {"board": "race", "market": "SG", "rank": 1, "score": 5000, "of": 4}
    assert told(heard[0]) == ("leaderboard.closed", "/loyalty/demo", data, LATER)  # the planned moment
    paid = [(e["kind"], e["amount"]) for event in heard for e in event.outcome.answer["effects"]]
    assert paid == [("points", 500)]


def test_without_a_market_the_event_names_none() -> None:
    world = board_world(race(), prize(), boards=[board(by_market=False, settle_hours=0)])
    world.member("budi", "ID")
    world.outcome("100000.00", currency="IDR", subject="budi")
    assert close(world, SG_END) == 0  # the last market is still running
    assert close(world, ID_END) == 1
    settle()
    (event,) = derived("leaderboard.closed")
    assert event.data == {"board": "race", "rank": 1, "score": 830, "of": 1}
    assert event.key.startswith("leaderboard:race:all:")


def test_a_prize_in_a_campaign_that_is_over_then_is_not_paid() -> None:
    world = board_world(race(), prize(ends="2026-07-01T00:00:00"))
    world.member()
    world.outcome("10.00")
    close(world, LATER)
    settle()
    (event,) = derived("leaderboard.closed")
    assert event.outcome.answer["effects"] == []


def test_what_happened_before_the_end_and_comes_while_it_settles_counts(world: World) -> None:
    world.outcome(
        "100.00", subject="dan", time=(SG_END - timedelta(seconds=1)).isoformat(), at=LATER - timedelta(hours=1)
    )
    close(world, LATER)
    assert results()[0] == ("SG", 1, "dan", 11000)


def test_after_closing_neither_late_events_nor_returns_change_anything(world: World) -> None:
    close(world, LATER)
    before, standing = results(), places(world)
    body = world.outcome("1000.00", "late", subject="dan", at=LATER)
    assert [(one["board"], one["reason"]) for one in body["refused"]] == [("race", "not-available")]
    back = take(world, "bob", subject="bob", at=LATER)
    assert [(one["kind"], one["amount"]) for one in back["effects"]] == [("points", -50), ("entry", 0)]
    assert (results(), places(world)) == (before, standing)


def test_a_late_event_enters_no_other_contest_than_that_of_its_market(world: World) -> None:
    close(world, LATER)  # Singapore's; Jakarta's is open for one hour more
    world.member("budi", "ID")
    world.outcome("100000.00", currency="IDR", subject="budi", at=LATER)
    assert places(world, "ID") == [(1, "budi", 830)]


def test_a_campaign_that_people_end_is_settled_from_then_on(world: World) -> None:
    boss = User.objects.create_user("boss", is_superuser=True, is_staff=True)
    end_campaign(campaign=world.program.campaigns.get(code="race"), by=boss, at=NOW)
    world.program.refresh_from_db()
    body = world.outcome("10.00")
    assert [one["kind"] for one in body["effects"]] == ["points"]
    assert close(world, NOW + DAY - timedelta(seconds=1)) == 0
    assert close(world, NOW + DAY) == 2
    assert [name for _, _, name, _ in results()] == ["bob", "ann", "cat"]


@pytest.mark.parametrize("state", ["draft", "paused"])
def test_a_board_of_a_campaign_that_does_not_run_takes_no_entries(state: str) -> None:
    world = board_world(race(state=state), campaign("other", rule("enter", entry())))
    world.member()
    assert [one["reason"] for one in world.outcome("10.00")["refused"]] == ["not-available"]
    assert close(world, LATER + DAY) == (2 if state == "paused" else 0)


def test_without_an_end_it_never_closes() -> None:
    world = board_world(race(ends=None))
    assert close(world, NOW + 5000 * DAY) == 0


def test_a_board_that_is_loaded_when_its_campaign_is_over_waits_for_its_events_from_then_on() -> None:
    world = board_world(race(ends="2026-03-01T00:00:00"))
    world.member()
    world.outcome("10.00", time="2026-02-10T00:00:00Z")
    assert close(world, NOW + DAY - timedelta(seconds=1)) == 0
    assert close(world, NOW + DAY) == 2
    assert results() == [("SG", 1, "ann", 1000)]


def test_an_end_that_is_moved_before_it_came_moves_the_closing(world: World) -> None:
    world.reload(document(everyday(), race(ends="2026-08-01T00:00:00"), prize(), leaderboards=[board()]))
    assert close(world, LATER) == 0
    assert close(world, ID_END + 32 * DAY) == 2


def test_an_end_that_is_moved_after_closing_changes_nothing(world: World) -> None:
    close(world, LATER)
    world.reload(document(everyday(), race(ends="2026-08-01T00:00:00"), prize(), leaderboards=[board()]))
    world.outcome("1000.00", subject="dan", at=LATER)
    assert results()[0] == ("SG", 1, "bob", 5000)
    assert close(world, SG_END + 40 * DAY) == 1  # Jakarta's


def test_a_new_market_opens_its_contest_on_boards_that_are_there(world: World) -> None:
    body = document(everyday(), race(), prize(), leaderboards=[board()])
    body["markets"].append(
        {"code": "MY", "name": "Malaysia", "currency": "SGD", "timezone": "Asia/Kuala_Lumpur", "languages": ["en"]}
    )
    world.reload(body)
    world.member("mei", "MY")
    world.outcome("5.00", subject="mei")
    assert places(world, "MY") == [(1, "mei", 500)]
    assert Contest.objects.count() == 3


def test_contests_are_held_in_the_markets_of_the_campaign_only() -> None:
    world = board_world(race(markets=["SG"]), campaign("other", rule("enter", entry())))
    world.member("budi", "ID")
    body = world.outcome("100000.00", currency="IDR", subject="budi")
    assert [one["reason"] for one in body["refused"]] == ["not-available"]
    assert close(world, LATER + DAY) == 1
    with pytest.raises(Invalid):
        places(world, "ID")
    with pytest.raises(NotFound):
        places(world, code="nothing")


def test_the_erased_are_not_told(world: World) -> None:
    close(world, LATER)
    erase(program=world.program, reference="bob", at=LATER)
    settle()
    assert {event.member.external_id for event in derived("leaderboard.closed")} == {"ann", "cat"}
    assert results()[0][3] == 5000


def test_a_contest_without_anybody_closes_in_silence() -> None:
    world = board_world(race(markets=["SG"]))
    assert close(world, LATER) == 1
    assert (closed(), results(), ContestScore.objects.count()) == ({"SG": 0}, [], 0)


def doubts(world: World, code: str) -> list[tuple[str, str]]:
    found = check_campaign(world.program.campaigns.get(code=code), NOW)
    return [(one.code, one.path) for one in found if not one.error]


def test_the_check_warns_of_prizes_that_come_too_late_and_of_contests_that_never_close_or_meet() -> None:
    mine = {"fact": "event.data.board", "op": "eq", "value": "race"}
    other = {"fact": "event.data.board", "op": "eq", "value": "other"}
    prizes = [rule(code, fixed(1), event="leaderboard.closed", when=when) for code, when in (("a", mine), ("b", other))]
    own = race()
    own["rules"] += prizes
    world = board_world(
        own,
        campaign("endless", rule("x", entry(to="other"))),
        campaign("after", rule("x", entry()), starts="2026-08-01T00:00:00"),
        prize(),
        prize() | {"code": "short", "ends": "2026-07-02T00:00:00"},
        prize() | {"code": "long", "ends": "2026-07-02T00:00:01"},
        boards=[board(), board("other", campaign="endless")],
    )
    assert doubts(world, "race") == [("late-prize", "rules[1]")]
    assert doubts(world, "endless") == [("no-close", "rules[0].then[0]")]
    assert doubts(world, "after") == [("no-contest", "rules[0].then[0]")]
    assert (doubts(world, "prizes"), doubts(world, "long")) == ([], [])
    assert doubts(world, "short") == [("late-prize", "rules[0]")]
