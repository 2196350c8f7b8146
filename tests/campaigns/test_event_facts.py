"""Facts as rules see them: the member just before the event, the event itself, windows at their outside edges."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from members.services.segments import set_segment_members
from tests.campaigns.world import LONG_AGO, NOW, World, campaign, fixed, kept_world, rule

pytestmark = pytest.mark.django_db
PAID, SERVED = "payment.completed", "service.done"
EVENT_FACTS = [
    "amount", "amount_base", "currency", "channel", "outlet", "outlet_kind", "dealer", "region", "market", "hour",
    "weekday", "date", "ordinal", "days_since_previous", "data.category", "data.litres",
]  # fmt: skip
STORED_FACTS = """
    kind market region language status kyc tier tier_rank segments data.hobby birthday_month days_since_enrolled
    hours_since_enrolled hours_since_kyc days_since_active points events_30d events_90d amount_30d amount_90d amount_12m
    outlets_12m dealers_12m category partner_type agent preferred vehicles vehicle_age_months warranty_days_left
    days_since_service
"""
MEMBER_FACTS = [
    *STORED_FACTS.split(),
    *(f"{family}.{PAID}" for family in ("count", "hours_since_first", "hours_since_last")),
]
FACTS = [f"event.{name}" for name in EVENT_FACTS] + [f"member.{name}" for name in MEMBER_FACTS]
TYPES = [
    {"code": PAID, "name": {"en": "Payment"}, "amount": "optional", "qualifying": True, "data": [
        {"code": "category", "type": "choice", "choices": ["bill", "transfer"]}, {"code": "litres", "type": "amount"}]},
    {"code": SERVED, "name": {"en": "Service"}, "amount": "none", "qualifying": False},
    {"code": "wallet.topped_up", "name": {"en": "Top-up"}, "amount": "required", "qualifying": False},
]  # fmt: skip
TIERS = {
    "review": {"window": "rolling_12_months"},
    "downgrade": {"style": "never"},
    "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"events": 3}},
    ],
}
MARKETS = [
    {"code": code, "name": code, "currency": currency, "timezone": zone, "languages": ["en"]}
    for code, currency, zone in (
        ("SG", "SGD", "Asia/Singapore"), ("ID", "IDR", "Asia/Jakarta"), ("NY", "SGD", "America/New_York"),
        ("LHI", "SGD", "Australia/Lord_Howe"),
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A rule for each fact that fires where the fact has no value: else the trace shows the value."""
    rules = [
        rule(f"f{n}", fixed(1), when={"fact": name, "op": "exists", "value": False}) for n, name in enumerate(FACTS)
    ]
    for one in rules[3:]:
        one["then"] = [{"badge": "first-bill"}]  # points of the first three only
    with kept_world(
        django_db_blocker,
        campaign("facts", *rules, starts="2020-01-01T00:00:00Z"),
        event_types=TYPES,
        markets=MARKETS,
        tiers=TIERS,
    ) as loaded:
        yield loaded


def facts(world: World, amount: str | None = "10.00", **more: Any) -> dict[str, Any]:
    """What rules see at a payment, by name; facts without value are left out."""
    (answer,) = world.send(world.event(amount, **more), trace=True)
    assert answer.refusal is None, vars(answer.refusal)
    lines = {line["rule"]: line["failed"] for line in answer.trace}
    return {name: lines[f"f{n}"]["actual"] for n, name in enumerate(FACTS) if lines[f"f{n}"]}


def of(found: dict[str, Any], *names: str) -> list[Any]:
    return [found.get(name) for name in names]


