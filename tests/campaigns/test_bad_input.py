"""What partners send by mistake or on purpose: wrong values are named, nothing is half-stored, nobody else suffers."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import Event
from tests.campaigns.world import World, everyday, kept_world

pytestmark = pytest.mark.django_db
HALF = "\ud800"
MARKETS = [
    {"code": "SG", "name": "Singapore", "currency": "SGD", "timezone": "Asia/Singapore", "languages": ["en"]},
    {"code": "VN", "name": "Vietnam", "currency": "VND", "timezone": "Asia/Ho_Chi_Minh", "languages": ["en"]},
    {"code": "KW", "name": "Kuwait", "currency": "KWD", "timezone": "Asia/Kuwait", "languages": ["en"]},
    {"code": "ID", "name": "Indonesia", "currency": "IDR", "timezone": "Asia/Jakarta", "languages": ["en"]},
]
RATES = [
    {"currency": "VND", "from": "2020-01-01", "rate": "0.00005"},
    {"currency": "IDR", "from": "2026-06-01", "rate": "0.00008"},
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(django_db_blocker, everyday(), markets=MARKETS, rates=RATES) as one:
        one.member()
        yield one


def errors(world: World, event: Any) -> list[tuple[str, str]]:
    """What is wrong with an event; nothing of it is stored."""
    (answer,) = world.send(event)
    assert answer.refusal is not None
    assert not Event.objects.exists()
    return [(error.pointer, error.code) for error in answer.refusal.errors]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("specversion", None, "required"), ("specversion", "0.3", "invalid"), ("specversion", 1.0, "invalid"),
        ("id", None, "required"), ("id", "", "invalid"), ("id", " ", "invalid"), ("id", 7, "invalid"),
        ("id", "a\0b", "invalid"), ("id", HALF, "invalid"), ("id", "a\nb", "invalid"), ("id", "x" * 201, "too-long"),
        ("source", None, "required"), ("source", [], "invalid"), ("source", "\0", "invalid"),
        ("subject", None, "required"), ("subject", "nobody", "unknown-member"), ("subject", HALF, "invalid"),
        ("subject", "erased:00", "unknown-member"), ("subject", "ANN", "unknown-member"),
        ("subject", "x" * 70, "too-long"),
        ("type", None, "required"), ("type", "payment", "unknown-type"), ("type", HALF, "invalid"),
        ("type", {}, "invalid"),
        ("time", None, "required"), ("time", "yesterday", "invalid"), ("time", 1750000000, "invalid"),
        ("time", "2026-06-15", "invalid"), ("time", "2026-06-15T12:00:00", "invalid"),
        ("time", "2026-02-30T12:00:00Z", "invalid"),
        ("time", "2026-06-15T24:00:01Z", "invalid"), ("time", "2026-06-15T12:00:00+24:00", "invalid"),
        ("time", "1899-12-31T23:59:59Z", "invalid"), ("time", "0001-01-01T00:00:00+23:59", "invalid"),
        ("time", "9999-12-31T23:59:59-23:59", "invalid"), ("time", "9999-12-31T23:59:59Z", "in-the-future"),
        ("time", "2026-06-15T04:05:01Z", "in-the-future"), ("time", "٢٠٢٦-06-15T12:00:00Z", "invalid"),
        ("data", [], "invalid"), ("data", "x", "invalid"), ("data", None, "invalid"),
    ],
)  # fmt: skip
def test_each_wrong_part_of_the_envelope_is_named(world: World, name: str, value: Any, code: str) -> None:
    event = world.event() | {name: value}
    if code == "required":
        del event[name]
    assert (f"/{name}", code) in errors(world, event)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"amount": "1.001"}, [("/data/amount", "too-many-decimals")]),
        ({"amount": "1.000"}, [("/data/amount", "too-many-decimals")]),
        ({"amount": "1.0", "currency": "VND"}, [("/data/amount", "too-many-decimals")]),
        ({"amount": "-0.01"}, [("/data/amount", "negative")]),
        ({"amount": "-0.00"}, [("/data/amount", "negative")]),
        ({"amount": 1}, [("/data/amount", "invalid")]),
        ({"amount": "1e3"}, [("/data/amount", "invalid")]),
        ({"amount": "NaN"}, [("/data/amount", "invalid")]),
        ({"amount": "01.00"}, [("/data/amount", "invalid")]),
        ({"amount": "١٢"}, [("/data/amount", "invalid")]),
        ({"amount": "1,00"}, [("/data/amount", "invalid")]),
        ({"amount": " 1.00"}, [("/data/amount", "invalid")]),
        ({"amount": "1.00\n"}, [("/data/amount", "invalid")]),
        ({"amount": "9" * 40}, [("/data/amount", "invalid")]),
        ({"amount": "9" * 18}, [("/data/amount", "invalid")]),
        ({"amount": None}, [("/data/amount", "required")]),
        ({"currency": "USD"}, [("/data/currency", "wrong-currency")]),
        ({"currency": "sgd"}, [("/data/currency", "wrong-currency")]),
        ({"currency": ["SGD"]}, [("/data/currency", "wrong-currency")]),
        ({"currency": None}, [("/data/currency", "required")]),
        ({"currency": "KWD"}, [("/data/currency", "wrong-currency")]),  # no rate at all
        ({"colour": "red"}, [("/data/colour", "undeclared")]),
        ({"a/b~c": 1}, [("/data/a~1b~0c", "undeclared")]),
        ({"category": "food"}, [("/data/category", "invalid")]),
        ({"category": 5}, [("/data/category", "invalid")]),
        ({"litres": 1.5}, [("/data/litres", "invalid")]),
        ({"channel": 5}, [("/data/channel", "invalid")]),
        ({"channel": "a\0"}, [("/data/channel", "invalid")]),
        ({"channel": "x" * 201}, [("/data/channel", "too-long")]),
        ({"outlet": "NOWHERE"}, [("/data/outlet", "unknown-outlet")]),
        ({"outlet": ["SG-ORCHARD"]}, [("/data/outlet", "unknown-outlet")]),
        ({"signals": {"face": "x"}}, [("/data/signals", "invalid")]),
        ({"amount": "-1.00", "colour": "red", "outlet": 1},
         [("/data/amount", "negative"), ("/data/outlet", "unknown-outlet"), ("/data/colour", "undeclared")]),
    ],
)  # fmt: skip
def test_each_wrong_value_of_the_data_is_named(world: World, data: dict[str, Any], expected: Any) -> None:
    assert sorted(errors(world, world.event(data=data))) == sorted(expected)


def test_a_currency_without_a_rate_on_the_local_day_is_refused(world: World) -> None:
    late_in_may = world.event("1000.00", currency="IDR", time="2026-05-31T23:59:59+08:00")
    assert errors(world, late_in_may) == [("/data/currency", "wrong-currency")]
    assert world.outcome("1000.00", currency="IDR", time="2026-06-01T00:00:00+08:00")["status"] == "processed"


@pytest.mark.parametrize("event", [None, 5, "x", [], {}])
def test_what_is_no_event_is_refused(world: World, event: Any) -> None:
    assert errors(world, event) != []


@pytest.mark.parametrize(
    "time",
    ["1900-01-01T00:00:00Z", "1900-01-01T00:00:00+23:59", "2026-06-15T04:05:00Z", "2026-06-15t04:00:00z",
     "2026-06-15T04:00:00.123456789+00:00", "2024-02-29T12:00:00-12:00"],
)  # fmt: skip
def test_moments_at_the_edges_are_taken(world: World, time: str) -> None:
    assert world.outcome("1.00", time=time)["status"] == "processed"


def test_amounts_at_the_edges_are_taken(world: World) -> None:
    big = world.outcome("9999999999999.99")
    assert big["balances"]["points"]["available"] == 9_999_999_999_999
    assert world.outcome("0")["effects"] == []


def test_one_bad_event_harms_no_other_and_every_answer_stands_in_its_place(world: World) -> None:
    batch: list[Any] = [
        world.event("1.00"),
        None,
        world.event("-1.00"),
        world.event("2.00"),
        world.event(subject="nobody"),
    ]
    statuses = [answer.status for answer in world.send(*batch)]
    assert statuses == ["processed", "rejected", "rejected", "processed", "rejected"]
    assert Event.objects.count() == 2


def test_the_same_content_written_otherwise_is_the_same_event(world: World) -> None:
    first = world.outcome("10.50", "a", data={"category": "bill", "litres": "1.50"})
    same = world.event(
        "10.5", "a", time="2026-06-15T12:00:00.000+08:00", data={"litres": "1.5", "category": "bill", "outlet": None}
    )
    (again,) = world.send(same)
    assert again.body == first | {"duplicate": True}


@pytest.mark.parametrize(
    "other",
    [{"amount": "10.51"}, {"time": "2026-06-15T04:00:01Z"}, {"subject": "bob"}, {"type": "wallet.topped_up"},
     {"data": {"channel": "web"}}, {"data": {"category": "bill"}}],
)  # fmt: skip
def test_other_content_under_the_same_key_is_a_conflict(world: World, other: dict[str, Any]) -> None:
    world.member("bob")
    world.outcome("10.50", "a")
    (answer,) = world.send(world.event(**({"amount": "10.50", "key": "a"} | other)))
    assert answer.refusal is not None
    assert answer.refusal.code == "event-conflict"


def test_the_same_key_twice_in_one_batch_is_a_repeat_or_a_conflict(world: World) -> None:
    same, other = world.event("5.00", "a"), world.event("6.00", "a")
    answers = world.send(same, same, other, world.event("1.00", "b"))
    assert [(answer.status, answer.duplicate) for answer in answers] == [
        ("processed", False), ("processed", True), ("rejected", False), ("processed", False)
    ]  # fmt: skip
    assert answers[0].body is not None
    assert answers[1].body == answers[0].body | {"duplicate": True}
    assert world.outcome("0.00")["balances"]["points"]["available"] == 6


def test_another_source_may_use_the_same_id(world: World) -> None:
    assert [answer.duplicate for answer in world.send(world.event(key="a"), world.event(key="a", source="/other"))] == [
        False, False
    ]  # fmt: skip


def test_five_thousand_events_are_worked_in_order_over_transactions(world: World) -> None:
    for number in range(9):
        world.member(f"m{number}")
    events = [world.event("1.00", f"h{n:05}", subject=f"m{n % 9}") for n in range(4_990)]
    backs = [world.reversal(f"h{n:05}", subject=f"m{n % 9}", time="2026-06-01T00:00:00Z") for n in range(10)]
    answers = world.send(*backs, *reversed(events))
    assert {answer.status for answer in answers} == {"processed"}
    bodies = [answer.body for answer in answers if answer.body]
    assert sum(len(body["effects"]) for body in bodies) == 5_000
    last = next(body for body in bodies if body["id"] == "h04989")
    assert last["balances"]["points"]["available"] == len(range(4_989 % 9, 4_990, 9)) - len(range(4_989 % 9, 10, 9))
    sequences = [body["sequence"] for body in bodies[:9:-1]]
    assert sequences == sorted(sequences)
