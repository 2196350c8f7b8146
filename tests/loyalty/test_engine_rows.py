"""Every row of the engine's tables through the API: what it gives, again, twice and shuffled, and taken back.

Each row lives in a campaign of its own that hears its own channel. Of two members one is told of in order, the other
twice and in another order; both have the same in the end, and nothing when everything was taken back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.rules.gates import is_held_out
from tests.campaigns.goal_cases import SECTIONS, step
from tests.campaigns.test_rewards import COFFEE, GIVE
from tests.campaigns.world import BASE, PER_DOLLAR, World, campaign, fixed, kept_world, make_world, rule
from tests.loyalty.api import Caller, document, make_caller

pytestmark = pytest.mark.django_db
LADDER = {
    "review": {"window": "rolling_12_months"},
    "downgrade": {"style": "one_step"},
    "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"amount": "1000000.00"}},
    ],
}
DAYS = ("2026-06-01", "2026-06-02", "2026-06-03")
HALF = Decimal(50)
NOTHING = {"points": 0, "cashback": "0.00", "badges": 0, "tier": "silver", "score": 0, "vouchers": 0, "status": 0}


@dataclass(frozen=True)
class Row:
    """``told``: a day and an amount each, and more of the event's data; ``has``: what a member then has."""

    code: str
    rule: dict[str, Any]
    has: dict[str, Any]
    told: Sequence[tuple[Any, ...]] = tuple((day, "10.00") for day in DAYS)
    more: dict[str, Any] = field(default_factory=dict)  # of the campaign
    enrolled: str = "2020-01-01T00:00:00Z"
    besides: tuple[dict[str, Any], ...] = ()

    def campaigns(self) -> list[dict[str, Any]]:
        """The row's campaign, and others that it needs."""
        return [campaign(self.code, _heard(self.code, self.rule), **self.more), *self.besides]


def _heard(channel: str, one: dict[str, Any]) -> dict[str, Any]:
    own = {"fact": "event.channel", "op": "eq", "value": channel}
    return one | {"when": {"all": [own, one["when"]]} if "when" in one else own}


def gives(*then: dict[str, Any], **more: Any) -> dict[str, Any]:
    return rule("r", *then, **more)


def reaches(goal: dict[str, Any], *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"code": "r", "event": "payment.completed", "goal": goal, "milestones": list(steps), **more}


def on(*days: str) -> tuple[tuple[str, str], ...]:
    return tuple((day, "10.00") for day in days)


def count(window: Any, *days: str, code: str = "", **more: Any) -> Row:
    """Two in a window bring 2 points."""
    name = code or f"count-{window}"
    long = {"starts": "2025-01-01T00:00:00+08:00"}
    return Row(name, reaches({"count": True, "window": window}, step(2)), {"points": 2}, on(*days), long, **more)


def limited(code: str, limit: dict[str, Any], has: dict[str, Any], *days: str, then: Any = None) -> Row:
    return Row(f"limit-{code}", gives(then or fixed(10), limits=[{"per_member": limit}]), has, on(*(days or DAYS)))