def test_what_is_known_of_a_new_member_at_its_first_event(world: World) -> None:
    world.member(enrolled_at="2026-06-14T16:30:00Z", language="en", at=LONG_AGO.replace(year=2026, month=6, day=15))
    assert facts(world, time="2026-06-15T04:00:00Z") == {
        "event.amount": "10.00", "event.amount_base": "10.00", "event.currency": "SGD", "event.hour": 12,
        "event.weekday": 1, "event.date": "2026-06-15", "event.ordinal": 1,
        "member.kind": "customer", "member.market": "SG", "member.language": "en", "member.status": "active",
        "member.kyc": "none", "member.tier": "silver", "member.tier_rank": 1,
        "member.days_since_enrolled": 0, "member.hours_since_enrolled": 11.5, "member.points": 0,
        "member.events_30d": 0, "member.events_90d": 0, "member.amount_30d": "0.00", "member.amount_90d": "0.00",
        "member.amount_12m": "0.00", f"member.count.{PAID}": 0, "member.outlets_12m": 0, "member.dealers_12m": 0,
        "member.vehicles": 0,
    }  # fmt: skip


def test_what_the_event_says(world: World) -> None:
    world.member(market="ID")
    data = {"outlet": "JKT-01-S1", "channel": "app", "category": "bill", "litres": "1.5"}
    found = facts(world, "100000.00", currency="IDR", time="2026-06-14T17:00:00Z", data=data)
    assert {name: value for name, value in found.items() if name.startswith("event.")} == {
        "event.amount": "100000.00", "event.amount_base": "8.30", "event.currency": "IDR", "event.channel": "app",
        "event.outlet": "JKT-01-S1", "event.outlet_kind": "service_centre", "event.dealer": "JKT-01",
        "event.region": "JKT", "event.market": "ID", "event.hour": 0, "event.weekday": 1, "event.date": "2026-06-15",
        "event.ordinal": 1, "event.data.category": "bill", "event.data.litres": "1.5",
    }  # fmt: skip


def test_an_event_without_amount_has_none(world: World) -> None:
    world.member()
    assert of(facts(world, None), "event.amount", "event.amount_base", "event.currency") == [None, None, None]


def test_what_is_stored_of_the_member(world: World) -> None:
    world.member("agent-7", kind="merchant")
    world.member(
        market="ID", region="JKT", kind="merchant", birth_date="1990-02-28", attributes={"hobby": "chess"},
        kyc={"state": "verified", "at": "2026-06-14T03:59:59Z"},
        merchant={"legal_name": "A", "category": "food", "partner_type": "gold", "agent": "agent-7"},
        vehicles=[{"vin": "V1", "bought_on": "2025-05-16", "warranty_until": "2026-06-15"}],
    )  # fmt: skip
    set_segment_members(program=world.program, code="vip", external_ids=["ann"], at=NOW)
    found = facts(world, "1.00")
    names = ("region", "birthday_month", "data.hobby", "kyc", "hours_since_kyc", "segments", "category", "partner_type",
             "agent", "vehicles", "vehicle_age_months", "warranty_days_left")  # fmt: skip
    hours = found["member.hours_since_kyc"]
    assert hours > 24
    assert of(found, *(f"member.{name}" for name in names)) == [
        "JKT", 2, "chess", "verified", hours, ["vip"], "food", "gold", "agent-7", 1, 12, 0
    ]  # fmt: skip


def test_what_lies_in_the_events_future_has_no_value(world: World) -> None:
    world.member(kyc={"state": "verified", "at": "2026-06-10T00:00:00Z"}, enrolled_at="2026-06-05T00:00:00Z")
    world.outcome(time="2026-06-09T00:00:00Z")
    found = facts(world, time="2026-06-04T00:00:00Z")
    names = ("hours_since_kyc", "hours_since_enrolled", "days_since_enrolled", "days_since_active",
             f"hours_since_first.{PAID}", f"hours_since_last.{PAID}")  # fmt: skip
    assert of(found, *(f"member.{name}" for name in names)) == [None] * len(names)
    assert of(found, "event.ordinal", "event.days_since_previous", "member.events_90d") == [2, None, 0]


