"""What stands between an event and a rule: in which order it is judged, and what the trace says."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import GhostAward, MemberCounter
from members.models import Member
from members.services.segments import set_segment_members
from tests.campaigns.world import NOW, World, campaign, case, document, everyday, fixed, kept_world, make_world, rule

pytestmark = pytest.mark.django_db
ZONES = {
    "SG": "Asia/Singapore",
    "NY": "America/New_York",  # DST ends on 1 November 2026 at 2:00, began on 8 March
    "LON": "Europe/London",
    "SYD": "Australia/Sydney",  # south: DST ends in April
    "LHI": "Australia/Lord_Howe",  # half an hour of DST
    "KTM": "Asia/Kathmandu",  # 5:45
}
MARKETS = [
    {"code": code, "name": code, "currency": "SGD", "timezone": zone, "languages": ["en"]}
    for code, zone in ZONES.items()
] + [{"code": "ID", "name": "Indonesia", "currency": "IDR", "timezone": "Asia/Jakarta", "languages": ["en"]}]
CUSTOMERS = {"fact": "member.kind", "op": "eq", "value": "customer"}
BILLS = {"fact": "event.data.category", "op": "eq", "value": "bill"}
BIG = {"fact": "event.amount", "op": "gte", "value": "50"}
NOBODY = {"holdout": 100}

CAMPAIGNS = [
    case("wall", fixed(1), starts="2026-03-08T02:30:00", ends="2026-06-01T00:00:00"),
    case("instant", fixed(1), starts="2026-03-08T02:30:00+08:00", ends="2026-06-01T00:00:00+08:00"),
    case("weekend", fixed(1), schedule={"weekdays": [6, 7]}),
    case("hours", fixed(1), schedule={"hours": [8, 22]}),
    case("jakarta", fixed(1), regions=["JKT"]),
    case("indonesia", fixed(1), markets=["ID"]),
    case("invited", fixed(1), audience={"segment": "vip"}),
    case("customers", fixed(1), audience=CUSTOMERS),
    case("festive", fixed(1), schedule={"festival": {"name": "eid-al-fitr"}}),
    case("big-bills", fixed(1), when={"any": [{"all": [BIG, BILLS]}, {"not": {"any": [BIG, BILLS]}}]}),
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(django_db_blocker, *CAMPAIGNS, markets=MARKETS) as one:
        yield one


def line(world: World, channel: str, market: str = "SG", data: Any = None, **more: Any) -> dict[str, Any]:
    """The trace line of the channel's campaign for a payment."""
    if not Member.objects.filter(external_id="ann", program=world.program).exists():
        world.member(market=market)
    (answer,) = world.send(world.event(data={"channel": channel, **(data or {})}, **more), trace=True)
    assert answer.refusal is None, answer.refusal
    (found,) = [one for one in answer.trace if one["campaign"] == channel]
    return found


def reason(world: World, channel: str, market: str = "SG", **more: Any) -> str | None:
    found: str | None = line(world, channel, market, **more)["reason"]
    return found


@pytest.mark.parametrize(
    ("market", "before", "first", "last", "after"),
    [
        # In New York 2:30 of 8 March does not exist: the clock reads 3:30 at that instant.
        ("NY", "2026-03-08T03:29:59-04:00", "2026-03-08T03:30:00-04:00", "2026-05-31T23:59:59", "2026-06-01T00:00:00"),
        ("SG", "2026-03-08T02:29:59", "2026-03-08T02:30:00", "2026-05-31T23:59:59", "2026-06-01T00:00:00"),
        ("LON", "2026-03-08T02:29:59", "2026-03-08T02:30:00", "2026-05-31T23:59:59", "2026-06-01T00:00:00"),
        ("SYD", "2026-03-08T02:29:59", "2026-03-08T02:30:00", "2026-05-31T23:59:59", "2026-06-01T00:00:00"),
        ("LHI", "2026-03-08T02:29:59", "2026-03-08T02:30:00", "2026-05-31T23:59:59", "2026-06-01T00:00:00"),
        ("KTM", "2026-03-08T02:29:59", "2026-03-08T02:30:00", "2026-05-31T23:59:59", "2026-06-01T00:00:00"),
    ],
)
def test_a_start_without_offset_is_wall_time_in_each_members_market(  # a table
    world: World, market: str, before: str, first: str, last: str, after: str
) -> None:
    offsets = {
        "NY": ("-05:00", "-04:00"), "SG": ("+08:00", "+08:00"), "LON": ("+00:00", "+01:00"),
        "SYD": ("+11:00", "+10:00"), "LHI": ("+11:00", "+10:30"), "KTM": ("+05:45", "+05:45"),
    }[market]  # fmt: skip
    times = [
        time if "T" in time and ("+" in time[10:] or "-" in time[10:]) else time + offset
        for time, offset in zip(
            (before, first, last, after), (offsets[0], offsets[0], offsets[1], offsets[1]), strict=True
        )
    ]
    found = [reason(world, "wall", market, time=time) for time in times]
    assert found == ["not-live", None, None, "not-live"]


