"""The pace of budgets: figures of the ledger, day by day, and a day of exhaustion by a stated method."""

import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from campaigns.rules.estimates import mean_of, t_quantile
from campaigns.rules.pace import Plan, pace
from campaigns.selectors.pace import BudgetPace, budget_paces
from campaigns.services.budget_alerts import watch_budgets
from dealers.models import Budget
from ledger.models import Account, AccountDay, DaysFollower, Journal
from ledger.selectors.days import used_days
from ledger.services.days import fold_days, forget_days
from tests.campaigns.world import NOW, World, campaign, document, fixed, make_world, rule

TODAY = date(2026, 6, 15)
JUNE = Plan(date(2026, 6, 1), date(2026, 6, 30))
ROOT = {"code": "root", "points": 100_000, "money": {"SGD": "1000.00"}}


def of(by_day: Mapping[int, int], left: int, plan: Plan = JUNE, today: date = TODAY) -> Any:
    days = {date(2026, 6, day): used for day, used in by_day.items()}
    used = sum(by_day.values())
    return pace(unit="points", plan=plan, granted=used + left, used=used, left=left, by_day=days, today=today)


@pytest.mark.django_db
def test_what_refused_an_award_is_used_up_until_it_is_filled_or_paid_back() -> None:
    world = make_world(campaign("c", rule("r", fixed(30)), budget={"points": 100}), budgets=[ROOT])
    world.member()
    world.outcome(key="a")
    world.send(*[world.event() for _ in range(3)])
    assert _verdict_of_c(world) != "exhausted"  # nobody looked yet
    watch_budgets(program=world.program, at=NOW)
    found = paces(world)["c", "points"].pace
    assert (found.left, found.verdict, found.a_day, found.ends_on) == (10, "exhausted", None, None)
    world.send(world.reversal("a"))
    assert _verdict_of_c(world) != "exhausted"
    world.send(world.event())
    assert _verdict_of_c(world) == "exhausted"
    world.reload(document(campaign("c", rule("r", fixed(30)), budget={"points": 200}), budgets=[ROOT]))
    assert _verdict_of_c(world) != "exhausted"


def _verdict_of_c(world: World) -> str:
    return str(paces(world)["c", "points"].pace.verdict)


# -- the method ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "freedom", "tabled"),  # Abramowitz and Stegun, table 26.10
    [(0.975, 10, 2.228), (0.975, 13, 2.160), (0.975, 30, 2.042), (0.975, 120, 1.980), (0.995, 20, 2.845)],
)
def test_quantiles_are_those_of_the_tables(probability: float, freedom: int, tabled: float) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(tabled, abs=0.001)


def test_an_even_use_ends_on_the_day_that_arithmetic_says() -> None:
    found = of(dict.fromkeys(range(1, 15), 10), left=55)
    assert (found.a_day.value, found.a_day.low, found.a_day.high) == (10, 10, 10)
    assert (found.ends_on, found.days_early, found.verdict) == (date(2026, 6, 20), 10, "ends-early")


def test_only_the_last_fourteen_whole_days_make_the_speed() -> None:
    by_day = {1: 1000, **dict.fromkeys(range(2, 16), 10), 16: 500}
    found = of(by_day, left=100, today=date(2026, 6, 16))
    assert found.a_day.value == 10


def test_days_without_use_count() -> None:
    assert of({1: 140}, left=100).a_day.value == 10


def test_the_interval_is_students() -> None:
    values = [8, 12] * 7
    found = of({day: values[day - 1] for day in range(1, 15)}, left=1000)
    expected = mean_of(values)
    assert found.a_day == expected
    assert expected.value - expected.low == pytest.approx(t_quantile(0.975, 13) * (56 / 13 / 14) ** 0.5)
    assert found.earliest < found.ends_on < found.latest


