"""Goals through the door: what adds up over what, what milestones give, and what reversals take back."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import Contribution, GhostAward, MemberBadge, MemberCounter, Progress, ReachedMilestone
from campaigns.services.progress import member_goals
from core.models import OutboxMessage
from tests.campaigns.goal_cases import SECTIONS, goal_case, points_of, run, sent, standing, step
from tests.campaigns.taking import points, take
from tests.campaigns.world import NOW, World, campaign, document, everyday, fixed, kept_world, make_world, rule

pytestmark = pytest.mark.django_db

COUNT: dict[str, Any] = {"count": True}
DEALERS: dict[str, Any] = {"distinct": "event.dealer"}
MONTHS: dict[str, Any] = {"streak": {"period": "month", "count": 1}}
KM: dict[str, Any] = {"level": "event.data.km", "by": "event.data.vin"}
ONE, TWO = {"outlet": "JKT-01-S1"}, {"outlet": "JKT-02-S1"}

CASES = [
    goal_case("count", COUNT | {"window": "campaign"}, step(2), step(3)),
    goal_case("count-day", COUNT | {"window": "day"}, step(2)),
    goal_case("count-week", COUNT | {"window": "week"}, step(2)),
    goal_case("count-month", COUNT | {"window": "month"}, step(2)),
    goal_case("count-quarter", COUNT | {"window": "quarter"}, step(2)),
    goal_case("count-year", COUNT | {"window": "year"}, step(2)),
    goal_case("count-laps", COUNT | {"window": "campaign", "repeat": True}, step(1), step(3)),
    goal_case("rolling", COUNT | {"window": {"rolling_days": 10}}, step(2)),
    goal_case("enrolled", COUNT | {"window": {"since_enrolled_hours": 24}}, step(2)),
    goal_case("sum", {"sum": "base", "window": "campaign"}, step("10.00"), step("20.00"), step("30.00")),
    goal_case("sum-laps", {"sum": "base", "window": "month", "repeat": True}, step("10.00")),
    goal_case("sum-idr", {"sum": {"currency": "IDR"}, "window": "campaign"}, step("20000.00", fixed(7))),
    goal_case("sum-rolling", {"sum": "base", "window": {"rolling_days": 3}}, step("10.00")),
    goal_case("distinct", DEALERS | {"window": "year"}, step(2)),
    goal_case("distinct-rolling", DEALERS | {"window": {"rolling_days": 5}}, step(2)),
    goal_case("streak", MONTHS | {"window": "campaign"}, step(3)),
    goal_case("streak-laps", MONTHS | {"window": "campaign", "repeat": True}, step(2)),
    goal_case("freezes", {"streak": {"period": "month", "count": 1, "freezes": 1}, "window": "campaign"}, step(3)),
    goal_case(
        "kept-up",
        {"streak": {"period": "week", "amount": {"value": "50.00", "currency": "SGD"}}, "window": "campaign"},
        step(2),
    ),
    goal_case("level", KM | {"window": "campaign"}, step(10, fixed(1)), step(20, fixed(2)), event="service.done"),
    goal_case("level-laps", KM | {"window": "campaign", "repeat": True}, step(10, fixed(1)), event="service.done"),
]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(django_db_blocker, *CASES, **SECTIONS) as one:
        yield one


JAN, FEB, MAR, APR, MAY = (f"2026-{month:02}-10" for month in range(1, 6))


@pytest.mark.parametrize(
    ("case", "events", "given"),
    [
        ("count", [(JAN,), (FEB,), (FEB,), (MAY,)], [[], [2], [3], []]),
        ("count-day", [("2026-05-10T00:00:00+08:00",), ("2026-05-10T23:59:59+08:00",)], [[], [2]]),
        ("count-day", [("2026-05-10T23:59:59+08:00",), ("2026-05-11T00:00:00+08:00",)], [[], []]),
        ("count-day", [(MAY,), (MAY,), (MAY,), (APR,), (APR,)], [[], [2], [], [], [2]]),
        ("count-week", [("2026-05-04",), ("2026-05-10",), ("2026-05-11",)], [[], [2], []]),
        ("count-month", [("2026-02-01",), ("2026-02-28",), ("2026-03-01",)], [[], [2], []]),
        ("count-quarter", [("2026-01-01",), ("2026-04-01",), ("2026-03-31",)], [[], [], [2]]),
        ("count-year", [("2026-01-01",), ("2026-05-31",)], [[], [2]]),
        ("count-laps", [(JAN,)] * 7, [[1], [], [3], [1], [], [3], [1]]),
        ("rolling", [("2026-05-01",), ("2026-05-10",), ("2026-05-19",), ("2026-05-20",)], [[], [2], [], [2]]),
        ("rolling", [("2026-05-01",), ("2026-05-11",)], [[], []]),
        ("sum", [(JAN, "9.99"), (FEB, "0.01"), (FEB, "25.00")], [[], [10], [20, 30]]),
        ("sum", [(JAN, "0.00"), (JAN, "30.00")], [[], [10, 20, 30]]),
        ("sum-laps", [(MAY, "25.00"), (MAY, "5.00"), (MAY, "10.00")], [[10, 10], [10], [10]]),
        ("sum-laps", [("2026-04-30", "9.00"), ("2026-05-01", "9.00")], [[], []]),
        ("sum-rolling", [(MAY, "6.00"), ("2026-05-13", "6.00"), ("2026-05-14", "4.00")], [[], [], [10]]),
        ("distinct", [(JAN, "1.00", ONE), (FEB, "1.00", ONE), (MAR, "1.00"), (MAY, "1.00", TWO)], [[], [], [], [2]]),
        ("distinct-rolling", [("2026-05-01", "1.00", ONE), ("2026-05-06", "1.00", TWO)], [[], []]),
        ("distinct-rolling", [("2026-05-01", "1.00", ONE), ("2026-05-05", "1.00", TWO)], [[], [2]]),
        ("streak", [(JAN,), (FEB,), (FEB,), (MAR,)], [[], [], [], [3]]),
        ("streak", [(JAN,), (MAR,), (APR,), (FEB,)], [[], [], [], [3]]),  # a late event closes the gap
        ("streak", [(JAN,), (FEB,), (APR,), (MAY,)], [[], [], [], []]),
        ("streak-laps", [(JAN,), (FEB,), (APR,), (MAY,)], [[], [2], [], [2]]),
        ("freezes", [(JAN,), (MAR,), (APR,)], [[], [], [3]]),
        ("freezes", [(JAN,), (APR,), (MAY,)], [[], [], []]),
        ("kept-up", [("2026-05-04", "49.99"), ("2026-05-10", "0.01"), ("2026-05-11", "50.00")], [[], [], [2]]),
    ],
)
def test_what_adds_up_over_what(world: World, case: str, events: list[tuple[Any, ...]], given: list[list[int]]) -> None:
    world.member()
    assert run(world, case, events) == given


def test_the_hours_since_enrolment(world: World) -> None:
    world.member(enrolled_at="2026-05-01T00:00:00Z")
    moments = ["2026-04-30T23:59:59Z", "2026-05-01T00:00:00Z", "2026-05-02T00:00:01Z", "2026-05-02T00:00:00Z"]
    bodies = [sent(world, "enrolled", moment) for moment in moments]
    assert [points_of(body) for body in bodies] == [[], [], [], [2]]
    assert [body["goals"] for body in bodies if not body["goals"]] == [[], []]
    assert bodies[1]["goals"][0]["ends_at"] == "2026-05-02T00:00:00Z"


def test_days_begin_where_the_member_is(world: World) -> None:
    world.member()
    world.member("ida", market="ID")
    at = "2026-05-10T16:30:00+00:00"  # the 11th in Singapore, the 10th in Jakarta
    for name, before in (("ann", "2026-05-11T01:00:00+08:00"), ("ida", "2026-05-10T01:00:00+07:00")):
        assert points_of(sent(world, "count-day", before, subject=name)) == []
        assert points_of(sent(world, "count-day", at, subject=name)) == [2]


def test_other_currencies_are_converted_once_and_those_of_the_goal_are_not(world: World) -> None:
    world.member()
    bodies = [
        sent(world, "sum-idr", MAY, "10000.00", currency="IDR"),
        sent(world, "sum-idr", MAY, "0.80"),  # 9638.554… IDR
        sent(world, "sum-idr", MAY, "361.45", currency="IDR"),
    ]
    assert [standing(body) for body in bodies] == [
        ("10000.00", "20000.00"), ("19638.55", "20000.00"), ("20000.00", None)
    ]  # fmt: skip
    assert bodies[2]["goals"][0]["currency"] == "IDR"
    assert points_of(bodies[2]) == [7]


def drive(world: World, case: str, vin: str | None, km: int, key: str | None = None) -> dict[str, Any]:
    data = {"km": km} | ({"vin": vin} if vin else {})
    body: dict[str, Any] = sent(world, case, MAY, None, key, type="service.done", data=data)
    return body


def test_each_vehicle_has_a_level_of_its_own(world: World) -> None:
    world.member()
    drives = [("A", 9), ("B", 12), ("A", 25), ("A", 11), (None, 99)]
    bodies = [drive(world, "level", vin, km, f"k{place}") for place, (vin, km) in enumerate(drives)]
    assert [points_of(body) for body in bodies] == [[], [1], [1, 2], [], []]
    assert [body["goals"] for body in bodies[2:4]] == [
        [{"campaign": "level", "rule": "r", "progress": 25, "target": None, "ends_at": None, "by": "A"}]
    ] * 2
    assert bodies[4]["goals"] == []
    assert [points_of(take(world, key)) for key in ("k3", "k2", "k1")] == [[], [-2, -1], [-1]]
    assert points_of(drive(world, "level", "A", 10)) == [1]


def test_a_level_that_repeats_reaches_every_lap_up_to_it(world: World) -> None:
    world.member()
    bodies = [drive(world, "level-laps", "A", km, f"k{km}") for km in (9, 35, 41)]
    assert [points_of(body) for body in bodies] == [[], [1, 1, 1], [1]]
    assert points_of(take(world, "k35")) == []
    assert points_of(take(world, "k41")) == [-1, -1, -1, -1]


# -- taking back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "events", "given", "backs", "taken"),
    [
        ("count", [(JAN,)] * 4, [2, 3], [("k0", None), ("k3", None), ("k1", None)], [[], [-3], [-2]]),
        ("count", [(JAN, "9.00")] * 2, [2], [("k1", "8.99"), ("k1", None)], [[], [-2]]),
        ("sum", [(JAN, "35.00")], [10, 20, 30],
         [("k0", "5.00"), ("k0", "0.01"), ("k0", None)], [[], [-30], [-20, -10]]),
        ("sum", [(JAN, "10.00"), (JAN, "20.00")], [10, 20, 30], [("k0", None), ("k1", "15.00")], [[-30], [-20, -10]]),
        ("sum-laps", [(MAY, "45.00")], [10] * 4, [("k0", "5.00"), ("k0", "20.00")], [[], [-10, -10]]),
        ("count-laps", [(MAY,)] * 5, [1, 3, 1], [("k0", None), ("k1", None), ("k2", None)], [[], [-1], [-3]]),
        ("count-month", [(APR,), (MAY,), (MAY,), (APR,)], [2, 2], [("k0", None)], [[-2]]),
        ("rolling", [(f"2026-05-{day:02}",) for day in (1, 10, 19, 20)], [2, 2], [("k0", None)], [[-2]]),
        ("rolling", [("2026-05-01",), ("2026-05-10",), ("2026-05-19",)], [2], [("k2", None)], [[]]),
        ("distinct", [(JAN, "1.00", ONE), (JAN, "1.00", ONE), (JAN, "1.00", TWO)], [2],
         [("k0", None), ("k1", None)], [[], [-2]]),
        ("streak", [(JAN,), (FEB,), (MAR,)], [3], [("k1", None)], [[-3]]),
        ("streak", [(JAN,), (FEB,), (FEB,), (MAR,)], [3], [("k1", None)], [[]]),
        ("kept-up", [("2026-05-04", "60.00"), ("2026-05-11", "50.00")], [2],
         [("k0", "59.00"), ("k0", "1.00")], [[], [-2]]),
    ],
)  # fmt: skip
def test_milestones_that_are_no_longer_reached_are_taken_back_highest_first(
    world: World, case: str, events: list[Any], given: list[int], backs: list[Any], taken: list[list[int]]
) -> None:
    world.member()
    assert [amount for amounts in run(world, case, events) for amount in amounts] == given
    assert [points_of(take(world, key, amount)) for key, amount in backs] == taken
    kept = sum(given) + sum(amount for amounts in taken for amount in amounts)
    assert points(world.outcome("0.00")) == (kept, 0, 0)
    assert ReachedMilestone.objects.count() == len(given) - sum(map(len, taken))


def test_what_was_taken_back_may_be_reached_again_and_taken_back_again(world: World) -> None:
    world.member()
    assert run(world, "count", [(JAN,), (JAN,)]) == [[], [2]]
    for number in range(2):
        back = take(world, f"k{number}" if not number else f"again{number - 1}")
        assert points_of(back) == [-2]
        assert standing(back) == (1, 2)
        assert points_of(sent(world, "count", JAN, key=f"again{number}")) == [2]
    assert Progress.objects.get().value == 2
    assert Contribution.objects.count() == 2


def test_a_reversal_says_what_it_took_of_whom(world: World) -> None:
    world.member()
    run(world, "sum", [(JAN, "10.00"), (FEB, "10.00")])
    back = take(world, "k0", "5.00")
    assert back["effects"] == [
        {"kind": "points", "campaign": "sum", "version": 1, "rule": "r", "reach": "20.00", "amount": -20,
         "desired": -20, "state": "available", "expires_on": "2027-02-28"}
    ]  # fmt: skip
    assert back["goals"] == [
        {"campaign": "sum", "rule": "r", "progress": "15.00", "target": "20.00", "ends_at": None, "currency": "SGD"}
    ]


def test_an_event_seen_again_adds_nothing(world: World) -> None:
    world.member()
    for _ in range(2):
        (answer,) = world.send(world.event("1.00", "same", time=f"{JAN}T12:00:00Z", data={"channel": "count"}))
    assert answer.duplicate
    assert Progress.objects.get().value == 1


def test_a_reversal_that_came_first_leaves_nothing(world: World) -> None:
    world.member()
    world.send(world.reversal("k0"))
    assert run(world, "count", [(JAN,), (JAN,)]) == [[], []]
    assert Progress.objects.get().value == 1


# -- what milestones give -----------------------------------------------------------------------


def test_points_of_goals_count_for_tiers_and_are_not_multiplied() -> None:
    goal = goal_case("g", COUNT | {"window": "campaign"}, step(1, fixed(50), {"multiply": {"by": "2"}}))
    tiers = {
        "review": {"window": "rolling_12_months"},
        "downgrade": {"style": "never"},
        "ladder": [
            {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
            {"code": "gold", "name": {"en": "Gold"}, "requires": {"status_points": 60}},
        ],
    }
    world = make_world(everyday(), goal, tiers=tiers)
    world.member()
    body = sent(world, "g", MAY, "10.00", "a")
    assert [(e["kind"], e["amount"], e.get("reach")) for e in body["effects"]] == [
        ("points", 10, None), ("points", 50, 1), ("multiply", 10, 1)
    ]  # fmt: skip
    assert body["tier"]["code"] == "gold"
    back = take(world, "a")
    assert points_of(back) == [-10, -50, -10]
    assert back["tier"]["code"] == "silver"
    assert points(back) == (0, 0, 0)


def test_a_milestone_that_stands_keeps_what_the_event_that_reached_it_gave(world: World) -> None:
    world.member()
    run(world, "count", [(JAN,)] * 3)
    assert points_of(take(world, "k1")) == [-3]  # the second one had given 2, and two are left
    assert points(world.outcome("0.00")) == (2, 0, 0)


def test_limits_count_each_milestone_and_are_freed_with_it() -> None:
    limits = [{"per_member": {"times": 2, "points": 25}}]
    goal = goal_case("g", {"sum": "base", "window": "campaign", "repeat": True}, step("10.00"), limits=limits)
    world = make_world(goal)
    world.member()
    body = sent(world, "g", MAY, "35.00", "a")
    assert points_of(body) == [10, 10]
    assert [(r["reason"], r["reach"]) for r in body["refused"]] == [("limit", "10.00")]
    assert dict(MemberCounter.objects.values_list("unit", "used")) == {"times": 2, "points": 20}
    assert points_of(take(world, "a", "20.00")) == [-10]  # the last lap had given nothing, the second had
    assert dict(MemberCounter.objects.values_list("unit", "used")) == {"times": 1, "points": 10}
    assert points_of(sent(world, "g", MAY, "10.00")) == [10]


def test_a_milestone_is_reached_once_even_if_its_budget_is_empty() -> None:
    goal = goal_case("g", COUNT | {"window": "campaign"}, step(1, fixed(70)), fund="small")
    world = make_world(
        goal, budgets=[{"code": "root", "points": 1000}, {"code": "small", "parent": "root", "points": 60}]
    )
    world.member()
    (answer,) = world.send(world.event("1.00", "a", data={"channel": "g"}), trace=True)
    assert answer.body is not None
    assert [(r["reason"], r["reach"]) for r in answer.body["refused"]] == [("budget", 1)]
    assert [line["reason"] for line in answer.trace] == ["budget"]
    assert sent(world, "g", MAY)["refused"] == []


def test_badges_once_and_once_a_window() -> None:
    once = goal_case("once", COUNT | {"window": "month"}, step(1, {"badge": "first-bill"}))
    badge = {"badge": {"code": "first-bill", "once": "window"}}
    monthly = goal_case("monthly", COUNT | {"window": "month", "repeat": True}, step(1, badge))
    world = make_world(once, monthly)
    world.member()
    for case, kinds in (("once", [1, 0, 0]), ("monthly", [1, 0, 1])):
        days = [APR, APR, MAY]
        bodies = [sent(world, case, day, key=f"{case}{place}") for place, day in enumerate(days)]
        assert [len(body["effects"]) for body in bodies] == kinds
    assert MemberBadge.objects.count() == 3
    take(world, "once0")  # the month still has another event
    assert MemberBadge.objects.count() == 3
    take(world, "once1")
    take(world, "monthly2")
    assert MemberBadge.objects.count() == 1


def test_held_out_members_progress_unseen_and_leave_ghosts_that_go_with_the_milestone() -> None:
    goal = goal_case("g", COUNT | {"window": "campaign"}, step(2, fixed(9), {"badge": "first-bill"}), holdout=100)
    world = make_world(goal)
    member = world.member()
    bodies = [sent(world, "g", MAY, key=key) for key in "abc"]
    assert [(body["effects"], body["goals"]) for body in bodies] == [([], [])] * 3
    assert list(GhostAward.objects.values_list("kind", "amount", "milestone").order_by("kind")) == [
        ("badge", 1, 0), ("points", 9, 0)
    ]  # fmt: skip
    assert member_goals(member=member, at=NOW) == []
    assert take(world, "b")["goals"] == []
    assert GhostAward.objects.count() == 2
    take(world, "a", "0.50")
    assert list(GhostAward.objects.filter(kind="points").values_list("amount", flat=True)) == [9]
    take(world, "a")
    assert not GhostAward.objects.exists()
    assert not OutboxMessage.objects.filter(topic="goal.reached").exists()


def test_milestones_are_told(world: World) -> None:
    world.member()
    run(world, "sum", [(JAN, "20.00")])
    told = OutboxMessage.objects.filter(topic="goal.reached").order_by("pk").values_list("payload", flat=True)
    assert [(one["campaign"], one["rule"], one["reach"]) for one in told] == [
        ("sum", "r", "10.00"),
        ("sum", "r", "20.00"),
    ]


def test_the_trace_says_that_a_goal_goes_on_or_a_milestone_fired(world: World) -> None:
    world.member()
    events = [world.event("1.00", f"k{n}", data={"channel": "count"}) for n in range(2)]
    traces = [{line["campaign"]: line for line in answer.trace}["count"] for answer in world.send(*events, trace=True)]
    assert [(line["fired"], line["reason"], line["granted"]) for line in traces] == [
        (False, "goal-progress", None), (True, None, 2)
    ]  # fmt: skip


# -- versions -----------------------------------------------------------------------------------


def test_progress_goes_on_over_versions_and_begins_anew_with_another_measure() -> None:
    window = {"window": "campaign"}
    world = make_world(goal_case("g", COUNT | window, step(3)))
    world.member()
    run(world, "g", [(JAN,), (JAN,)])
    world.reload(document(goal_case("g", COUNT | window, step(2), step(4))))
    body = sent(world, "g", MAY, key="late")
    assert (points_of(body), standing(body)) == ([2], (3, 4))
    assert body["effects"][0]["version"] == 2
    world.reload(document(goal_case("g", {"sum": "base", **window}, step("5.00"))))
    assert standing(sent(world, "g", MAY)) == ("1.00", "5.00")
    assert [points_of(take(world, key)) for key in ("k0", "k1")] == [[], [-2]]


@pytest.mark.parametrize("after", ["ended", "gone"])
def test_reversals_take_back_milestones_of_campaigns_that_are_over(after: str) -> None:
    goal = goal_case("g", COUNT | {"window": "campaign"}, step(2))
    world = make_world(goal)
    world.member()
    run(world, "g", [(JAN,), (JAN,)])
    world.reload(document(everyday(), *([goal | {"state": "ended"}] if after == "ended" else [])))
    back = take(world, "k0")
    assert (points_of(back), back["goals"]) == ([-2], [])


# -- what members see ---------------------------------------------------------------------------


def test_members_see_the_goals_that_are_open_to_them() -> None:
    streak = {"streak": {"period": "month", "count": 2, "freezes": 1}, "window": "campaign"}
    world = make_world(
        goal_case("a", COUNT | {"window": "month", "repeat": True}, step(1), step(5), priority=9, text={"en": "Pay"}),
        goal_case("b", streak, step(3), ends="2026-12-31T00:00:00"),
        goal_case("hidden", COUNT | {"window": "day"}, step(1), holdout=100),
        goal_case("other", COUNT | {"window": "day"}, step(1), markets=["ID"]),
        goal_case("closed", COUNT | {"window": "day"}, step(1), audience={"segment": "vip"}),
        goal_case("late", COUNT | {"window": "day"}, step(1), schedule={"hours": [22, 23]}),
        goal_case("over", COUNT | {"window": "day"}, step(1), ends="2026-06-01T00:00:00"),
        goal_case("offer", COUNT | {"window": "day"}, step(1), delivery="offer", offer={"days": 7}),
        goal_case("km", KM | {"window": "campaign"}, step(10), event="service.done"),
        campaign("plain", rule("r", fixed(1))),
        **SECTIONS,
    )
    member = world.member()
    sent(world, "a", "2026-06-01")
    for day in ("2026-05-01", "2026-05-02", "2026-06-02"):
        sent(world, "b", day)
    found = [goal.document() for goal in member_goals(member=member, at=NOW)]
    assert found[0] == {
        "campaign": "a", "rule": "r", "progress": 1, "target": 5, "ends_at": "2026-06-30T16:00:00Z", "name": "a",
        "text": "Pay", "kind": "count", "repeat": True,
        "milestones": [{"reach": 1, "reached": True}, {"reach": 5, "reached": False}],
    }  # fmt: skip
    assert found[1] | {"milestones": None} == {
        "campaign": "b", "rule": "r", "progress": 1, "target": 3, "ends_at": "2026-12-30T16:00:00Z", "name": "b",
        "text": None, "kind": "streak", "repeat": False, "milestones": None,
        "streak": {"period": "month", "has": 1, "needs": 2, "ends_at": "2026-06-30T16:00:00Z", "freezes": 1},
    }  # fmt: skip
    assert [(one["campaign"], one["progress"], one.get("by", "")) for one in found[2:]] == [
        ("km", 0, None), ("late", 0, "")
    ]  # fmt: skip