def test_the_member_is_as_it_stood_just_before_the_event_and_a_batch_moves_it(world: World) -> None:
    names = ("event.ordinal", "event.days_since_previous", "member.events_30d", "member.amount_30d", "member.tier",
             f"member.hours_since_first.{PAID}", f"member.hours_since_last.{PAID}", "member.days_since_active",
             "member.points", "member.outlets_12m", "member.dealers_12m")  # fmt: skip
    expected = [
        [1, None, 0, "0.00", "silver", None, None, None, 0, 0, 0],
        [2, None, 1, "10.00", "silver", 0, 0, 0, 0, 1, 0],
        [3, 2, 2, "20.00", "silver", 48, 48, 2, 0, 2, 1],
        [4, 1, 3, "30.00", "gold", 72, 24, 1, 0, 2, 1],
    ]
    data = [{"outlet": "SG-ORCHARD"}, {"outlet": "JKT-01-S1"}, {"outlet": "SG-ORCHARD"}, {}]
    for subject, together in (("ann", False), ("bob", True)):
        world.member(subject, at=LONG_AGO)
        events = [
            world.event("10.00", f"{subject}{place}", subject=subject, data=more, time=f"2026-06-{day:02}T04:00:00Z")
            for place, (day, more) in enumerate(zip((10, 10, 12, 13), data, strict=True))
        ]
        answers = world.send(*events, trace=True) if together else [world.send(e, trace=True)[0] for e in events]
        found = []
        for answer in answers:
            lines = {line["rule"]: line["failed"] for line in answer.trace}
            by_name = {name: (lines[f"f{n}"] or {}).get("actual") for n, name in enumerate(FACTS)}
            found.append([by_name[name] for name in names])
        assert found == expected


def test_points_that_can_be_spent_are_those_before_the_event(world: World) -> None:
    world.member()
    facts(world, None)  # three facts of amounts have no value: three points
    assert facts(world)["member.points"] == 3


def test_types_that_do_not_qualify_count_by_type_alone(world: World) -> None:
    world.member()
    world.outcome(None, type=SERVED, time="2026-06-12T04:00:00Z")
    world.outcome("5.00", type="wallet.topped_up")
    found = facts(world)
    names = ("member.events_30d", "member.amount_30d", "member.days_since_active", "member.days_since_service",
             "event.ordinal", f"member.count.{PAID}")  # fmt: skip
    assert of(found, *names) == [0, "0.00", None, 3, 1, 0]


