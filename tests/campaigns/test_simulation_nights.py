"""A replay of what was live says what was: also of what nights did, and of what happened around the interval."""

from datetime import datetime
from typing import Any

import pytest

from loyalty.operations.erase import erase
from members.services.inactivity import expire_inactive
from members.services.reviews import review_tiers
from tests.campaigns.board_cases import board_world, close
from tests.campaigns.taking import points, take
from tests.campaigns.test_simulation import replayed
from tests.campaigns.test_tiers_engine import tiers
from tests.campaigns.world import LONG_AGO, NOW, World, campaign, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db


def climbing(*names: str) -> World:
    """Twenty dollars of twelve months make gold; who has them no more comes down at night."""
    falling = tiers({"amount": "20.00"}) | {"downgrade": {"style": "to_earned", "grace_days": 0}}
    world = make_world(everyday(), tiers=falling)
    for name in names:
        world.member(name, at=LONG_AGO)
    return world


def night(world: World, day: str) -> int:
    """How many come down just after midnight."""
    at = datetime.fromisoformat(f"{day}T00:30:00+08:00")
    return review_tiers(program=world.program, at=at).moves.total()


def pay(world: World, name: str, day: str, key: str | None = None) -> str:
    """The tier after a payment that makes gold by itself."""
    code: str = world.outcome("20.00", key, subject=name, time=f"{day}T12:00:00+08:00")["tier"]["code"]
    return code


def moves(report: dict[str, Any], side: str) -> dict[tuple[str, str], int]:
    return {(one["from"], one["to"]): one["members"] for one in report[side]["tier_moves"]}


def replayed_days(world: World, first: str, after: str) -> dict[str, Any]:
    begin, end = (datetime.fromisoformat(f"{day}T00:00:00+08:00") for day in (first, after))
    return replayed(world, since=begin, until=end)


def test_who_came_down_at_night_climbs_again_in_the_replay() -> None:
    world = climbing("ann", "bob")
    assert pay(world, "ann", "2025-06-01") == "gold"
    assert night(world, "2026-06-02") == 1
    assert pay(world, "ann", "2026-06-03", "again") == "gold"
    assert pay(world, "bob", "2026-06-12") == "gold"  # after the interval, but taken in before its last event
    world.send(world.reversal("again", time="2026-06-05T12:00:00+08:00"))
    assert pay(world, "ann", "2026-06-06") == "gold"
    report = replayed_days(world, "2025-06-01", "2026-06-10")
    assert moves(report, "simulated") == moves(report, "live") == {("silver", "gold"): 3, ("gold", "silver"): 1}
    assert report["simulated"] == report["live"]


def test_moves_before_the_interval_are_not_its_own() -> None:
    world = climbing("ann", "bob")
    world.outcome("1.00", subject="bob", time="2026-06-02T12:00:00+08:00")
    assert pay(world, "ann", "2026-05-20") == "gold"  # comes late
    assert pay(world, "bob", "2026-06-03") == "gold"
    report = replayed_days(world, "2026-06-01", "2026-07-01")
    assert moves(report, "simulated") == moves(report, "live") == {("silver", "gold"): 1}


def test_moves_of_erased_members_are_on_neither_side() -> None:
    world = climbing("ann", "bob")
    assert [pay(world, name, "2026-06-03") for name in ("ann", "bob")] == ["gold", "gold"]
    erase(program=world.program, reference="ann", at=NOW)
    report = replayed_days(world, "2026-06-01", "2026-07-01")
    assert moves(report, "simulated") == moves(report, "live") == {("silver", "gold"): 1}
    assert report["events_of_erased_members"] == 1


def test_what_was_entered_before_a_contest_closed_is_entered_in_the_replay() -> None:
    """By what was known when, whichever moment the closing was for: here the one that was planned."""
    world = board_world()
    world.member("ann")
    world.outcome("30.00", "one", subject="ann")
    assert close(world, datetime.fromisoformat("2026-07-02T00:00:00+08:00")) == 1
    world.outcome("5.00", "late", subject="ann")
    report = replayed(world)
    assert report["difference"] == {"awards": 0, "listed": []}
    assert report["simulated"]["things"] == report["live"]["things"] == {"entry": 3000}


@pytest.mark.parametrize("reversal", ["debt", "forgive"])
def test_points_that_lapsed_because_nothing_happened_are_lapsed_in_the_replay(reversal: str) -> None:
    rich = campaign("rich", rule("r", fixed(7), when={"fact": "member.points", "op": "gte", "value": 20}))
    expire = {
        "name": {"en": "points"},
        "expire": {"inactivity_months": 2},
        "pending_days": 0,
        "liability_value": "0.01",
    }
    world = make_world(everyday(), rich, program={"points": expire, "reversal": reversal})
    world.member(at=LONG_AGO)
    world.outcome("30.00", "old", time="2026-02-01T12:00:00+08:00")
    assert expire_inactive(program=world.program, at=datetime.fromisoformat("2026-05-01T00:30:00+08:00")).points == 30
    assert gave(world, "1.00", "2026-06-01") == {"everyday": 1}
    assert gave(world, "25.00", "2026-06-02") == {"everyday": 25}
    assert points(take(world, "old")) == (0, 0, 0)  # without a day all are alike: those that are left, then lapsed ones
    assert gave(world, "22.00", "2026-06-03") == {"everyday": 22}
    assert gave(world, "1.00", "2026-06-04") == {"everyday": 1, "rich": 7}
    report = replayed(world)
    assert report["difference"] == {"awards": 0, "listed": []}
    assert report["simulated"] == report["live"]


def gave(world: World, amount: str, day: str) -> dict[str, int]:
    """What a payment gave, by campaign."""
    effects = world.outcome(amount, time=f"{day}T12:00:00+08:00")["effects"]
    return {effect["campaign"]: effect["amount"] for effect in effects}
