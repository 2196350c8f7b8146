"""A batch is what its events are one by one, and nothing counts twice, in whatever order it comes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import (
    Contribution,
    Event,
    EventReversal,
    GhostAward,
    MemberBadge,
    MemberCounter,
    Outcome,
    Progress,
    ReachedMilestone,
    TotalCounter,
)
from ledger.models import Account, Lot
from ledger.selectors.proofs import prove
from members.models import Member, MemberDay, MemberFacts, MemberTypeCount
from members.selectors.windows import sum_windows
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.world import NOW, World, campaign, everyday, fixed, kept_world, make_world, rule

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)
BILL = {"fact": "event.data.category", "op": "eq", "value": "bill"}
TIERS = {
    "review": {"window": "rolling_12_months"},
    "downgrade": {"style": "never"},
    "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"amount": "150.00"}},
        {"code": "platinum", "name": {"en": "Platinum"}, "requires": {"events": 6, "status_points": 350}},
    ],
}
BUDGETS = [
    {"code": "root", "points": 100_000, "money": {"SGD": "40.00"}},
    {"code": "tight", "parent": "root", "points": 400},
]
DEPENDENT = [
    everyday(),
    campaign("tight", rule("forty", fixed(40, pending_days=2)), fund="tight"),
    campaign("shared", rule("ten", fixed(10)), fund={"tight": 30, "program": 70},
             limits=[{"total": {"points": 95}}, {"total": {"times": 4, "per": "day"}}]),
    campaign("double", rule("x2", {"multiply": {"by": "2"}}), limits=[{"per_member": {"points": 300}}]),
    campaign("badge", rule("b", {"badge": "first-bill"}, {"cashback": {"percent": "10"}}, when=BILL)),
    campaign("third", rule("r", fixed(7), when={"fact": "event.ordinal", "op": "eq", "value": 3})),
    campaign("busy", rule("r", fixed(3), when={"all": [
        {"fact": "member.events_30d", "op": "gte", "value": 2},
        {"fact": "event.days_since_previous", "op": "gte", "value": 1},
        {"fact": "member.hours_since_first.payment.completed", "op": "exists", "value": True},
    ]})),
    campaign("gold", rule("r", fixed(5, status=True), when={"fact": "member.tier", "op": "ne", "value": "silver"})),
    campaign("held", rule("r", fixed(11), limits=[{"per_member": {"times": 2}}]), holdout=50),
    campaign("goals",
             goal_rule("sum", {"sum": "base", "window": "month", "repeat": True}, step("30.00"), step("80.00")),
             goal_rule("days", {"streak": {"period": "day", "count": 1, "freezes": 1}, "window": "campaign"},
                       step(2, fixed(6, pending_days=2)), step(3, {"badge": "first-bill"}), when=BILL),
             goal_rule("rolling", {"count": True, "window": {"rolling_days": 7}}, step(2, fixed(4, status=True))),
             goal_rule("kinds", {"distinct": "event.data.category", "window": "week"}, step(2, fixed(2))),
             limits=[{"per_member": {"times": 6}}, {"total": {"points": 200}}], holdout=30),
]  # fmt: skip
INDEPENDENT = [
    everyday(),
    campaign("bills", rule("b", fixed(5, pending_days=2), {"cashback": {"percent": "10"}}, when=BILL)),
    campaign("double", rule("x2", {"multiply": {"by": "1.5"}})),
    campaign("held", rule("r", fixed(11)), holdout=50),
    campaign("goals",  # far away: which event reaches a milestone depends on order, progress does not
             goal_rule("sum", {"sum": "base", "window": "month", "repeat": True}, step("9999.00")),
             goal_rule("days", {"streak": {"period": "day", "count": 1}, "window": "campaign"}, step(99)),
             goal_rule("kinds", {"distinct": "event.data.category", "window": "week"}, step(99)), holdout=30),
]  # fmt: skip
NAMES = ("ann", "bob", "cat")


def load(blocker: DjangoDbBlocker, *campaigns: Any, **sections: Any) -> Iterator[World]:
    with kept_world(blocker, *campaigns, **sections) as world:
        for name in NAMES:
            world.member(name)
        yield world


@pytest.fixture(scope="module")
def near_the_end(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A program whose budgets and totals run out after some ten events."""
    yield from load(django_db_blocker, *DEPENDENT, tiers=TIERS, budgets=BUDGETS)