CASH = {"cashback": {"fixed": {"SGD": "5.00"}}}
DRIVEN = {"level": "event.data.km", "by": "event.data.vin", "window": "campaign"}
MONTHS = {"streak": {"period": "month", "count": 1, "freezes": 1}, "window": "campaign"}
WEEKS = {"streak": {"period": "week", "amount": {"currency": "SGD", "value": "15.00"}}, "window": "campaign"}
CATEGORIES = [("2026-06-01", "10.00", {"category": one}) for one in ("bill", "bill", "transfer")]
CARS = [("2026-06-01", None, {"vin": vin, "km": km}) for vin, km in (("A", 9_000), ("A", 12_000), ("B", 11_000))]
LAPS = {"window": "campaign", "repeat": True}
AMOUNT, CATEGORY = "event.amount", "event.data.category"
LEAVES: list[dict[str, Any]] = [
    {"fact": AMOUNT, "op": "eq", "value": "10.00"},
    {"fact": AMOUNT, "op": "ne", "value": "10.00"},
    {"fact": AMOUNT, "op": "gt", "value": "10.00"},
    {"fact": AMOUNT, "op": "gte", "value": "10.00"},
    {"fact": AMOUNT, "op": "lt", "value": "10.00"},
    {"fact": AMOUNT, "op": "lte", "value": "10.00"},
    {"fact": AMOUNT, "op": "between", "value": ["10.00", "15.00"]},
    {"fact": CATEGORY, "op": "in", "value": ["bill", "transfer"]},
    {"fact": CATEGORY, "op": "not_in", "value": ["bill"]},
    {"fact": CATEGORY, "op": "exists", "value": False},
    {"fact": "member.data.hobby", "op": "contains", "value": "OLF"},
    {"not": {"fact": CATEGORY, "op": "eq", "value": "bill"}},
    {"any": [{"fact": AMOUNT, "op": "eq", "value": "5.00"}, {"fact": AMOUNT, "op": "eq", "value": "15.00"}]},
]
# 5.00 bill: ne, lt, lte, in, contains, any. 10.00 transfer: eq, gte, lte, between, in, not_in, contains, not.
# 15.00 without a category: ne, gt, gte, between, exists, contains, not, any. What has no value is in no list.
HOLD = [
    (0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1),
    (1, 0, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0),
    (0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 1),
]
TREES = {
    "code": "trees", "name": {"en": "trees"}, "state": "live", "starts": "2026-01-01T00:00:00+08:00",
    "rules": [_heard("trees", rule(f"r{n}", fixed(2**n), when=leaf)) for n, leaf in enumerate(LEAVES)],
}  # fmt: skip
ROWS = [
    Row("fixed", gives(fixed(7)), {"points": 21, "status": 21}),
    Row("per-amount", gives(PER_DOLLAR), {"points": 10}, [("2026-06-01", "10.99"), ("2026-06-02", "0.00")]),
    Row("status", gives(fixed(5, status=True)), {"status": 15}),
    Row("multiply", gives({"multiply": {"by": "1.5", "of": ["multiplied"]}}), {"points": 30 + 15},
        besides=(campaign("multiplied", _heard("multiply", gives(fixed(10)))),)),
    Row("percent", gives({"cashback": {"percent": "10"}}), {"cashback": "1.09"}, [("2026-06-01", "10.99")]),
    Row("cashback", gives(CASH), {"cashback": "15.00"}),
    Row("reward", gives(GIVE), {"vouchers": 3}),
    Row("badge", gives({"badge": "first-bill"}), {"badges": 1}),
    Row("tier", gives({"tier": {"to": "gold", "days": 3_000}}), {"tier": "gold"}),
    Row("entry", gives({"entry": {"board": "race", "score": "amount"}}), {"score": 3_000}),
    Row("sum-base", reaches({"sum": "base", "window": "campaign"}, step("25.00")), {"points": 25}),
    Row("sum-sgd", reaches({"sum": {"currency": "SGD"}, **LAPS}, step("10.00")), {"points": 30}),
    Row("repeat", reaches({"count": True, **LAPS}, step(1), step(2)), {"points": 1 + 2 + 1}),
    Row("distinct", reaches({"distinct": CATEGORY, "window": "campaign"}, step(2)), {"points": 2}, CATEGORIES),
    Row("streak", reaches(MONTHS, step(3)), {"points": 3}, on("2026-01-05", "2026-02-05", "2026-04-05")),
    Row("streak-amount", reaches(WEEKS, step(2)), {"points": 2},
        [("2026-06-01", "10.00"), ("2026-06-02", "10.00"), ("2026-06-08", "15.00")]),
    Row("level", reaches(DRIVEN, step(10_000, fixed(5)), event="service.done"), {"points": 10}, CARS),
    count("day", "2026-06-01", "2026-06-01", "2026-06-02"),
    count("week", "2026-06-01", "2026-06-07", "2026-06-08"),
    count("month", "2026-05-01", "2026-05-31", "2026-06-01"),
    count("quarter", "2026-03-31", "2026-04-01", "2026-06-01"),
    count("year", "2025-12-31", "2026-01-01", "2026-06-01"),
    count({"rolling_days": 7}, "2026-06-01", "2026-06-07", "2026-06-15", code="rolling"),
    count({"since_enrolled_hours": 48}, "2026-06-01", "2026-06-02", "2026-06-05", code="hours",
          enrolled="2026-06-01T00:00:00Z"),
    limited("day", {"times": 1, "per": "day"}, {"points": 20}, "2026-06-01", "2026-06-01", "2026-06-02"),
    limited("week", {"times": 1, "per": "week"}, {"points": 20}, "2026-06-01", "2026-06-07", "2026-06-08"),
    limited("month", {"times": 1, "per": "month"}, {"points": 20}, "2026-05-01", "2026-05-31", "2026-06-01"),
    limited("campaign", {"times": 1}, {"points": 10}),
    limited("lifetime", {"times": 2, "per": "lifetime"}, {"points": 20}),
    limited("points", {"points": 15}, {"points": 15}),
    limited("money", {"money": {"SGD": "7.00"}}, {"cashback": "7.00"}, then=CASH),
]  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    sections = SECTIONS | {
        "tiers": LADDER, "rewards": [COFFEE | {"valid_days": 3_000}], "badges": BASE["badges"],
        "leaderboards": [{"code": "race", "name": {"en": "Race"}, "campaign": "entry", "by_market": False, "top": 9,
                          "settle_hours": 1}],
    }  # fmt: skip
    campaigns = [one for row in ROWS for one in row.campaigns()]
    with kept_world(django_db_blocker, *campaigns, TREES, **sections) as one:
        yield one


