"""Leaderboards in the back office: the standing of each contest, within what its reader may see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Leaderboard
from core.models import User
from dealers.models import StaffRole
from tests.campaigns.board_cases import SG_END, board_world, close, race
from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.people import sign_in_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = board_world(everyday(), race())
    for name, amount in (("-ann", "50.00"), ("bob", "20.00")):
        made.member(name, nickname="=1+1" if name == "bob" else None)
        made.outcome(amount, subject=name)
    made.member("budi", "ID", region="JKT")
    made.outcome("100000.00", currency="IDR", subject="budi")
    return made


def office(world: World, role: str, **place: object) -> Client:
    user = User.objects.create_user(f"{role}-1", is_staff=True)
    StaffRole.objects.create(user=user, program=world.program, role=role, **place)
    return sign_in_staff(Client(), user)


def page() -> str:
    return reverse("admin:campaigns_leaderboard_change", args=[Leaderboard.objects.get(program__code="demo").pk])


def test_the_page_shows_every_contest_with_its_closing_and_first_places(world: World) -> None:
    shown = office(world, "marketer").get(page()).content.decode()
    assert shown.count('data-test="contest"') == 2
    assert "SGD 50.00" in shown.replace("\xa0", " ")
    assert "closes on" in shown
    assert ">-ann<" in shown
    close(world, SG_END + timedelta(days=9))
    assert "Final result" in office(world, "support").get(page()).content.decode()


def test_the_file_of_a_contest_is_safe_in_spreadsheets(world: World) -> None:
    answer = office(world, "marketer").get(page(), {"format": "csv", "market": "SG"})
    assert answer["Content-Type"].startswith("text/csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines == ["rank,member,nickname,score", "1,'-ann,,5000", "2,bob,'=1+1,2000"]
    assert office(world, "support").get(page(), {"format": "csv", "market": "XX"}).status_code == 404


def test_members_of_other_regions_are_not_named(world: World) -> None:
    region = world.program.regions.get(code="JKT")
    shown = office(world, "regional_manager", region=region).get(page()).content.decode()
    assert ">budi<" in shown
    assert ">bob<" not in shown


def test_another_programs_board_does_not_exist(world: World) -> None:
    other = make_world(everyday(), program={"code": "other"})
    stranger = office(other, "marketer")
    assert stranger.get(page()).status_code == 404
    assert stranger.get(page(), {"format": "csv", "market": "SG"}).status_code == 404


def test_member_360_shows_the_places(world: World) -> None:
    member = world.program.members.get(external_id="bob")
    shown = office(world, "support").get(reverse("admin:members_member_change", args=[member.pk])).content.decode()
    assert "2 · SGD" in shown.replace("\xa0", " ")
