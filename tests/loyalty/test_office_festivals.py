"""Festivals are shifted in the office as by command, after a look at what follows."""

from datetime import UTC, date, datetime
from typing import Any

import pghistory.models
import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import CampaignVersion, FestivalShift
from core.models import User
from dealers.models import StaffRole
from tests.campaigns.world import World, campaign, fixed, make_world, rule
from tests.loyalty.people import sign_in_staff

pytestmark = pytest.mark.django_db
EID = {"festival": {"name": "eid-al-fitr"}}
DAY = "eid-al-fitr 2027-03-09"
BEFORE = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(timezone, "now", lambda: BEFORE)
    return make_world(
        campaign("ahead", rule("r", fixed(1)), schedule=EID, starts="2027-02-01T00:00:00"),
        campaign("begun", rule("r", fixed(1)), schedule=EID, starts="2020-01-01T00:00:00"),
        campaign("indonesian", rule("r", fixed(1)), schedule=EID, starts="2027-02-01T00:00:00", markets=["ID"]),
        campaign("other", rule("r", fixed(1))),
    )


def office(world: World, role: str) -> Client:
    user = User.objects.create_user(f"{role}-f", is_staff=True)
    StaffRole.objects.create(user=user, program=world.program, role=role)
    return sign_in_staff(Client(), user)


def kept(code: str, market: str = "SG") -> list[str]:
    days: dict[str, Any] = CampaignVersion.objects.get(campaign__code=code).festival_days or {}
    return [first for first, _ in days[market] if first.startswith("2027")]


def ask(client: Client, method: str = "get", **more: Any) -> Any:
    data = {"program": "demo", "market": "SG", "festival": DAY, "days": 1, **more}
    return getattr(client, method)("/office/festivals/", data)


def test_a_look_shows_what_follows_and_what_has_begun_and_changes_nothing(world: World) -> None:
    moved = {one.campaign.code: one for one in ask(office(world, "marketer")).context["moved"]}
    assert set(moved) == {"ahead", "begun"}
    assert [one.frozen for one in (moved["ahead"], moved["begun"])] == [False, True]
    assert (date(2027, 3, 10), date(2027, 3, 10)) in moved["ahead"].after
    assert moved["begun"].after == moved["begun"].before
    assert not FestivalShift.objects.exists()
    assert kept("ahead") == ["2027-03-09"]


def test_a_shift_moves_what_has_not_begun_and_says_who_did_it(world: World) -> None:
    assert ask(office(world, "marketer"), "post").status_code == 302
    assert (kept("ahead"), kept("begun"), kept("ahead", "ID")) == (["2027-03-10"], ["2027-03-09"], ["2027-03-09"])
    (event,) = pghistory.models.Events.objects.tracks(FestivalShift.objects.get()).all()
    assert event.pgh_context["user"] == User.objects.get(username="marketer-f").pk
    assert event.pgh_context["why"] == "festivals shift eid-al-fitr"


def test_nought_takes_it_back(world: World) -> None:
    client = office(world, "marketer")
    ask(client, "post")
    ask(client, "post", days=0)
    assert not FestivalShift.objects.exists()
    assert kept("ahead") == ["2027-03-09"]


@pytest.mark.parametrize(
    "wrong", [{"days": 8}, {"days": "x"}, {"days": ""}, {"festival": "eid-al-fitr 2027-03-08"}, {"festival": "easter"}]
)
def test_what_is_wrong_is_said_and_changes_nothing(world: World, wrong: dict[str, Any]) -> None:
    client = office(world, "marketer")
    for method in ("get", "post"):
        page = ask(client, method, **wrong)
        assert page.status_code == 200
        assert 'class="error"' in page.content.decode()
    assert not FestivalShift.objects.exists()


@pytest.mark.parametrize("role", ["campaign_approver", "finance", "support", "leadership", "channel_manager"])
def test_only_who_makes_campaigns_shifts_festivals(world: World, role: str) -> None:
    client = office(world, role)
    assert ask(client).status_code == 404
    assert ask(client, "post").status_code == 404
    assert not FestivalShift.objects.exists()


def test_other_programs_and_markets_do_not_exist(world: World) -> None:
    make_world(program={"code": "other"})
    client = office(world, "marketer")
    for wrong in ({"program": "other"}, {"market": "XX"}):
        assert ask(client, **wrong).status_code == 404
        assert ask(client, "post", **wrong).status_code == 404
