"""What effects give: points, status points, money, badges and multipliers."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import Event
from campaigns.rules.amounts import expires_on
from campaigns.rules.compiling import expiry
from tests.campaigns.world import World, campaign, case, fixed, kept_world, rule

pytestmark = pytest.mark.django_db
LADDER = {
    "review": {"window": "rolling_12_months"},
    "downgrade": {"style": "never"},
    "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"status_points": 1000}},
    ],
}
MARKETS = [
    {"code": code, "name": code, "currency": currency, "timezone": zone, "languages": ["en"]}
    for code, currency, zone in (
        ("SG", "SGD", "Asia/Singapore"),
        ("ID", "IDR", "Asia/Jakarta"),
        ("VN", "VND", "Asia/Ho_Chi_Minh"),
        ("BH", "BHD", "Asia/Bahrain"),
    )
]
RATES = [
    {"currency": "IDR", "from": "2020-01-01", "rate": "0.000083"},
    {"currency": "VND", "from": "2020-01-01", "rate": "0.00005"},
    {"currency": "BHD", "from": "2020-01-01", "rate": "3.45"},
    {"currency": "BHD", "from": "2026-06-01", "rate": "3.5"},
]


def by_amount(points: int, every: str, currency: str) -> dict[str, Any]:
    return {"points": {"per_amount": {"points": points, "every": every, "currency": currency}}}


def times(by: str, **more: Any) -> dict[str, Any]:
    return {"multiply": {"by": by, **more}}


def doubled(code: str, *multipliers: dict[str, Any], points: int = 101) -> dict[str, Any]:
    """Base points, and multipliers of a rule each, all of one channel."""
    when = {"fact": "event.channel", "op": "eq", "value": code}
    rules = [rule(f"m{place}", effect, when=when) for place, effect in enumerate(multipliers)]
    return campaign(code, rule("base", fixed(points), when=when), *rules)


def listening(code: str, channel: str, *then: dict[str, Any], **more: Any) -> dict[str, Any]:
    return campaign(code, rule(code, *then, when={"fact": "event.channel", "op": "eq", "value": channel}), **more)


CAMPAIGNS = [
    case("dollar", by_amount(1, "1", "SGD")),
    case("three", by_amount(3, "2.50", "SGD")),
    case("dong", by_amount(1, "10000", "VND")),
    case("half-dinar", by_amount(1, "0.500", "BHD")),
    case("waits", fixed(50, pending_days=7)),
    case("thirty-days", fixed(50, expire={"days": 30})),
    case("status", fixed(70, status=True)),
    case("cash", {"cashback": {"fixed": {"SGD": "5.00", "BHD": "1.250"}}}),
    case("percent", {"cashback": {"percent": "2.5"}}),
    case("capped", {"cashback": {"percent": "10", "max": {"SGD": "5.00"}}}),
    case("badge", {"badge": "first-bill"}, fixed(1)),
    case("mixed", fixed(10), {"cashback": {"fixed": {"SGD": "5.00"}}}, fixed(5, status=True)),
    doubled("half-more", times("1.5")),
    doubled("at-most", times("3", max_extra=150)),
    doubled("other-only", times("2", of=["dollar"])),
    doubled("two-groups", times("2"), times("3")),
    listening("stacked", "stack", fixed(100)),
    listening("stack-a", "stack", times("2"), stack="bonus"),
    listening("stack-b", "stack", times("3"), stack="bonus"),
    listening("stack-c", "stack", times("3"), stack="bonus"),
    listening("stack-d", "stack", times("1.1"), stack="other"),
    listening("cut", "cutting", fixed(100)),
    listening("cut-a", "cutting", times("3"), stack="bonus", limits=[{"total": {"points": 30}}]),
    listening("cut-b", "cutting", times("1.5"), stack="bonus"),
    listening("both", "both", fixed(100), times("2")),
    listening("status-base", "no-base", fixed(100, status=True)),
    listening("status-twice", "no-base", times("2")),
    case("reward", {"message": "hello"}),
]
MESSAGES = [
    {"code": "hello", "purpose": "service", "channels": ["inbox"], "subject": {"en": "Hi"}, "body": {"en": "Hello"}}
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(
        django_db_blocker, *CAMPAIGNS, markets=MARKETS, rates=RATES, tiers=LADDER, messages=MESSAGES
    ) as one:
        yield one


def give(world: World, channel: str, amount: str = "100.00", market: str = "SG", **more: Any) -> dict[str, Any]:
    """The outcome of a payment of a new member of a market, in that market's currency unless said."""
    world.member(market=market)
    local = {item["code"]: item["currency"] for item in MARKETS}[market]
    return world.outcome(amount, currency=more.pop("currency", local), data={"channel": channel}, **more)