@pytest.mark.parametrize("market", ["NY", "SG", "KTM"])
def test_a_start_with_offset_is_one_instant_for_all(world: World, market: str) -> None:
    times = ("2026-03-07T18:29:59Z", "2026-03-07T18:30:00Z", "2026-05-31T15:59:59.999999Z", "2026-05-31T16:00:00Z")
    found = [reason(world, "instant", market, time=time) for time in times]
    assert found == ["not-live", None, None, "not-live"]


@pytest.mark.parametrize(
    ("channel", "market", "time", "expected"),
    [
        ("weekend", "SG", "2026-06-12T23:59:59+08:00", "outside-schedule"),
        ("weekend", "SG", "2026-06-13T00:00:00+08:00", None),
        ("weekend", "SG", "2026-06-14T23:59:59+08:00", None),
        ("weekend", "SG", "2026-06-15T00:00:00+08:00", "outside-schedule"),
        ("weekend", "NY", "2026-06-15T00:00:00+08:00", None),
        ("hours", "SG", "2026-06-12T07:59:59+08:00", "outside-schedule"),
        ("hours", "SG", "2026-06-12T08:00:00+08:00", None),
        ("hours", "SG", "2026-06-12T21:59:59+08:00", None),
        ("hours", "SG", "2026-06-12T22:00:00+08:00", "outside-schedule"),
        ("hours", "NY", "2026-03-07T07:59:59-05:00", "outside-schedule"),
        ("hours", "NY", "2026-03-09T08:00:00-04:00", None),
        ("hours", "KTM", "2026-06-12T02:14:59Z", "outside-schedule"),
        ("hours", "KTM", "2026-06-12T02:15:00Z", None),
        ("hours", "LHI", "2026-04-06T21:29:59Z", "outside-schedule"),  # 7:59:59 of standard time, 10:30
        ("hours", "LHI", "2026-04-06T21:30:00Z", None),
        ("festive", "SG", "2026-06-12T08:00:00+08:00", "outside-schedule"),
    ],
)
def test_the_schedule_is_wall_time_in_the_members_market_its_last_hour_out(
    world: World, channel: str, market: str, time: str, expected: str | None
) -> None:
    assert reason(world, channel, market, time=time) == expected


def test_market_and_region_are_the_members_not_the_outlets(world: World) -> None:
    world.member("jane", market="ID", region="JKT")
    world.member("ann", market="SG")
    outlet = {"outlet": "JKT-01-S1"}
    assert reason(world, "indonesia", data=outlet) == "other-market"
    assert reason(world, "jakarta", data=outlet) == "other-market"
    assert reason(world, "indonesia", subject="jane") is None
    assert reason(world, "jakarta", subject="jane") is None
    world.member("joko", market="ID")
    assert reason(world, "jakarta", subject="joko") == "other-market"


def test_an_audience_may_be_a_list(world: World) -> None:
    world.member()
    assert line(world, "invited")["failed"] is None
    assert reason(world, "invited") == "not-in-audience"
    set_segment_members(program=world.program, code="vip", external_ids=["ann"], at=NOW)
    assert reason(world, "invited") is None


def test_an_audience_may_be_a_condition_and_the_trace_names_its_leaf(world: World) -> None:
    world.member("shop", kind="merchant", merchant={"legal_name": "Shop", "category": "food"})
    found = line(world, "customers", subject="shop")
    assert found["reason"] == "not-in-audience"
    assert found["failed"] == {
        "path": "audience", "fact": "member.kind", "op": "eq", "value": "customer", "actual": "merchant"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "category", "path", "actual"),
    [
        ("60.00", "transfer", "when.all[1].any[0].all[1]", "transfer"),
        ("10.00", "bill", "when.all[1].any[0].all[0]", "10.00"),
    ],
)
def test_the_trace_names_the_first_false_leaf_in_file_order_and_its_value(
    world: World, amount: str, category: str, path: str, actual: str
) -> None:
    world.member()
    event = world.event(amount, data={"channel": "big-bills", "category": category})
    (answer,) = world.send(event, trace=True)
    (found,) = [one for one in answer.trace if one["campaign"] == "big-bills"]
    assert (found["fired"], found["reason"], found["desired"], found["granted"]) == (False, "condition", None, None)
    assert (found["failed"]["path"], found["failed"]["actual"]) == (path, actual)


LADDER_OF_REASONS: list[tuple[str, dict[str, Any]]] = [
    ("not-live", {"starts": "2026-06-15T12:00:01+08:00"}),
    ("other-market", {"markets": ["ID"]}),
    ("outside-schedule", {"schedule": {"weekdays": [7]}}),
    ("not-in-audience", {"audience": {"segment": "vip"}}),
    ("held-out", {"holdout": 100}),
    ("no-open-offer", {"delivery": "offer", "offer": {"days": 7}}),
]