@pytest.mark.parametrize(
    ("by_day", "left", "verdict"),
    [
        ({}, 0, "empty"),
        ({}, 100, "unused"),
        ({14: 10}, 100, "too-early"),
        ({15: 10}, 100, "too-early"),
        ({1: 10}, 0, "exhausted"),
        (dict.fromkeys(range(1, 15), 10), 1000, "lasts"),
        (dict.fromkeys(range(1, 15), 10), 150, "lasts"),
        (dict.fromkeys(range(1, 15), 10), 149, "ends-early"),
    ],
)
def test_verdicts(by_day: Mapping[int, int], left: int, verdict: str) -> None:
    assert of(by_day, left).verdict == verdict


def test_the_plan_is_even_from_the_first_day_to_the_last() -> None:
    found = of({1: 60}, left=240)
    assert [point.planned for point in found.points] == [10 * day for day in range(1, 16)]
    assert [point.total for point in found.points] == [60] * 15


# -- the ledger ----------------------------------------------------------------------------------


def paces(world: World, at: datetime = NOW) -> dict[tuple[str, str], BudgetPace]:
    rows = budget_paces(program=world.program, budgets=Budget.objects.all(), campaigns=Campaign.objects.all(), at=at)
    return {(row.row.code, row.pace.unit): row for row in rows}


def figures(row: BudgetPace) -> tuple[int, int, int, int]:
    return row.pace.granted, row.pace.passed_on, row.pace.used, row.pace.left


@pytest.mark.django_db
def test_a_campaigns_own_budget_and_what_it_was_filled_from() -> None:
    world = make_world(campaign("c", rule("r", fixed(10)), budget={"points": 100}), budgets=[ROOT])
    world.member()
    for day in (10, 11, 11):
        world.outcome(time=f"2026-06-{day}T04:00:00Z")
    found = paces(world)
    assert figures(found["c", "points"]) == (100, 0, 30, 70)
    assert figures(found["root", "points"]) == (100_000, 100, 0, 99_900)
    days = {point.day.day: point.used for point in found["c", "points"].pace.points if point.used}
    assert days == {10: 10, 11: 20}
    assert (found["c", "points"].parent, found["c", "points"].depth) == ("root", 1)


@pytest.mark.django_db
def test_what_comes_back_is_not_used() -> None:
    world = make_world(campaign("c", rule("r", fixed(10)), budget={"points": 100}), budgets=[ROOT])
    world.member()
    world.outcome(key="a")
    world.outcome(key="b")
    world.send(world.reversal("a"))
    assert figures(paces(world)["c", "points"]) == (100, 0, 10, 90)
    world.send(world.reversal("b", "50.00"))
    assert figures(paces(world)["c", "points"])[2:] == (5, 95)


@pytest.mark.django_db
def test_points_and_each_money_have_a_pace_of_their_own() -> None:
    markets = [
        {"code": "BH", "name": "Bahrain", "currency": "BHD", "timezone": "Asia/Bahrain", "languages": ["en"]},
        {"code": "VN", "name": "Viet Nam", "currency": "VND", "timezone": "Asia/Ho_Chi_Minh", "languages": ["en"]},
    ]
    money = {"BHD": "10.000", "VND": "1000"}
    given = {"cashback": {"fixed": {"BHD": "1.005", "VND": "100"}}}
    world = make_world(
        campaign("c", rule("r", given, fixed(1)), fund="root"),
        budgets=[{"code": "root", "points": 50, "money": money}], markets=markets,
        rates=[{"currency": c, "from": "2020-01-01", "rate": "1"} for c in money],
        regions=[], outlets=[], dealers=[], program={"currency": "SGD"},
    )  # fmt: skip
    world.member("bo", "BH")
    world.member("vy", "VN")
    world.outcome("1.000", subject="bo", currency="BHD")
    world.outcome("100", subject="vy", currency="VND")
    found = paces(world)
    assert figures(found["root", "points"]) == (50, 0, 2, 48)
    assert figures(found["root", "BHD"]) == (10_000, 0, 1_005, 8_995)
    assert figures(found["root", "VND"]) == (1000, 0, 100, 900)


