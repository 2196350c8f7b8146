"""Leaderboards through the API: the first, the own place, and who is asked for what."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.operations.erase import erase
from members.models import MemberIdentity
from tests.campaigns.board_cases import SG_END, board, board_world, close, race
from tests.campaigns.world import NOW, World, everyday, make_world
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import make_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = board_world(everyday(), race())
    for name, amount in (("ann", "10.00"), ("bob", "40.00"), ("cat", "30.00"), ("dan", "20.00")):
        made.member(name, nickname="Speedy" if name == "bob" else None)
        made.outcome(amount, subject=name)
    made.member("budi", "ID")
    return made


@pytest.fixture
def caller(world: World) -> Caller:
    return make_caller(world.program)


def read(caller: Caller, query: str) -> Any:
    answer = caller.get(f"leaderboards/{query}")
    assert answer.status_code == 200, answer.content
    return document(answer)


def row(rank: int, score: int, nickname: str | None = None, *, me: bool = False) -> dict[str, Any]:
    return {"rank": rank, "nickname": nickname, "score": score, "me": me}


def test_the_first_and_the_own_place(caller: Caller) -> None:
    assert read(caller, "race?market=SG&member=ann") == {
        "board": "race", "name": "Race", "campaign": "race", "market": "SG", "score": "amount", "state": "settling",
        "starts_at": "2025-12-31T16:00:00Z", "ends_at": "2026-06-30T16:00:00Z", "closes_at": "2026-07-01T16:00:00Z",
        "closed_at": None, "top": 3, "members": 4, "next": None, "me": row(4, 1000, me=True),
        "items": [row(1, 4000, "Speedy"), row(2, 3000), row(3, 2000)],
    }  # fmt: skip


def test_the_own_place_is_marked_among_the_first(caller: Caller) -> None:
    found = read(caller, "race?member=cat")
    assert found["me"] == found["items"][1] == row(2, 3000, me=True)


def test_without_a_market_it_is_the_members_own_or_must_be_named(caller: Caller) -> None:
    assert read(caller, "race?member=budi")["market"] == "ID"
    assert read(caller, "race?member=budi")["me"] is None
    refused = caller.get("leaderboards/race")
    assert problem(refused) == (422, "validation")
    assert document(refused)["errors"][0]["pointer"] == "/market"
    assert "ID, SG" in document(refused)["errors"][0]["detail"]


def test_another_market_may_be_looked_at(caller: Caller) -> None:
    found = read(caller, "race?market=SG&member=budi")
    assert (found["market"], found["me"], len(found["items"])) == ("SG", None, 3)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("nothing?market=SG", (404, "not-found")),
        ("race?market=XX", (422, "validation")),
        ("race?market=", (422, "validation")),
        ("race?market=SG&member=nobody", (404, "not-found")),
    ],
)
def test_what_is_not_there_is_said(caller: Caller, query: str, expected: tuple[int, str]) -> None:
    assert problem(caller.get(f"leaderboards/{query}")) == expected


def test_a_board_of_all_markets_needs_none_and_takes_any() -> None:
    world = board_world(race(), boards=[board(by_market=False)])
    world.member("ann")
    world.outcome("10.00")
    caller = make_caller(world.program)
    for query in ("race", "race?market=ID"):
        assert (read(caller, query)["market"], read(caller, query)["members"]) == (None, 1)
    assert problem(caller.get("leaderboards/race?market=XX")) == (422, "validation")


def test_boards_of_drafts_and_of_other_programs_do_not_exist(world: World) -> None:
    other = board_world(race(state="draft"), program={"code": "other"})
    assert problem(make_caller(other.program).get("leaderboards/race?market=SG")) == (404, "not-found")
    bare = make_world(everyday(), program={"code": "bare"})
    assert problem(make_caller(bare.program).get("leaderboards/race?market=SG")) == (404, "not-found")
    assert problem(make_caller(bare.program).get("leaderboards/race?member=ann")) == (404, "not-found")


def test_a_closed_board_says_so_and_keeps_its_result(world: World, caller: Caller) -> None:
    before = read(caller, "race?market=SG&member=ann")
    close(world, SG_END + timedelta(days=2))
    world.outcome("500.00", subject="ann", at=SG_END + timedelta(days=3))
    after = read(caller, "race?market=SG&member=ann")
    assert (after["state"], after["closed_at"]) == ("closed", "2026-07-02T16:00:00Z")
    assert (after["items"], after["me"], after["members"]) == (before["items"], before["me"], 4)


def test_an_erased_member_has_no_name_in_a_closed_result(world: World, caller: Caller) -> None:
    close(world, SG_END + timedelta(days=2))
    erase(program=world.program, reference="bob", at=NOW)
    assert not MemberIdentity.objects.filter(nickname="Speedy").exists()
    assert read(caller, "race?market=SG")["items"][0] == row(1, 4000)


def test_it_takes_as_many_queries_for_three_as_for_one(world: World, caller: Caller) -> None:
    counts = []
    for _round in range(2):
        read(caller, "race?market=SG&member=ann")
        with CaptureQueriesContext(connection) as captured:
            read(caller, "race?market=SG&member=ann")
        counts.append(len(captured))
        for number in range(3):
            world.member(f"more{number}")
            world.outcome("90.00", subject=f"more{number}")
    assert counts[0] == counts[1]


def test_an_app_lists_its_boards_and_reads_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.api.v1.acting.REQUESTS_PER_SECOND", 10_000)
    app = make_app(world.program.members.get(external_id="ann"))
    listed = document(app.get("me/leaderboards"))
    assert [(one["board"], one["market"], one["me"]["rank"]) for one in listed["items"]] == [("race", "SG", 4)]
    assert document(app.get("me/leaderboards/race"))["me"] == row(4, 1000, me=True)
    assert problem(app.get("me/leaderboards/nothing")) == (404, "not-found")


def test_a_member_gives_and_takes_away_the_nickname(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.api.v1.acting.REQUESTS_PER_SECOND", 10_000)
    app = make_app(world.program.members.get(external_id="cat"))
    assert document(app.call("PATCH", "me", {"nickname": " The  Cat "}))["nickname"] == "The Cat"
    assert document(app.get("me/leaderboards/race"))["items"][1]["nickname"] == "The Cat"
    refused = app.call("PATCH", "me", {"nickname": "cat@example.com"})
    assert (problem(refused), document(refused)["errors"][0]["pointer"]) == ((422, "validation"), "/nickname")
    assert document(app.call("PATCH", "me", {"nickname": None}))["nickname"] is None
    assert document(app.get("me/leaderboards/race"))["items"][1]["nickname"] is None


def test_held_out_members_see_no_board(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.api.v1.acting.REQUESTS_PER_SECOND", 10_000)
    world = board_world(race(holdout=100))
    app = make_app(world.member("ann"))
    assert document(app.get("me/leaderboards")) == {"items": [], "next": None}
    assert problem(app.get("me/leaderboards/race")) == (404, "not-found")