@pytest.fixture
def caller(world: World) -> Caller:
    return make_caller(world.program)


def enrol(caller: Caller, *names: str, at: str) -> None:
    people = [
        {"external_id": name, "market": "SG", "enrolled_at": at, "attributes": {"hobby": "Golf"}} for name in names
    ]
    results = document(caller.post("members/batch", {"members": people}))["results"]
    assert [one["status"] for one in results] == ["created"] * len(names)


def events_of(world: World, channel: str, told: Sequence[tuple[Any, ...]], name: str) -> list[dict[str, Any]]:
    """What is told of a member, at noon in Singapore."""
    found = []
    for place, (day, amount, *data) in enumerate(told):
        kind = {} if amount else {"type": "service.done"}
        more = {"channel": channel, **(data[0] if data else {})}
        time = f"{day}T12:0{place}:00+08:00"
        found.append(world.event(amount, f"{channel}-{name}-{place}", subject=name, time=time, data=more, **kind))
    return found


def sent(caller: Caller, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = caller.post("events/batch", {"events": list(events)})
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = document(answer)["results"]
    assert {one["status"] for one in results} == {"processed"}, results
    return results


def has(caller: Caller, name: str, wanted: Iterable[str]) -> dict[str, Any]:
    """What a member has of what is asked for."""

    def read(path: str) -> Any:
        return document(caller.get(path))

    wallet = read(f"members/{name}/wallet")
    readers: dict[str, Callable[[], Any]] = {
        "points": lambda: wallet["points"]["available"],
        "cashback": lambda: wallet["cashback"][0]["available"] if wallet["cashback"] else "0.00",
        "badges": lambda: len(read(f"members/{name}/badges")["items"]),
        "tier": lambda: read(f"members/{name}/tier")["code"],
        "score": lambda: (read(f"leaderboards/race?member={name}")["me"] or {"score": 0})["score"],
        "vouchers": lambda: sum(one["state"] == "ready" for one in read(f"members/{name}/vouchers")["items"]),
        "status": lambda: read(f"members/{name}/tier")["progress"]["status_points"],
    }
    return {key: readers[key]() for key in wanted}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_a_row_gives_once_however_it_is_told_and_nothing_when_all_is_taken_back(
    world: World, caller: Caller, row: Row
) -> None:
    ann, bob = f"ann-{row.code}", f"bob-{row.code}"
    enrol(caller, ann, bob, at=row.enrolled)
    expected = {"points": 0} | row.has
    nothing = {key: NOTHING[key] for key in expected}
    told = events_of(world, row.code, row.told, ann)
    sent(caller, told)
    assert has(caller, ann, expected) == expected
    shuffled = events_of(world, row.code, row.told, bob) * 2
    Random(row.code).shuffle(shuffled)
    assert sum(one["duplicate"] for one in sent(caller, shuffled)) == len(told)
    assert has(caller, bob, expected) == expected
    for name in (ann, bob):
        sent(caller, [world.reversal(f"{row.code}-{name}-{place}", subject=name) for place in range(len(told))])
        assert has(caller, name, expected) == nothing
    again = events_of(world, row.code, row.told, ann)
    sent(caller, [event | {"id": f"{event['id']}-again"} for event in again])
    assert has(caller, ann, expected) == expected  # whatever a limit or a goal had taken is free again


def test_every_operator_and_tree_holds_where_it_should(world: World, caller: Caller) -> None:
    enrol(caller, "tess", at="2020-01-01T00:00:00Z")
    told = [
        ("2026-06-01", "5.00", {"category": "bill"}),
        ("2026-06-01", "10.00", {"category": "transfer"}),
        ("2026-06-01", "15.00"),
    ]
    results = sent(caller, events_of(world, "trees", told, "tess"))
    found = [{effect["rule"] for effect in one["effects"]} for one in results]
    assert found == [{f"r{n}" for n, holds in enumerate(one) if holds} for one in HOLD]


def why(code: str, *then: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A campaign that says no."""
    asks: dict[str, Any] = {name: more.pop(name) for name in ("when", "goal", "milestones") if name in more}
    gives: dict[str, Any] = {} if "goal" in asks else {"then": list(then) or [fixed(10)]}
    return campaign(code, {"code": "r", "event": "wallet.topped_up", **asks, **gives}, **more)


REASONS = [
    why("not-live", starts="2030-01-01T00:00:00"),
    why("other-market", markets=["ID"]),
    why("outside-schedule", schedule={"weekdays": [2]}),
    why("not-in-audience", audience={"segment": "vip"}),
    why("held-out", holdout="50"),
    why("no-open-offer", delivery="offer", offer={"days": 7}),
    why("condition", when={"fact": AMOUNT, "op": "gt", "value": "100.00"}),
    why("goal-progress", goal={"count": True, "window": "campaign"}, milestones=[step(5)]),
    why("limit", limits=[{"per_member": {"times": 1}}]),
    why("outbid", {"multiply": {"by": "2", "of": ["paying"]}}, stack="s"),
    why("most", {"multiply": {"by": "3", "of": ["paying"]}}, stack="s"),
    why("budget", budget={"points": 5}),
    why("not-available", {"cashback": {"fixed": {"IDR": "1.00"}}}),
    why("paying"),
]


def test_every_reason_is_told_in_the_trace() -> None:
    """The tables' twelve reasons, each by a campaign of its name; members are held out by the published hash."""
    world = make_world(*REASONS, budgets=[{"code": "root", "points": 1_000_000}])
    caller = make_caller(world.program)
    held = next(
        m for m in map(world.member, (f"m{n}" for n in range(99))) if is_held_out("demo/held-out", m.uuid, HALF)
    )
    told = {"subject": held.external_id, "type": "wallet.topped_up", "time": "2026-06-01T12:00:00+08:00"}
    caller.post("events", world.event("5.00", **told))
    body = document(caller.post("events?trace=1", world.event("5.00", **told)))
    reasons = {line["campaign"]: line["reason"] for line in body["trace"]}
    assert reasons == {one["code"]: one["code"] for one in REASONS} | {"most": None, "paying": None}