@pytest.mark.django_db
def test_a_tree_is_read_top_down_and_each_budget_says_what_it_passed_on() -> None:
    budgets = [ROOT, {"code": "child", "parent": "root", "points": 600}]
    world = make_world(
        campaign("c", rule("r", fixed(10)), budget={"points": 100}, fund="child"), budgets=budgets
    )  # fmt: skip
    rows = budget_paces(program=world.program, budgets=Budget.objects.all(), campaigns=Campaign.objects.all(), at=NOW)
    assert [(r.row.code, r.parent, r.depth) for r in rows if r.pace.unit == "points"] == [
        ("root", "", 0), ("child", "root", 1), ("c", "child", 2),
    ]  # fmt: skip
    assert [r.pace.passed_on for r in rows if r.pace.unit == "points"] == [600, 100, 0]


@pytest.mark.django_db
def test_plans_are_a_campaigns_days_or_the_calendar_year() -> None:
    world = make_world(
        campaign(
            "c", rule("r", fixed(1)), budget={"points": 9}, starts="2026-06-01T00:00:00", ends="2026-07-01T00:00:00"
        ),
        campaign("d", rule("r", fixed(1)), budget={"points": 9}, starts="2026-05-31T23:00:00+08:00"),
        budgets=[ROOT],
    )  # fmt: skip
    found = paces(world)
    assert found["c", "points"].pace.plan == Plan(date(2026, 6, 1), date(2026, 7, 1))  # Jakarta ends an hour later
    assert found["d", "points"].pace.plan == Plan(date(2026, 5, 31), date(2026, 12, 31))
    assert found["root", "points"].pace.plan == Plan(date(2026, 6, 15), date(2026, 12, 31))


def fold(journals: int) -> None:
    """Fold so many journals and no more; transactions of other databases hold the horizon back."""
    while journals > 0:
        journals -= fold_days()
        time.sleep(0.01)
    assert (journals, fold_days()) == (0, 0)


@pytest.mark.timeout(1800)  # it waits for transactions of other databases to end
@pytest.mark.django_db(transaction=True)
def test_days_are_folded_once_and_built_anew_the_same() -> None:
    world = make_world(campaign("c", rule("r", fixed(10)), budget={"points": 100}), budgets=[ROOT])
    world.member()
    world.outcome(key="a", time="2026-06-10T04:00:00Z")
    before, first = used_days(_accounts()), Journal.objects.count()
    fold(first)
    assert used_days(_accounts()) == before != []
    world.send(world.reversal("a"))
    world.outcome(time="2026-06-11T04:00:00Z")
    after = used_days(_accounts())  # folded days and what came since
    fold(Journal.objects.count() - first)
    assert used_days(_accounts()) == after
    kept = list(AccountDay.objects.order_by("account", "day").values())
    forget_days()
    assert used_days(_accounts()) == after
    fold(Journal.objects.count())
    assert list(AccountDay.objects.order_by("account", "day").values()) == kept
    assert DaysFollower.objects.count() == 1


def _accounts() -> list[int]:
    rows = Account.objects.filter(purpose__in=["budget", "campaign"])
    return list(rows.values_list("pk", flat=True))


@pytest.mark.django_db
def test_queries_do_not_grow_with_budgets_or_days() -> None:
    counts = []
    for number in (1, 3):
        campaigns = [campaign(f"c{n}", rule("r", fixed(10)), budget={"points": 1000}) for n in range(number)]
        world = make_world(*campaigns, budgets=[ROOT], program={"code": f"p{number}"})
        world.member()
        for day in range(number):
            world.outcome(time=(NOW - timedelta(day)).isoformat())
        with CaptureQueriesContext(connection) as captured:
            found = budget_paces(
                program=world.program, budgets=Budget.objects.all(),
                campaigns=Campaign.objects.filter(program=world.program), at=NOW,
            )  # fmt: skip
        assert len([row for row in found if row.kind == "campaign"]) == number
        counts.append(len(captured))
    assert counts[0] == counts[1]
