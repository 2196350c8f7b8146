"""Goals as the programs of the design tell them: bills on time, throughput in steps, dealers, services of a car."""

from typing import Any

import pytest

from campaigns.services.progress import member_goals
from tests.campaigns.goal_cases import SECTIONS, goal_rule, points_of, run, sent, standing, step
from tests.campaigns.taking import points, take
from tests.campaigns.world import NOW, World, campaign, fixed, make_world

pytestmark = pytest.mark.django_db
BILL = {"fact": "event.data.category", "op": "eq", "value": "bill"}
STREAK = {"streak": {"period": "month", "count": 1, "freezes": 1}, "window": "campaign"}


def pay(world: World, day: str, key: str, category: str = "bill") -> Any:
    return sent(world, "app", day, "40.00", key, data={"category": category})


def test_monthly_bills_with_a_freeze() -> None:
    """January, February, not March (the freeze), April: three months; one more missed would have begun anew."""
    world = make_world(
        campaign("bills", goal_rule("streak", STREAK, step(3, fixed(300)), step(6, fixed(900)), when=BILL))
    )
    member = world.member()
    assert standing(pay(world, "2026-01-31T23:30:00+08:00", "jan")) == (1, 3)
    assert pay(world, "2026-02-01T00:30:00+08:00", "transfer", "transfer")["goals"] == []
    assert standing(pay(world, "2026-02-01T00:30:00+08:00", "feb")) == (2, 3)
    april = pay(world, "2026-04-15", "apr")
    assert (points_of(april), standing(april)) == ([300], (3, 6))
    assert standing(pay(world, "2026-04-20", "twice")) == (3, 6)
    assert standing(pay(world, "2026-05-02", "may")) == (4, 6)
    (seen,) = member_goals(member=member, at=NOW)  # June is running
    assert seen.streak
    assert (seen.standing.progress, seen.streak.has, seen.streak.freezes) == ((4, 6), 0, 0)
    missed = pay(world, "2026-03-31", "late")  # March after all: the freeze is back
    assert standing(missed) == (5, 6)
    june = pay(world, "2026-06-01", "jun")
    assert (points_of(june), standing(june)) == ([900], (6, None))
    assert [points_of(take(world, key)) for key in ("late", "feb", "apr")] == [[-900], [], []]
    assert points_of(take(world, "twice")) == [-300]  # April's last; May and June alone are two
    assert points(world.outcome("0.00")) == (0, 0, 0)


def test_throughput_of_a_month_in_steps() -> None:
    """Steps add and do not replace each other; refunds take the highest back; each month begins anew."""
    throughput = goal_rule(
        "steps",
        {"sum": {"currency": "IDR"}, "window": "month"},
        step("10000000.00", {"cashback": {"fixed": {"IDR": "25000.00"}}}),
        step("50000000.00", {"cashback": {"fixed": {"IDR": "100000.00"}}}),
        event="payment.completed",
    )
    world = make_world(campaign("throughput", throughput))
    world.member(market="ID")

    def sell(time: str, amount: str, key: str) -> Any:
        return world.outcome(amount, key, currency="IDR", time=time)

    assert points_of(sell("2026-04-30T23:59:00+07:00", "9999999.99", "a")) == []
    assert points_of(sell("2026-04-30T17:30:00Z", "9999999.99", "b")) == []  # May in Jakarta
    assert points_of(sell("2026-05-31T23:59:59+07:00", "45000000.00", "c")) == ["25000.00", "100000.00"]
    assert points_of(take(world, "c", "4999999.99")) == []
    back = take(world, "c", "0.01")
    assert (points_of(back), standing(back)) == (["-100000.00"], ("49999999.99", "50000000.00"))
    assert points_of(sell("2026-05-01T00:00:00+07:00", "0.01", "d")) == ["100000.00"]
    assert back["balances"]["cashback"] == [{"currency": "IDR", "available": "25000.00"}]


def test_two_different_dealers() -> None:
    dealers = goal_rule("two", {"distinct": "event.dealer", "window": "year"}, step(2, {"badge": "first-bill"}))
    world = make_world(campaign("dealers", dealers), **SECTIONS)
    world.member(market="ID")
    visits = [("2026-01-02", "JKT-01-S1"), ("2026-02-02", "JKT-01-S1"), ("2026-03-02", "JKT-02-S1")]
    bodies = [
        sent(world, "counter", day, key=f"k{place}", data={"outlet": outlet})
        for place, (day, outlet) in enumerate(visits)
    ]
    assert [standing(body) for body in bodies] == [(1, 2), (1, 2), (2, None)]
    assert [effect["badge"] for effect in bodies[2]["effects"]] == ["first-bill"]
    assert take(world, "k0")["effects"] == []
    assert [effect["badge"] for effect in take(world, "k1")["effects"]] == ["first-bill"]


def test_service_milestones_of_each_car() -> None:
    """A reading that was typed wrong is taken back with what it gave."""
    goal = {"level": "event.data.km", "by": "event.data.vin", "window": "campaign"}
    services = goal_rule("km", goal, step(10_000, fixed(100)), step(20_000, fixed(200)), event="service.done")
    world = make_world(campaign("services", services), **SECTIONS)
    member = world.member()

    def service(key: str, vin: str, km: int) -> list[int]:
        body = sent(world, "counter", "2026-05-05", None, key, type="service.done", data={"vin": vin, "km": km})
        return points_of(body)

    assert [service("a", "V1", 9_800), service("b", "V2", 21_000), service("typo", "V1", 99_000)] == [
        [], [100, 200], [100, 200]
    ]  # fmt: skip
    assert points_of(take(world, "typo")) == [-200, -100]
    assert service("c", "V1", 10_000) == [100]
    seen = {goal.standing.by: goal.standing.progress for goal in member_goals(member=member, at=NOW)}
    assert seen == {"V1": (10_000, 20_000), "V2": (21_000, None)}


def test_a_year_of_late_and_shuffled_bills_ends_where_one_in_order_does() -> None:
    world = make_world(
        campaign("bills", goal_rule("streak", STREAK, step(3, fixed(300)), step(6, fixed(900)), when=BILL))
    )
    world.member()
    world.member("bob")
    days = [f"2026-{month:02}-05" for month in (1, 2, 3, 4, 6)]
    for place, day in enumerate(days):
        pay(world, day, f"ann{place}")
    for place in (4, 0, 3, 1, 2):
        sent(world, "app", days[place], "40.00", f"bob{place}", subject="bob", data={"category": "bill"})
    found = [points(world.outcome("0.00", subject=name)) for name in ("ann", "bob")]
    assert found == [(300, 0, 0)] * 2


def test_a_batch_over_many_windows_is_as_good_as_its_events_one_by_one() -> None:
    rules = [
        goal_rule("day", {"count": True, "window": "day"}, step(2)),
        goal_rule("rolling", {"count": True, "window": {"rolling_days": 3}}, step(3)),
    ]
    world = make_world(campaign("c", *rules))
    world.member()
    world.member("bob")
    days = [f"2026-05-{day:02}" for day in (1, 2, 2, 3, 9, 10, 10, 11)]
    alone = run(world, "x", [(day,) for day in days])
    events = [
        world.event("1.00", f"b{place}", subject="bob", time=f"{day}T12:00:00+08:00") for place, day in enumerate(days)
    ]
    together = [points_of(answer.body or {}) for answer in world.send(*events)]
    assert together == alone == [[], [], [2, 3], [], [], [], [2, 3], []]
