"""Limits: awards are cut to what is left, per member and in total, times, points and money, in every period."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import TotalCounter
from tests.campaigns.world import World, campaign, case, document, fixed, kept_world, make_world, rule

pytestmark = pytest.mark.django_db
CASH = {"cashback": {"fixed": {"SGD": "5.00", "IDR": "50000.00"}}}
UNITS: dict[str, tuple[Mapping[str, Any], Mapping[str, Any], list[Any]]] = {
    # what is given, the limit, and what five events are given
    "times": (fixed(40), {"times": 2}, [40, 40, None, None, None]),
    "points": (fixed(40), {"points": 100}, [40, 40, 20, None, None]),
    "status": (fixed(40, status=True), {"points": 100}, [40, 40, 20, None, None]),
    "money": (CASH, {"money": {"SGD": "12.00"}}, ["5.00", "5.00", "2.00", None, None]),
    "both": (fixed(40), {"points": 100, "times": 2}, [40, 40, None, None, None]),
    "cut": (fixed(40), {"points": 50, "times": 2}, [40, 10, None, None, None]),
    "other-money": (CASH, {"money": {"IDR": "12.00"}}, ["5.00"] * 5),
}
# Day, week (from Monday) and month of the member in Singapore: which of these days share one with the first.
DAYS = ["2026-04-27", "2026-04-28", "2026-05-03", "2026-05-04", "2026-06-01"]
PERIODS = {
    "day": [1, 1, 1, 1, 1],
    "week": [1, None, None, 1, 1],
    "month": [1, None, 1, None, 1],
    "campaign": [1, None, None, None, None],
    "lifetime": [1, None, None, None, None],
}
CAMPAIGNS = [
    *(case(f"own-{unit}", effect, limits=[{"per_member": limit}]) for unit, (effect, limit, _) in UNITS.items()),
    *(case(f"all-{unit}", effect, limits=[{"total": limit}]) for unit, (effect, limit, _) in UNITS.items()),
    *(case(f"own-{per}", fixed(1), limits=[{"per_member": {"times": 1, "per": per}}]) for per in PERIODS),
    *(case(f"all-{per}", fixed(1), limits=[{"total": {"points": 1, "per": per}}]) for per in PERIODS),
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(django_db_blocker, *CAMPAIGNS) as one:
        yield one


def given(world: World, *events: Mapping[str, Any]) -> list[Any]:
    """What each event gave: one amount or None."""
    bodies = [answer.body or {} for answer in world.send(*events)]
    return [next((effect.get("amount") for effect in body["effects"]), None) for body in bodies]


@pytest.mark.parametrize("unit", UNITS)
def test_an_award_is_cut_to_what_is_left_for_the_member(world: World, unit: str) -> None:
    world.member()
    world.member("bob")
    events = [world.event(data={"channel": f"own-{unit}"}) for _ in range(5)]
    assert given(world, *events) == UNITS[unit][2]
    assert given(world, world.event(subject="bob", data={"channel": f"own-{unit}"})) == UNITS[unit][2][:1]


@pytest.mark.parametrize("unit", UNITS)
def test_an_award_is_cut_to_what_is_left_for_all(world: World, unit: str) -> None:
    world.member()
    world.member("bob")
    events = [
        world.event(subject=name, data={"channel": f"all-{unit}"}) for name in ("ann", "bob", "ann", "bob", "ann")
    ]
    assert given(world, *events) == UNITS[unit][2]


@pytest.mark.parametrize("per", PERIODS)
@pytest.mark.parametrize("whose", ["own", "all"])
def test_a_limit_begins_anew_with_each_period(world: World, whose: str, per: str) -> None:
    world.member()
    events = [world.event(time=f"{day}T12:00:00+08:00", data={"channel": f"{whose}-{per}"}) for day in DAYS]
    assert given(world, *events) == PERIODS[per]


def test_a_members_period_is_that_of_its_market_and_a_total_that_of_the_program(world: World) -> None:
    world.member(market="ID")  # an hour behind the program
    times = ("2026-05-31T23:30:00+08:00", "2026-06-01T00:30:00+08:00", "2026-06-01T01:30:00+08:00")
    for whose, expected in (("own", [1, None, 1]), ("all", [1, 1, None])):
        events = [world.event(time=time, currency="IDR", data={"channel": f"{whose}-month"}) for time in times]
        assert given(world, *events) == expected


def test_a_cut_award_says_what_was_desired_and_granted_and_a_refused_one_why(world: World) -> None:
    world.member()
    events = [world.event(data={"channel": "own-points"}) for _ in range(4)]
    third, fourth = world.send(*events, trace=True)[2:]
    assert third.body is not None
    assert [(e["amount"], e["desired"]) for e in third.body["effects"]] == [(20, 40)]
    lines = [[one for one in answer.trace if one["campaign"] == "own-points"] for answer in (third, fourth)]
    assert [(one["fired"], one["reason"], one["desired"], one["granted"]) for (one,) in lines] == [
        (True, None, 40, 20),
        (False, "limit", 40, 0),
    ]
    assert fourth.body is not None
    assert [(r["reason"], r["desired"]) for r in fourth.body["refused"]] == [("limit", 40)]


def test_a_partial_award_counts_as_one_time_and_a_refused_one_as_none() -> None:
    limits = [{"per_member": {"points": 50, "per": "day"}}, {"per_member": {"times": 3}}]
    world = make_world(campaign("c", rule("r", fixed(40), limits=limits)))
    world.member()
    monday = [world.event(time="2026-06-01T12:00:00+08:00") for _ in range(3)]  # 40, cut to 10, refused
    tuesday = [world.event(time="2026-06-02T12:00:00+08:00") for _ in range(2)]
    assert given(world, *monday, *tuesday) == [40, 10, None, 40, None]


def test_limits_of_the_rule_come_before_those_of_the_campaign() -> None:
    world = make_world(
        campaign(
            "c",
            rule("a", fixed(30), limits=[{"per_member": {"points": 25}}]),
            rule("b", fixed(30)),
            limits=[{"per_member": {"points": 40}}, {"total": {"points": 70}}],
        )
    )
    world.member()
    world.member("bob")
    bodies = [answer.body or {} for answer in world.send(world.event(), world.event(subject="bob"))]
    assert [[(e["rule"], e["amount"]) for e in body["effects"]] for body in bodies] == [
        [("a", 25), ("b", 15)],
        [("a", 25), ("b", 5)],
    ]


def test_each_firing_of_a_rule_is_one_time_whatever_it_gives() -> None:
    world = make_world(
        campaign("c", rule("r", fixed(1), fixed(2), CASH, {"badge": "first-bill"}), limits=[{"total": {"times": 1}}])
    )
    world.member()
    first, second = (answer.body or {} for answer in world.send(world.event(), world.event()))
    assert [effect["kind"] for effect in first["effects"]] == ["points", "points", "cashback", "badge"]
    assert [(r["kind"], r["reason"]) for r in second["refused"]] == [
        ("points", "limit"), ("points", "limit"), ("cashback", "limit")
    ]  # fmt: skip


@pytest.mark.parametrize("whose", ["per_member", "total"])
def test_a_reversed_award_frees_its_place(whose: str) -> None:
    limits = [{whose: {"points": 100, "times": 2}}]
    world = make_world(campaign("c", rule("r", fixed(60), limits=limits)))
    world.member()
    assert given(world, *(world.event("100.00", key) for key in ("a", "b", "c"))) == [60, 40, None]
    world.send(world.reversal("a", "50.00"))  # 30 points come back, the time stays taken
    assert given(world, world.event()) == [None]
    world.send(world.reversal("a"))
    assert given(world, world.event(), world.event()) == [60, None]


def test_a_reversal_frees_the_period_of_its_original() -> None:
    world = make_world(campaign("c", rule("r", fixed(1), limits=[{"per_member": {"times": 1, "per": "month"}}])))
    world.member()
    may, june = "2026-05-31T23:59:59+08:00", "2026-06-01T00:00:00+08:00"
    assert given(world, world.event(key="may", time=may), world.event(time=june)) == [1, 1]
    world.send(world.reversal("may"))
    assert given(world, world.event(time=june), world.event(time=may)) == [None, 1]


def test_a_limit_that_is_lowered_keeps_what_was_used_and_pays_no_more() -> None:
    def world_with(most: int) -> dict[str, Any]:
        return campaign("c", rule("r", fixed(40), limits=[{"total": {"points": most}}]))

    world = make_world(world_with(1000))
    world.member()
    assert given(world, world.event(), world.event()) == [40, 40]
    world.reload(document(world_with(50)))
    assert given(world, world.event()) == [None]
    world.reload(document(world_with(100)))
    assert given(world, world.event(), world.event()) == [20, None]
    assert list(TotalCounter.objects.values_list("used", "most")) == [(100, 100)]
