"""Benefits of tiers: vouchers for a year, counted once, renewed, and ended with the tier."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import OutboxMessage
from members.models import Member, Tier
from rewards.models import Entitlement, Reward, Voucher
from rewards.rules.benefits import year_of
from rewards.selectors.benefits import member_benefits
from rewards.services.benefits import renew_benefits, settle_benefits
from rewards.services.stock import stock_codes
from rewards.tasks import entitle_members
from tests.campaigns.test_rewards import reward, use
from tests.campaigns.world import NOW, World, campaign, make_world, rule

pytestmark = pytest.mark.django_db
SPA, SERVICE = "car-spa", "free-service"


def benefit(code: str, per_year: int, reward_code: str = SPA) -> dict[str, Any]:
    return {"code": code, "name": {"en": code.title()}, "reward": reward_code, "per_year": per_year}


def tiers(*gold: dict[str, Any], platinum: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    return {"review": {"window": "rolling_12_months"}, "downgrade": {"style": "one_step"}, "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"events": 1}, "benefits": list(gold)},
        {"code": "platinum", "name": {"en": "Platinum"}, "requires": {"events": 3}, "benefits": list(platinum)},
    ]}  # fmt: skip


SPA_2 = benefit("spa", 2)
REWARDS = [reward(SPA, stock="unlimited", kind="entitlement"), reward(SERVICE, kind="entitlement")]


def world_with(*gold: dict[str, Any], platinum: Sequence[dict[str, Any]] = (), **more: Any) -> World:
    world = make_world(
        campaign("c", rule("r", {"points": {"fixed": 1}})),
        rewards=more.pop("rewards", REWARDS), tiers=tiers(*gold, platinum=platinum),
    )  # fmt: skip
    world.member()
    return world


def heard() -> None:
    """The worker takes in what was told."""
    topics = ("tier.changed", "member.enrolled")
    entitle_members(list(OutboxMessage.objects.filter(topic__in=topics).values_list("pk", flat=True)))


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def settle(world: World, day: date | None = None) -> int:
    ids = list(Member.objects.values_list("pk", flat=True))
    return settle_benefits(program=world.program, member_ids=ids, at=on(day) if day else NOW)


def place(tier: str, since: date) -> Member:
    """Put the member on a tier."""
    Member.objects.update(tier=Tier.objects.get(code=tier), tier_since=on(since))
    return Member.objects.select_related("tier", "market", "program").get(external_id="ann")


def states() -> list[str]:
    return list(Voucher.objects.order_by("id").values_list("state", flat=True))


def years() -> list[tuple[str, date, date]]:
    return list(Entitlement.objects.order_by("starts_on", "code").values_list("code", "starts_on", "expires_on"))


def shown(member: Member, day: date) -> list[tuple[str, int | None, date | None]]:
    return [(one.code, one.left, one.expires_on) for one in member_benefits(member=member, at=on(day), language="en")]


def test_reaching_a_tier_brings_a_years_worth_of_vouchers_once() -> None:
    world = world_with(SPA_2)
    heard()
    assert states() == []
    world.outcome()
    heard()
    heard()
    assert states() == ["ready", "ready"]
    assert years() == [("spa", date(2026, 6, 15), date(2027, 6, 14))]
    assert set(Voucher.objects.values_list("expires_on", flat=True)) == {date(2027, 6, 14)}
    assert settle(world) == 0
    member = Member.objects.get(external_id="ann")
    assert shown(member, date(2026, 7, 1)) == [("spa", 2, date(2027, 6, 14))]


def test_a_year_begins_anew_on_its_day_and_never_twice() -> None:
    world = world_with(SPA_2)
    place("gold", date(2026, 6, 15))
    settle(world)
    assert renew_benefits(program=world.program, at=on(date(2027, 6, 14))) == 0
    assert renew_benefits(program=world.program, at=on(date(2027, 6, 16))) == 2
    assert renew_benefits(program=world.program, at=on(date(2027, 6, 16))) == 0
    assert years()[1:] == [("spa", date(2027, 6, 15), date(2028, 6, 14))]


def test_a_tier_reached_long_ago_is_in_its_present_year() -> None:
    world = world_with(SPA_2)
    place("gold", date(2023, 2, 28))
    settle(world)
    assert years() == [("spa", date(2026, 2, 28), date(2027, 2, 27))]


def test_the_year_of_29_february() -> None:
    year = year_of(date(2024, 2, 29), date(2026, 2, 28))
    assert (year.starts_on, year.expires_on) == (date(2026, 2, 28), date(2027, 2, 27))
    assert year_of(date(2024, 2, 29), date(2028, 2, 28)).expires_on == date(2028, 2, 28)


def test_losing_the_tier_ends_what_was_not_used() -> None:
    world = world_with(SPA_2)
    place("gold", date(2026, 6, 15))
    settle(world)
    use(Voucher.objects.order_by("id")[0])
    place("silver", date(2026, 7, 1))
    assert settle(world, date(2026, 7, 1)) == 0
    assert states() == ["used", "void"]


def test_coming_back_within_the_year_brings_no_more_than_the_year_had() -> None:
    world = world_with(SPA_2)
    place("gold", date(2026, 6, 15))
    settle(world)
    use(Voucher.objects.order_by("id")[0])
    place("silver", date(2026, 7, 1))
    settle(world, date(2026, 7, 1))
    member = place("gold", date(2026, 8, 1))
    assert settle(world, date(2026, 8, 1)) == 1
    assert states() == ["used", "void", "ready"]
    assert shown(member, date(2026, 8, 1)) == [("spa", 1, date(2027, 6, 14))]


def test_a_higher_tier_adds_to_the_year_that_runs() -> None:
    world = world_with(SPA_2, platinum=[benefit("spa", 4), benefit("service", 1, SERVICE)])
    place("gold", date(2026, 6, 15))
    settle(world)
    use(Voucher.objects.order_by("id")[0])
    member = place("platinum", date(2026, 9, 1))
    assert settle(world, date(2026, 9, 1)) == 3
    expected = [("spa", 3, date(2027, 6, 14)), ("service", 1, date(2027, 8, 31))]
    assert shown(member, date(2026, 9, 1)) == expected
    member = place("gold", date(2026, 10, 1))
    assert settle(world, date(2026, 10, 1)) == 0
    assert shown(member, date(2026, 10, 1)) == [("spa", 1, date(2027, 6, 14))]


def test_a_benefit_that_the_members_market_does_not_have_is_not_given() -> None:
    world = world_with(SPA_2, rewards=[reward(SPA, markets=["ID"])])
    place("gold", date(2026, 6, 15))
    assert settle(world) == 0
    assert (states(), years()) == ([], [])


def test_words_are_shown_without_a_count() -> None:
    world_with({"code": "line", "name": {"en": "Own line"}})
    member = place("gold", date(2026, 6, 15))
    assert shown(member, date(2026, 7, 1)) == [("line", None, None)]


def test_benefits_out_of_stock_wait_for_codes() -> None:
    world = world_with(SPA_2, rewards=[reward(SPA, stock="codes")])
    place("gold", date(2026, 6, 15))
    row = Reward.objects.get()
    stock_codes(reward=row, codes=["A-1"])
    assert settle(world) == 0
    assert years() == []
    stock_codes(reward=row, codes=["A-2"])
    assert renew_benefits(program=world.program, at=NOW + timedelta(days=1)) == 2
    assert states() == ["ready", "ready"]


def test_another_programs_members_are_left_alone() -> None:
    world = world_with(SPA_2)
    place("gold", date(2026, 6, 15))
    other = make_world(campaign("c", rule("r", {"points": {"fixed": 1}})), program={"code": "other"})
    assert renew_benefits(program=other.program, at=NOW) == 0
    assert settle(world) == 2


def test_queries_do_not_grow_with_members() -> None:
    world = world_with(SPA_2)
    for number in range(3):
        world.member(f"m{number}")
    place("gold", date(2026, 6, 15))
    counted = []
    for name in ("m0", "m1"):
        ids = (
            Member.objects.filter(external_id__startswith=name[0])
            if name == "m1"
            else Member.objects.filter(external_id=name)
        )
        pks = list(ids.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as captured:
            assert settle_benefits(program=world.program, member_ids=pks, at=NOW)
        counted.append(len(captured))
    assert counted[0] == counted[1]