@pytest.fixture(scope="module")
def carefree(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A program whose rules do not depend on order."""
    yield from load(django_db_blocker, *INDEPENDENT)


@st.composite
def batches(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Payments of three members over some days, and reversals of them, in parts or whole."""
    events: list[dict[str, Any]] = []
    for number in range(draw(st.integers(2, 10))):
        payments = [event for event in events if event["type"] == "payment.completed"]
        at = NOW + timedelta(hours=draw(st.integers(-30 * 24, 0)))
        kind = draw(st.sampled_from(["pay", "pay", "back"])) if payments else "pay"
        body: dict[str, Any] = {"specversion": "1.0", "source": "/test", "id": f"k{number:02}", "time": at.isoformat()}
        if kind == "pay":
            amount = draw(st.sampled_from(["0.00", "0.99", "20.00", "33.33", "100.00"]))
            data = {"amount": amount, "currency": "SGD", "category": draw(st.sampled_from(["bill", "transfer"]))}
            body |= {"type": "payment.completed", "subject": draw(st.sampled_from(NAMES)), "data": data}
        else:
            original = draw(st.sampled_from(payments))
            part = draw(st.sampled_from([None, "0.33", "10.00", "20.00"]))
            data = {"source": "/test", "id": original["id"]} | ({"amount": part} if part else {})
            body |= {"type": "event.reversed", "subject": original["subject"], "data": data}
        events.append(body)
    return events


def covered(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Less the reversals that ask for more than is left: which of several is refused depends on their order."""
    left = {event["id"]: Decimal(event["data"]["amount"]) for event in events if event["type"] != "event.reversed"}
    kept = []
    for event in events:
        if event["type"] == "event.reversed":
            left[event["data"]["id"]] -= Decimal(event["data"].get("amount", "0"))
        if left.get(event["data"].get("id", event["id"]), Decimal()) >= 0:
            kept.append(event)
    return kept


def answers(world: World, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What each event was answered, by its id, less the number."""
    found = {}
    for event, answer in zip(events, world.send(*events, at=LATER, trace=True), strict=True):
        body = {**(answer.body or {}), "sequence": None, "refusal": answer.refusal and answer.refusal.code}
        found[event["id"]] = (body, answer.trace)
    return found


# What names a row, and what it holds; a row that holds nothing is the same as none.
KEPT: list[tuple[Any, tuple[str, ...], tuple[str, ...]]] = [
    (Member, ("external_id",), ("tier__code",)),
    (
        MemberDay,
        ("member", "day", "event_type", "outlet_id"),
        ("occurrences", "events", "status_points", "amount_minor"),
    ),
    (MemberTypeCount, ("member", "event_type"), ("occurrences", "first_at", "last_at")),
    (MemberCounter, ("member", "campaign", "rule", "per", "bucket", "unit"), ("used",)),
    (TotalCounter, ("campaign", "rule", "per", "bucket", "unit"), ("used",)),
    (MemberBadge, ("member", "badge"), ("earned_at",)),
    (GhostAward, ("member", "rule", "unit"), ("amount",)),
    (Progress, ("member", "goal", "start", "key"), ("value",)),
    (ReachedMilestone, ("member", "goal", "start", "by"), ("reach",)),
    (Contribution, ("event__key", "progress__goal", "progress__key"), ("value",)),
    (Account, ("code", "book"), ("balance",)),
    (Lot, ("account__code", "account__book", "available_on", "expires_on"), ("remaining",)),
]


def state(*, tiers: bool = True) -> dict[str, Any]:
    """Everything that the engine keeps, but ids; nothing and a zero are the same."""
    found = {}
    for model, key, values in KEPT:
        rows = model.objects.values_list(*key, *values)
        found[model.__name__] = sorted(repr(row) for row in rows if any(row[len(key) :]))
    if not tiers:
        del found["Member"]
    found["MemberFacts"] = sorted(map(repr, MemberFacts.objects.values_list()))
    return found


def tried(world: World, *batches: Sequence[Mapping[str, Any]], tiers: bool = True) -> tuple[dict[str, Any], Any]:
    """Answers and state after these batches, which are then forgotten."""
    replies: dict[str, Any] = {}
    with transaction.atomic():
        for batch in batches:
            replies |= answers(world, batch)
        check_facts()
        assert prove(program=world.program).ok
        kept = state(tiers=tiers)
        transaction.set_rollback(True)
    return replies, kept


def check_facts() -> None:
    """The row of sums is what the days say, and the days are what the events say."""
    rows = list(MemberFacts.objects.all())
    sums = sum_windows([(row.pk, row.rolled_on) for row in rows])
    for row in rows:
        one = sums[row.pk, row.rolled_on]
        names = [name for name in one.__slots__ if name != "day"]
        assert {name: getattr(row, name) for name in names} == {name: getattr(one, name) for name in names}
        events = Event.objects.filter(member=row.pk, event_type__isnull=False, outcome__status=Outcome.Status.PROCESSED)
        left = {event.pk: event.amount_base_minor or 0 for event in events}
        for back in EventReversal.objects.filter(original__in=left):
            left[back.original_id] -= back.amount_base_minor or 0
        gone = set(EventReversal.objects.filter(full=True).values_list("original_id", flat=True))
        days = MemberDay.objects.filter(member=row.pk)
        assert sum(day.amount_minor for day in days) == sum(left.values())
        assert sum(day.occurrences for day in days) == len(left.keys() - gone)
        assert row.last_active_on == max((e.day for e in events if e.pk not in gone), default=None)


def in_order(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """By time, reversals after their originals: the order that a batch promises."""
    ordered: list[Mapping[str, Any]] = []
    late: list[Mapping[str, Any]] = []
    for event in sorted(
        events, key=lambda e: (datetime.fromisoformat(e["time"]).astimezone(UTC), e["source"], e["id"])
    ):
        seen = {one["id"] for one in ordered}
        if event["type"] == "event.reversed" and event["data"]["id"] not in seen:
            late.append(event)
            continue
        ordered.append(event)
        mine = [one for one in late if one["data"]["id"] == event["id"]]
        ordered += mine
        late = [one for one in late if one not in mine]
    return ordered


HARD = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@HARD
@given(events=batches())
def test_a_batch_is_answered_and_kept_as_its_events_one_by_one(
    near_the_end: World, events: list[dict[str, Any]]
) -> None:
    together = tried(near_the_end, events)
    alone = tried(near_the_end, *([event] for event in in_order(events)))
    assert together[0] == alone[0]
    assert together[1] == alone[1]


@HARD
@given(events=batches(), cut=st.integers(1, 9))
def test_two_batches_are_as_good_as_one(near_the_end: World, events: list[dict[str, Any]], cut: int) -> None:
    ordered = in_order(events)
    halves = [half for half in (ordered[:cut], ordered[cut:]) if half]
    assert tried(near_the_end, events) == tried(near_the_end, *halves)


@HARD
@given(events=batches(), seed=st.integers(0, 1000))
def test_everything_sent_twice_and_shuffled_is_counted_once(
    carefree: World, events: list[dict[str, Any]], seed: int
) -> None:
    events = covered(events)
    twice = [*events, *events]
    Random(seed).shuffle(twice)
    once = tried(carefree, in_order(events), tiers=False)[1]
    assert tried(carefree, *([event] for event in twice), tiers=False)[1] == once


def test_a_later_reversal_of_another_member_does_not_pay_for_an_earlier_event() -> None:
    forty = rule("forty", fixed(40), when=BILL)
    world = make_world(campaign("c", forty), budgets=[{"code": "root", "points": 60}])
    world.member()
    world.member("bob")
    bill: dict[str, Any] = {"data": {"category": "bill"}}
    world.send(world.event(key="a"), world.event(key="b", subject="bob", **bill))
    hours = [(NOW - timedelta(hours=hour)).isoformat() for hour in (3, 2, 1)]
    _, event, _ = world.send(
        world.reversal("a", time=hours[0]),
        world.event(time=hours[1], **bill),
        world.reversal("b", subject="bob", time=hours[2]),
    )
    assert event.body is not None
    assert [refused["reason"] for refused in event.body["refused"]] == ["budget"]