def test_the_first_gate_that_an_event_fails_is_the_reason() -> None:
    failing = rule("r", fixed(1), when=BILLS)
    campaigns = []
    for place in range(len(LADDER_OF_REASONS) + 1):
        faults = {key: value for _, part in LADDER_OF_REASONS[place:] for key, value in part.items()}
        campaigns.append(campaign(f"c{place}", failing, **faults))
    goal = {"goal": {"count": True, "window": "campaign"}, "milestones": [{"reach": 3, "then": [fixed(1)]}]}
    campaigns.append(campaign("c7", {"code": "r", "event": "payment.completed", **goal}))
    campaigns.append(campaign("c8", rule("r", fixed(1), limits=[{"total": {"points": 1}}])))
    world = make_world(*campaigns)
    world.member()
    world.outcome()
    (answer,) = world.send(world.event(), trace=True)
    assert [one["reason"] for one in answer.trace] == [
        *(name for name, _ in LADDER_OF_REASONS), "condition", "goal-progress", "limit"
    ]  # fmt: skip


def test_rules_are_judged_by_priority_then_campaign_then_place() -> None:
    world = make_world(
        campaign("b", rule("z", fixed(1)), rule("a", fixed(1))),
        campaign("a", rule("r", fixed(1)), priority=-1),
        campaign("c", rule("r", fixed(1)), priority=5),
    )
    world.member()
    body = world.outcome()
    assert [(e["campaign"], e["rule"]) for e in body["effects"]] == [("c", "r"), ("b", "z"), ("b", "a"), ("a", "r")]


# -- holdout ----------------------------------------------------------------------------------


def bucket(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % 10_000


def test_members_are_held_out_exactly_by_the_formula() -> None:
    world = make_world(campaign("bonus", rule("r", fixed(1)), holdout="37.5"))
    members = [world.member(f"m{number}") for number in range(40)]
    answers = world.send(*[world.event(subject=member.external_id) for member in members])
    given = [bool(answer.body and answer.body["effects"]) for answer in answers]
    assert given == [bucket(f"demo/bonus/{member.uuid}") >= 3750 for member in members]
    assert {True, False} == set(given)


def test_a_program_may_hold_members_out_of_all_but_promises() -> None:
    world = make_world(everyday(), campaign("bonus", rule("r", fixed(1))), program={"holdout": 50})
    members = [world.member(f"m{number}") for number in range(20)]
    answers = world.send(*[world.event(subject=member.external_id) for member in members])
    for member, answer in zip(members, answers, strict=True):
        held_out = bucket(f"demo/{member.uuid}") < 5000
        assert answer.body is not None
        assert [e["campaign"] for e in answer.body["effects"]] == (["everyday"] if held_out else ["bonus", "everyday"])


HELD_OUT = campaign(
    "bonus",
    rule("r", fixed(60), {"badge": "first-bill"}, limits=[{"per_member": {"points": 100, "per": "day"}}], when=BIG),
    rule("x2", {"multiply": {"by": "2"}}),
    limits=[{"total": {"points": 10}}],
    **NOBODY,
)


def ghosts() -> list[tuple[str, str, int]]:
    return list(GhostAward.objects.order_by("event_id", "id").values_list("rule", "unit", "amount"))


def test_what_held_out_members_would_have_been_given_is_kept_within_their_own_limits() -> None:
    world = make_world(everyday(), HELD_OUT)
    world.member()
    (first,) = world.send(world.event("100.00", "a"), trace=True)
    assert first.body is not None
    assert [e["campaign"] for e in first.body["effects"]] == ["everyday"]
    assert first.body["refused"] == []
    held = [(one["rule"], one["reason"], one["failed"]) for one in first.trace if one["campaign"] == "bonus"]
    assert held == [("r", "held-out", None), ("x2", "held-out", None)]
    world.send(world.event("100.00", "b"), world.event("10.00", "c"))
    assert ghosts() == [
        ("r", "points", 60), ("r", "first-bill", 1), ("x2", "points", 100),
        ("r", "points", 40), ("r", "first-bill", 1), ("x2", "points", 100),
        ("x2", "points", 10),
    ]  # fmt: skip


def test_reversals_cut_ghost_awards_from_the_whole_and_free_their_places() -> None:
    world = make_world(everyday(), campaign("bonus", rule("r", fixed(10), limits=[
        {"per_member": {"points": 100, "times": 2}},
    ]), **NOBODY))  # fmt: skip
    world.member()
    world.outcome("1.00", key="a")
    world.send(world.reversal("a", "0.49"))
    assert ghosts() == [("r", "points", 6)]
    world.send(world.reversal("a", "0.01"))
    assert ghosts() == [("r", "points", 5)]
    world.send(world.reversal("a"))
    assert ghosts() == []
    assert set(MemberCounter.objects.values_list("unit", "used")) == {("points", 0), ("times", 0)}


def test_a_member_held_out_of_an_offer_would_not_have_been_given_anything_without_one() -> None:
    world = make_world(everyday(), campaign("o", rule("r", fixed(1)), delivery="offer", offer={"days": 7}, **NOBODY))
    world.member()
    world.outcome()
    assert ghosts() == []


def test_a_rule_after_a_change_of_the_file_is_judged_anew() -> None:
    world = make_world(everyday())
    world.member()
    world.reload(document(everyday(markets=["ID"])))
    (answer,) = world.send(world.event(), trace=True)
    assert [one["reason"] for one in answer.trace] == ["other-market"]