def amounts(body: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(effect["kind"], effect.get("amount", effect.get("badge"))) for effect in body["effects"]]


@pytest.mark.parametrize(
    ("channel", "amount", "currency", "points"),
    [
        ("dollar", "120.99", "SGD", 120),
        ("dollar", "0.99", "SGD", None),
        ("dollar", "0.00", "SGD", None),
        ("three", "7.49", "SGD", 6),
        ("three", "7.50", "SGD", 9),
        ("dollar", "100000.00", "IDR", 8),
        ("dollar", "12048.19", "IDR", None),  # SGD 0.99999977: rounded first, it would be a dollar
        ("dollar", "20000", "VND", 1),
        ("dollar", "1.000", "BHD", 3),  # the rate of the day: 3.5
        ("dong", "19999", "VND", 1),
        ("dong", "1.00", "SGD", 2),
        ("half-dinar", "1.499", "BHD", 2),
        ("half-dinar", "3.50", "SGD", 2),
    ],
)
def test_points_by_amount_are_full_units_of_the_amount_converted_unrounded(
    world: World, channel: str, amount: str, currency: str, points: int | None
) -> None:
    body = give(world, channel, amount, currency=currency)
    assert amounts(body) == ([("points", points)] if points else [])


def test_the_rate_is_that_of_the_local_day_of_the_event(world: World) -> None:
    world.member(market="BH")
    for key, time in (("may", "2026-05-31T23:59:59+03:00"), ("june", "2026-06-01T00:00:00+03:00")):
        world.outcome("1.000", key, currency="BHD", time=time)
    stored = Event.objects.filter(member__external_id="ann").order_by("key").values_list("key", "amount_base_minor")
    assert list(stored) == [("june", 350), ("may", 345)]


@pytest.mark.parametrize(
    ("amount", "currency", "base"),
    [("100", "VND", 0), ("300", "VND", 2), ("500", "VND", 2), ("0.010", "BHD", 4), ("0.030", "BHD", 10)],
)
def test_the_base_amount_is_rounded_half_to_even(world: World, amount: str, currency: str, base: int) -> None:
    give(world, "none", amount, currency=currency)
    assert Event.objects.get(member__external_id="ann").amount_base_minor == base


def test_points_may_have_to_wait(world: World) -> None:
    body = give(world, "waits")
    (effect,) = body["effects"]
    assert (effect["state"], effect["available_on"]) == ("pending", "2026-06-22")
    assert body["balances"]["points"] == {"available": 0, "pending": 50, "debt": 0}


def test_points_of_an_old_event_whose_day_has_come_do_not_wait(world: World) -> None:
    body = give(world, "waits", time="2026-06-08T12:00:00+08:00")
    assert body["effects"][0]["state"] == "available"
    assert body["balances"]["points"] == {"available": 50, "pending": 0, "debt": 0}


@pytest.mark.parametrize(("channel", "last_day"), [("thirty-days", "2026-07-15"), ("dollar", "2027-06-30")])
def test_points_live_as_long_as_their_effect_says_else_as_the_program_says(
    world: World, channel: str, last_day: str
) -> None:
    assert [effect["expires_on"] for effect in give(world, channel)["effects"]] == [last_day]


@pytest.mark.parametrize(
    ("expire", "on", "last_day"),
    [
        ({"months": 1, "at": "day"}, "2026-01-31", "2026-02-28"),
        ({"months": 1, "at": "day"}, "2028-01-31", "2028-02-29"),
        ({"months": 12, "at": "day"}, "2028-02-29", "2029-02-28"),
        ({"months": 12, "at": "month_end"}, "2027-02-01", "2028-02-29"),
        ({"months": 1}, "2026-12-01", "2027-01-31"),
        ({"days": 1}, "2026-12-31", "2027-01-01"),
        ({"inactivity_months": 12}, "2026-06-01", None),
        ("never", "2026-06-01", None),
    ],
)
def test_points_expire_with_the_day_or_the_end_of_the_month(expire: Any, on: str, last_day: str | None) -> None:
    last = expires_on(expiry(expire), date.fromisoformat(on))
    assert last == (date.fromisoformat(last_day) if last_day else None)


