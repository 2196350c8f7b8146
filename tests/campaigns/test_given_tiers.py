"""Tiers that rules give for a time: never lower, through a day, undone at once."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from campaigns.models import GhostAward
from core.models import OutboxMessage
from members.models import Member, TierChange, TierGrant
from members.services.reviews import review_tiers
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.taking import take
from tests.campaigns.test_simulation import replayed
from tests.campaigns.world import NOW, World, campaign, make_world, rule

pytestmark = pytest.mark.django_db
LADDER = [
    {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
    {"code": "gold", "name": {"en": "Gold"}, "requires": {"events": 3}},
    {"code": "platinum", "name": {"en": "Platinum"}, "requires": {"events": 6}},
]
GOLD = {"tier": {"to": "gold", "days": 90}}
UNTIL = date(2026, 6, 15) + timedelta(90)
OPENED = {"fact": "event.channel", "op": "eq", "value": "gift"}


def lifting(*then: Any, style: str = "one_step", window: str = "rolling_12_months", **more: Any) -> World:
    tiers = {"review": {"window": window}, "downgrade": {"style": style, "grace_days": 30}, "ladder": LADDER}
    rules = more.pop("rules", None) or [rule("r", *(then or (GOLD,)), event="app.opened")]
    world = make_world(campaign("c", *rules, **more), tiers=tiers)
    world.member()
    return world


def opened(world: World, key: str, **more: Any) -> Any:
    return world.outcome(None, type="app.opened", key=key, **more)


def standing() -> tuple[str, date | None, date | None]:
    member = Member.objects.select_related("tier").get(external_id="ann")
    return member.tier.code if member.tier else "", member.tier_until, member.grace_until


def review(world: World, day: date) -> None:
    review_tiers(program=world.program, at=datetime.fromisoformat(f"{day}T04:00:00+00:00"))


def reasons() -> list[tuple[str, str]]:
    return [(row.reason, row.to_tier.code) for row in TierChange.objects.select_related("to_tier").order_by("id")]


def test_a_tier_is_given_through_a_day_and_told() -> None:
    world = lifting()
    body = opened(world, "one")
    assert body["effects"] == [
        {"kind": "tier", "campaign": "c", "version": 1, "rule": "r", "tier": "gold", "until": UNTIL.isoformat()}
    ]
    assert body["tier"]["code"] == "gold"
    assert standing() == ("gold", UNTIL, None)
    assert reasons()[-1] == ("given", "gold")
    told = OutboxMessage.objects.filter(topic="tier.changed").order_by("id").last()
    assert told is not None
    assert (told.payload["to"], told.payload["direction"], told.payload["reason"]) == ("gold", "up", "given")


@pytest.mark.parametrize("style", ["one_step", "to_earned", "never"])
def test_the_review_respects_the_day_and_then_ends_it_without_grace(style: str) -> None:
    world = lifting({"tier": {"to": "platinum", "days": 90}}, style=style)
    opened(world, "one")
    review(world, UNTIL)
    assert standing() == ("platinum", UNTIL, None)
    review(world, UNTIL + timedelta(1))
    assert standing() == ("silver", None, None)
    assert reasons()[-1] == ("review", "silver")
    assert list(TierGrant.objects.values_list("over", flat=True)) == [True]
    review(world, UNTIL + timedelta(2))
    assert standing() == ("silver", None, None)


def test_whoever_earned_the_tier_meanwhile_keeps_it() -> None:
    world = lifting()
    opened(world, "one")
    for number in range(3):
        world.outcome(key=f"p{number}")
    review(world, UNTIL + timedelta(1))
    assert standing() == ("gold", None, None)
    review(world, date(2027, 7, 1))
    assert standing() == ("gold", None, date(2027, 7, 31))


def test_a_tier_is_never_lowered() -> None:
    world = lifting()
    for number in range(6):
        world.outcome(key=f"p{number}")
    assert opened(world, "one")["effects"] == []
    assert standing() == ("platinum", None, None)
    assert not TierGrant.objects.exists()


def test_after_a_higher_tier_is_lost_the_given_one_still_holds() -> None:
    world = lifting({"tier": {"to": "gold", "days": 700}}, style="to_earned")
    opened(world, "one")
    for number in range(6):
        world.outcome(key=f"p{number}")
    review(world, date(2027, 6, 20))
    assert standing() == ("platinum", None, date(2027, 7, 20))
    review(world, date(2027, 7, 21))
    until = date(2026, 6, 15) + timedelta(700)
    assert standing() == ("gold", until, None)
    review(world, until + timedelta(1))
    assert standing() == ("silver", None, None)


def test_a_reversal_undoes_it_at_once_without_grace() -> None:
    world = lifting()
    opened(world, "one")
    (effect,) = take(world, "one")["effects"]
    assert (effect["kind"], effect["tier"], effect["amount"]) == ("tier", "gold", -1)
    assert standing() == ("silver", None, None)
    assert reasons()[-1] == ("undone", "silver")
    assert not TierGrant.objects.exists()


def test_a_reversal_leaves_what_another_gift_supports() -> None:
    world = lifting()
    opened(world, "one")
    later = NOW + timedelta(10)
    opened(world, "two", time=later.isoformat(), at=later)
    assert standing()[:2] == ("gold", UNTIL + timedelta(10))
    take(world, "two", at=later)
    assert standing() == ("gold", UNTIL, None)
    take(world, "one", at=later)
    assert standing() == ("silver", None, None)


def test_a_replay_knows_what_other_gifts_support() -> None:
    world = lifting()
    for number, key in enumerate(("one", "two")):
        later = NOW + timedelta(number)
        opened(world, key, time=later.isoformat(), at=later)
    world.outcome(key="three")
    now: dict[str, Any] = {"at": NOW + timedelta(2), "time": (NOW + timedelta(2)).isoformat()}
    for key in ("three", "two", "one"):
        take(world, key, **now)
    report = replayed(world)
    assert report["difference"] == {"awards": 0, "listed": []}
    assert report["simulated"]["tier_moves"] == report["live"]["tier_moves"] == [
        {"from": "gold", "to": "silver", "members": 1}, {"from": "silver", "to": "gold", "members": 1}
    ]  # fmt: skip


def test_a_reversal_leaves_what_was_earned() -> None:
    world = lifting()
    opened(world, "one")
    for number in range(3):
        world.outcome(key=f"p{number}")
    take(world, "one")
    assert standing() == ("gold", None, None)


def test_a_milestone_that_is_lost_takes_its_tier() -> None:
    world = lifting(rules=[goal_rule("g", {"count": True, "window": "campaign"}, step(2, GOLD))])
    world.outcome(key="one")
    world.outcome(key="two")
    assert standing()[0] == "gold"
    take(world, "one")
    assert standing() == ("silver", None, None)


def test_a_gift_that_is_over_by_what_is_known_of_the_member_gives_nothing() -> None:
    world = lifting()
    world.outcome(key="now")
    old = NOW - timedelta(91)
    assert opened(world, "late", time=old.isoformat())["effects"] == []
    assert standing() == ("silver", None, None)


def test_the_same_event_again_and_held_out_members() -> None:
    world = lifting(holdout=100)
    opened(world, "one")
    world.send(world.event(None, type="app.opened", key="one"))
    assert standing() == ("silver", None, None)
    assert list(GhostAward.objects.values_list("kind", "unit", "amount")) == [("tier", "gold", 1)]


def test_in_calendar_years_a_gift_does_not_shorten_what_is_held() -> None:
    world = lifting(window="calendar_year")
    for number in range(3):
        world.outcome(key=f"p{number}")
    review(world, date(2026, 6, 16))
    assert standing()[:2] == ("gold", date(2027, 12, 31))
    opened(world, "one")
    assert standing()[:2] == ("gold", date(2027, 12, 31))
    review(world, UNTIL + timedelta(1))
    assert standing() == ("gold", date(2027, 12, 31), None)
    take(world, "one")
    assert standing() == ("gold", date(2027, 12, 31), None)
