"""``manage.py tiers review``, and what the API says of a tier that is held."""

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from members.models import Member, TierReview
from members.tasks import review_all_tiers
from tests.campaigns.world import LONG_AGO, World, everyday, make_world
from tests.loyalty.api import document, make_caller
from tests.members.test_tier_review import night, pay, tiers

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("tiers", "review", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def world() -> World:
    one = make_world(everyday(), tiers=tiers())
    for name in ("ann", "bob"):
        one.member(name, at=LONG_AGO)
        pay(one, "20.00", "2025-06-15", subject=name)
    return one


def test_the_plan_says_as_json_what_the_review_then_does(world: World) -> None:
    at = "2026-06-15T00:30:00+08:00"
    found = {"program": "demo", "at": at, "judged": 2, "grace_started": 0, "grace_ended": 0,
             "moves": [{"from": "gold", "to": "silver", "members": 2}]}  # fmt: skip
    assert json.loads(run("--plan", "--at", at, "--json")) == {"plan": True, "programs": [found]}
    assert json.loads(run("--program", "demo", "--at", at, "--json")) == {"plan": False, "programs": [found]}
    assert set(Member.objects.values_list("tier__code", flat=True)) == {"silver"}


def test_a_moment_without_an_offset_is_wall_time_of_the_program(world: World) -> None:
    assert "gold -> silver" not in run("--plan", "--at", "2026-06-14T23:59:59")
    assert "gold -> silver: 2" in run("--plan", "--at", "2026-06-15")
    (found,) = json.loads(run("--plan", "--at", "2026-06-15", "--json"))["programs"]
    assert found["at"] == "2026-06-15T00:00:00+08:00"


def test_an_unknown_program_is_said_so() -> None:
    with pytest.raises(CommandError, match="There is no program nowhere") as refused:
        run("--program", "nowhere")
    assert refused.value.returncode == 2


def test_the_clock_reviews_on_sums_of_the_day_and_once(world: World) -> None:
    review_all_tiers()
    assert set(Member.objects.values_list("tier__code", "facts__rolled_on")) == {
        ("silver", timezone.now().astimezone(timezone.get_fixed_timezone(480)).date())
    }
    reports = list(TierReview.objects.order_by("market__code").values_list("market__code", "report__judged"))
    assert reports == [("ID", 2), ("SG", 2)]
    review_all_tiers()
    assert TierReview.objects.count() == 2


@pytest.mark.parametrize(
    ("how", "paid_on", "expected"),
    [
        ({"grace_days": 30}, "2025-06-15", ("gold", "2026-07-15", "2026-07-15")),
        ({"grace_days": 30}, "2025-06-16", ("gold", None, None)),
        ({"window": "calendar_year"}, "2025-06-15", ("gold", "2026-12-31", None)),
        ({"window": "calendar_year"}, "2026-06-15", ("gold", "2027-12-31", None)),
        ({"window": "calendar_year", "style": "never"}, "2026-06-15", ("gold", None, None)),
    ],
)
def test_a_tier_says_until_when_it_is_held(
    how: dict[str, Any], paid_on: str, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(everyday(), tiers=tiers(**how))
    world.member(at=LONG_AGO)
    pay(world, "20.00", paid_on)
    night(world, "2026-06-15")
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 6, 15, 4, tzinfo=UTC))
    tier = document(make_caller(world.program).get("members/ann/tier"))
    assert (tier["code"], tier["until"], tier["grace_until"]) == expected
