"""Leaderboards in the portal: the own place always there, names only of those who want it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.services.contests import close_contests
from members.models import Member, MemberIdentity
from tests.campaigns.board_cases import board, entry
from tests.campaigns.world import World, campaign, everyday, rule
from tests.loyalty.portal import Visitor, hooked, portal_world, visit

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def race(**more: Any) -> dict[str, Any]:
    ends = (timezone.now() + timedelta(days=3, hours=1)).isoformat(timespec="seconds")
    return campaign("race", rule("enter", entry()), **{"ends": ends, **more})


def play(world: World, **amounts: str) -> None:
    """Everybody pays, an hour ago."""
    now = timezone.now()
    for name, amount in amounts.items():
        if not Member.objects.filter(external_id=name).exists():
            world.member(name)
        world.outcome(amount, subject=name, time=(now - timedelta(hours=1)).isoformat(), at=now)


@pytest.fixture
def world() -> World:
    return portal_world(everyday(), race(), leaderboards=[board(top=5)])


@pytest.fixture
def ann(world: World) -> Visitor:
    return visit(world, world.member("ann"))


def test_an_empty_board_invites(ann: Visitor) -> None:
    text = ann.text("leaderboards/race/")
    assert "Nobody is here yet" in text
    assert "3 days left" in text
    assert "You are not on it yet" in text


def test_the_own_place_stands_there_though_the_member_is_not_among_the_first(world: World, ann: Visitor) -> None:
    play(world, ann="1.00", **{f"m{n}": f"{n + 10}.00" for n in range(7)})
    text = ann.text("leaderboards/race/")
    (mine,) = hooked(ann.get("leaderboards/race/"), "mine") or [""]
    assert "Your place" in text, mine
    found = re.findall(r'<li>\s*<div class="row"( aria-current="true")?>', ann.get("leaderboards/race/"))
    assert found == ["", "", ' aria-current="true"']  # fourth, fifth, and the own one, eighth
    assert "SGD 1.00" in text
    assert text.count("Anonymous") >= 5


def test_names_are_shown_only_of_those_who_chose_one_and_go_when_they_hide_it(world: World, ann: Visitor) -> None:
    bob = visit(world, world.member("bob", name="Robert Secret"), "bob@example.com")
    play(world, bob="20.00")
    assert "Robert" not in ann.text("leaderboards/race/")
    assert bob.post("leaderboards/race/", nickname="  Speedy   Bob ") == 302
    assert "Speedy Bob" in ann.text("leaderboards/race/")
    assert "Others see you as Speedy Bob" in bob.text("leaderboards/race/")
    assert bob.post("leaderboards/race/", nickname="Speedy Bob", hide="") == 302
    assert "Speedy Bob" not in ann.text("leaderboards/race/")


@pytest.mark.parametrize(
    ("nickname", "told"),
    [
        ("x" * 31, "Send at most 30 characters."),
        ("a@b.example", "leave out addresses"),
        ("call 555 1234", "phone numbers"),
        ("\u202eevil", "leave out the invisible characters"),
        ("***", "a letter or a digit"),
    ],
)
def test_a_nickname_that_gives_away_or_hides_something_is_refused(ann: Visitor, nickname: str, told: str) -> None:
    answer = ann.client.post("/p/demo/leaderboards/race/", {"nickname": nickname})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert MemberIdentity.objects.get(member=ann.member).nickname == ""


def test_why_it_is_refused_is_said_in_the_members_language(world: World) -> None:
    member = visit(world, world.member("amal", language="ar"), "amal@example.com")
    answer = member.client.post("/p/demo/leaderboards/race/", {"nickname": "x" * 31})
    assert (answer.status_code, answer.headers["Content-Language"]) == (422, "ar")
    assert "الحد الأقصى لعدد الأحرف: 30." in answer.content.decode()


def test_a_frozen_member_can_only_hide(world: World, ann: Visitor) -> None:
    play(world, ann="5.00")
    ann.post("leaderboards/race/", nickname="Ann")
    Member.objects.filter(pk=ann.member.pk).update(status="frozen")
    assert ann.post("leaderboards/race/", nickname="Other") == 422
    assert "Ann" in ann.text("leaderboards/race/")
    assert ann.post("leaderboards/race/", nickname="Ann", hide="") == 302
    assert MemberIdentity.objects.get(member=ann.member).nickname == ""


def test_a_closed_board_shows_its_final_result(world: World, ann: Visitor) -> None:
    play(world, ann="5.00", bob="7.00")
    close_contests(program=world.program, at=timezone.now() + timedelta(days=5))
    text = ann.text("leaderboards/race/")
    assert text.count("Final result") == 2
    assert "SGD 7.00" in text
    assert "Final result" in ann.text("leaderboards/")


def test_who_is_held_out_or_lives_elsewhere_sees_nothing() -> None:
    world = portal_world(everyday(), race(holdout=100, markets=["SG"]), leaderboards=[board()])
    for name, market in (("ann", "SG"), ("budi", "ID")):
        visitor = visit(world, world.member(name, market), f"{name}@example.com")
        visitor.get("leaderboards/race/", status=404)
        assert "No contest at the moment" in visitor.text("leaderboards/")
    ann = visit(world, Member.objects.get(external_id="ann"))
    ann.get("leaderboards/nothing/", status=404)


def test_home_and_badges_lead_to_the_boards(world: World, ann: Visitor) -> None:
    play(world, ann="5.00")
    assert "Place 1" in ann.text()
    assert "Leaderboards" in ann.text("badges/")
    bare = portal_world(everyday(), code="bare")
    assert "Leaderboards" not in visit(bare, bare.member("eve"), "eve@example.com").text("badges/")


@pytest.mark.parametrize("address", ["", "leaderboards/", "leaderboards/race/"])
def test_a_page_takes_few_queries_however_many_compete(world: World, ann: Visitor, address: str) -> None:
    play(world, ann="1.00")
    few = ann.queries(address)
    play(world, **{f"m{n}": "10.00" for n in range(6)})
    assert ann.queries(address) == few <= MOST_QUERIES