WINDOWS = [
    # market, an earlier payment, the event, how many windows of 30 and 90 days and 12 months hold the payment
    ("SG", "2026-05-17T00:00:00+08:00", "2026-06-15T12:00:00+08:00", (1, 1, 1)),
    ("SG", "2026-05-16T23:59:59+08:00", "2026-06-15T12:00:00+08:00", (0, 1, 1)),
    ("SG", "2026-03-18T00:00:00+08:00", "2026-06-15T12:00:00+08:00", (0, 1, 1)),
    ("SG", "2026-03-17T23:59:59+08:00", "2026-06-15T12:00:00+08:00", (0, 0, 1)),
    ("SG", "2025-06-16T00:00:00+08:00", "2026-06-15T12:00:00+08:00", (0, 0, 1)),
    ("SG", "2025-06-15T23:59:59+08:00", "2026-06-15T12:00:00+08:00", (0, 0, 0)),
    # the event's own day begins and ends in the market's zone; what is later the same day counts
    ("SG", "2026-05-31T23:59:59+08:00", "2026-05-31T00:00:00+08:00", (1, 1, 1)),
    ("SG", "2026-06-01T00:00:00+08:00", "2026-05-31T23:59:59+08:00", (0, 0, 0)),
    ("ID", "2026-06-01T00:30:00+08:00", "2026-05-31T12:00:00+07:00", (1, 1, 1)),
    # leap days
    ("SG", "2023-03-01T00:00:00+08:00", "2024-02-29T12:00:00+08:00", (0, 0, 1)),
    ("SG", "2023-02-28T23:59:59+08:00", "2024-02-29T12:00:00+08:00", (0, 0, 0)),
    ("SG", "2024-02-29T12:00:00+08:00", "2025-02-28T12:00:00+08:00", (0, 0, 1)),
    ("SG", "2024-02-29T12:00:00+08:00", "2025-03-01T12:00:00+08:00", (0, 0, 0)),
    # the year's and month's ends
    ("SG", "2025-12-31T23:59:59+08:00", "2026-01-29T00:00:00+08:00", (1, 1, 1)),
    ("SG", "2025-12-31T23:59:59+08:00", "2026-01-30T00:00:00+08:00", (0, 1, 1)),
    # DST: 8 March has 23 hours in New York, 1 November 25; in Lord Howe the clock moves by half an hour
    ("NY", "2026-03-08T00:00:00-05:00", "2026-04-06T23:59:59-04:00", (1, 1, 1)),
    ("NY", "2026-03-07T23:59:59-05:00", "2026-04-06T23:59:59-04:00", (0, 1, 1)),
    ("NY", "2025-11-02T00:00:00-04:00", "2025-12-01T23:59:59-05:00", (1, 1, 1)),
    ("NY", "2025-11-01T23:59:59-04:00", "2025-12-01T23:59:59-05:00", (0, 1, 1)),
    ("LHI", "2026-04-05T00:00:00+11:00", "2026-05-04T23:59:59+10:30", (1, 1, 1)),
    ("LHI", "2026-04-04T23:59:59+11:00", "2026-05-04T23:59:59+10:30", (0, 1, 1)),
]


@pytest.mark.parametrize(("market", "earlier", "at", "held"), WINDOWS)
def test_windows_are_local_days_that_end_with_the_events_day(
    world: World, market: str, earlier: str, at: str, held: tuple[int, int, int]
) -> None:
    world.member(market=market, at=LONG_AGO)
    world.outcome("7.00", time=earlier)
    found = facts(world, time=at)
    amounts = [f"{7 * one}.00" for one in held]
    names = ("member.events_30d", "member.events_90d", "member.amount_30d", "member.amount_90d", "member.amount_12m")
    assert of(found, *names) == [held[0], held[1], *amounts]


@pytest.mark.parametrize(
    ("market", "earlier", "at", "hours", "days"),
    [
        ("NY", "2026-03-07T23:59:59-05:00", "2026-03-08T00:00:00-05:00", None, 1),
        ("NY", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00", 23, 1),
        ("NY", "2025-11-02T00:00:00-04:00", "2025-11-03T00:00:00-05:00", 25, 1),
        ("LHI", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30", 24.5, 1),
        ("SG", "2024-02-28T12:00:00+08:00", "2024-03-01T12:00:00+08:00", 48, 2),
    ],
)
def test_hours_are_exact_and_days_are_differences_of_local_dates(  # a table
    world: World, market: str, earlier: str, at: str, hours: float | None, days: int
) -> None:
    world.member(market=market, at=LONG_AGO)
    world.outcome(time=earlier)
    found = facts(world, time=at)
    assert of(found, "event.days_since_previous", "member.days_since_active") == [days, days]
    if hours:
        assert found[f"member.hours_since_last.{PAID}"] == hours


def test_days_since_previous_count_to_the_latest_earlier_date(world: World) -> None:
    world.member(at=LONG_AGO)
    days = {day: f"2026-06-{day:02}T12:00:00+08:00" for day in (1, 4, 9, 10)}
    for day in (1, 9, 10):
        world.outcome(key=f"d{day}", time=days[day])
    assert facts(world, time=days[4])["event.days_since_previous"] == 3
    assert facts(world, time=days[10])["event.days_since_previous"] == 1
    world.send(world.reversal("d9"))
    assert facts(world, time=days[10])["event.days_since_previous"] == 6