def test_points_of_an_old_event_that_have_lapsed_by_now_cannot_be_spent(world: World) -> None:
    body = give(world, "thirty-days", time="2026-05-01T09:00:00+08:00")
    assert amounts(body) == [("points", 50)]
    assert body["balances"]["points"]["available"] == 0
    assert world.outcome("1.00", data={"channel": "dollar"})["balances"]["points"]["available"] == 1


def test_status_points_count_for_the_tier_and_cannot_be_spent(world: World) -> None:
    body = give(world, "status")
    assert amounts(body) == [("status_points", 70)]
    assert body["balances"]["points"]["available"] == 0
    assert body["tier"]["missing"] == {"status_points": 930}


@pytest.mark.parametrize(
    ("channel", "amount", "market", "currency", "money"),
    [
        ("cash", "1.00", "SG", "SGD", "5.00"),
        ("cash", "1.000", "BH", "BHD", "1.250"),
        ("percent", "1.59", "SG", "SGD", "0.03"),
        ("percent", "1.599", "BH", "BHD", "0.039"),
        ("percent", "39", "VN", "VND", None),
        ("percent", "40", "VN", "VND", "1"),
        ("percent", "1.000", "SG", "BHD", "0.08"),  # 3.5 SGD, of them 0.0875
        ("percent", "1.00", "VN", "SGD", "500"),
        ("capped", "49.99", "SG", "SGD", "4.99"),
        ("capped", "99.00", "SG", "SGD", "5.00"),
        ("capped", "99.000", "BH", "BHD", "9.900"),
    ],
)
def test_cashback_is_money_of_the_members_market_rounded_down(  # a table
    world: World, channel: str, amount: str, market: str, currency: str, money: str | None
) -> None:
    body = give(world, channel, amount, market, currency=currency)
    local = {item["code"]: item["currency"] for item in MARKETS}[market]
    assert amounts(body) == ([("cashback", money)] if money else [])
    assert body["balances"]["cashback"] == ([{"currency": local, "available": money}] if money else [])


def test_cashback_without_a_value_in_the_members_currency_is_not_available(world: World) -> None:
    body = give(world, "cash", "20000", "VN")
    assert [(r["kind"], r["reason"], r["desired"]) for r in body["refused"]] == [("cashback", "not-available", None)]


def test_a_badge_is_given_once(world: World) -> None:
    assert amounts(give(world, "badge")) == [("badge", "first-bill"), ("points", 1)]
    assert amounts(world.outcome(data={"channel": "badge"})) == [("points", 1)]


def test_the_trace_does_not_add_points_to_money(world: World) -> None:
    world.member()
    (answer,) = world.send(world.event(data={"channel": "mixed"}), trace=True)
    (line,) = [line for line in answer.trace if line["rule"] == "mixed"]
    assert (line["fired"], line["desired"], line["granted"]) == (True, 10, 10)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("half-more", [("base", 101), ("m0", 50)]),
        ("at-most", [("base", 101), ("m0", 150)]),
        ("other-only", [("base", 101)]),
        ("two-groups", [("base", 101), ("m0", 101), ("m1", 202)]),
        ("stack", [("stacked", 100), ("stack-b", 200), ("stack-d", 10)]),
        ("cutting", [("cut", 100), ("cut-b", 50)]),
        ("both", [("both", 100), ("both", 100)]),
        ("no-base", [("status-base", 100)]),
    ],
)
def test_multipliers_add_to_the_same_base_and_of_a_group_only_the_largest(
    world: World, channel: str, expected: list[tuple[str, int]]
) -> None:
    body = give(world, channel)
    assert [(effect["rule"], effect["amount"]) for effect in body["effects"]] == expected


def test_the_largest_of_a_group_is_the_first_of_equals_and_the_others_are_outbid(world: World) -> None:
    body = give(world, "stack")
    assert [(r["rule"], r["desired"], r["reason"]) for r in body["refused"]] == [
        ("stack-a", 100, "outbid"),
        ("stack-c", 200, "outbid"),
    ]


def test_what_does_not_exist_yet_is_refused_and_never_dropped(world: World) -> None:
    body = give(world, "reward")
    assert [(r["kind"], r["reason"]) for r in body["refused"]] == [("message", "not-available")]
