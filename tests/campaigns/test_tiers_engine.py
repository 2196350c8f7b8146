"""Members climb with the event that makes them, and fall only when what lifted them is taken back."""

from datetime import timedelta
from typing import Any

import pytest

from members.models import Member, TierChange
from members.services.reviews import review_tiers
from tests.campaigns.taking import points
from tests.campaigns.world import LONG_AGO, NOW, World, campaign, everyday, fixed, make_world, rule
from tests.rewards.catalogue import reward
from tests.rewards.redeeming import redeem

pytestmark = pytest.mark.django_db


def tiers(
    gold: dict[str, Any],
    platinum: dict[str, Any] | None = None,
    window: str = "rolling_12_months",
    style: str = "never",
) -> Any:
    ladder = [("silver", {}), ("gold", gold), *([("platinum", platinum)] if platinum else [])]
    return {
        "review": {"window": window},
        "downgrade": {"style": style},
        "ladder": [{"code": code, "name": {"en": code}, "requires": requires} for code, requires in ladder],
    }


def climb(world: World, *amounts: str, **more: Any) -> list[str]:
    """The member's tier after each payment."""
    return [world.outcome(amount, **more)["tier"]["code"] for amount in amounts]


def on(world: World, amount: str, day: str, key: str | None = None) -> str:
    """The member's tier after a payment on a day."""
    code: str = world.outcome(amount, key, time=f"{day}T12:00:00+08:00")["tier"]["code"]
    return code


def back(world: World, original: str, amount: str | None = None) -> str:
    (answer,) = world.send(world.reversal(original, amount))
    assert answer.body is not None
    code: str = answer.body["tier"]["code"]
    return code


@pytest.mark.parametrize(
    ("requires", "reached"),
    [
        ({"amount": "30.00"}, [0, 0, 1, 1]),
        ({"events": 2}, [0, 1, 1, 1]),
        ({"status_points": 35}, [0, 0, 0, 1]),
        ({"amount": "30.00", "events": 2}, [0, 0, 1, 1]),
        ({"amount": "30.00", "events": 2, "match": "any"}, [0, 1, 1, 1]),
        ({"amount": "30.00", "events": 4, "status_points": 1}, [0, 0, 0, 1]),
    ],
)
def test_a_member_climbs_with_the_event_that_meets_all_or_any_requirements(
    requires: dict[str, Any], reached: list[int]
) -> None:
    world = make_world(everyday(), tiers=tiers(requires))
    world.member()
    found = climb(world, *["10.00"] * 4)
    assert found == [("silver", "gold")[step] for step in reached]
    batch = make_world(everyday(), tiers=tiers(requires), program={"code": "batch"})
    batch.member()
    bodies = [answer.body or {} for answer in batch.send(*(batch.event("10.00") for _ in range(4)))]
    assert [body["tier"]["code"] for body in bodies] == found


def test_all_points_awarded_qualify_but_those_of_multipliers() -> None:
    world = make_world(
        everyday(),
        campaign("x", rule("x", {"multiply": {"by": "2"}}, fixed(5, status=True), fixed(2, pending_days=9))),
        tiers=tiers({"status_points": 100}),
    )  # fmt: skip
    world.member()
    assert world.outcome("10.00")["tier"] == {
        "code": "silver", "next": "gold", "match": "all", "missing": {"status_points": 83}
    }  # fmt: skip


def test_types_that_do_not_qualify_count_for_nothing_but_their_points() -> None:
    topped = campaign("t", rule("r", fixed(10), event="wallet.topped_up"))
    world = make_world(topped, tiers=tiers({"amount": "1.00", "events": 1, "status_points": 11}))
    world.member()
    missing = world.outcome("50.00", type="wallet.topped_up")["tier"]["missing"]
    assert missing == {"amount": "1.00", "events": 1, "status_points": 1}


def test_one_event_may_lift_a_member_over_a_rung() -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "10.00"}, {"amount": "20.00"}))
    world.member()
    body = world.outcome("25.00", key="a")["tier"]
    assert body == {"code": "platinum", "next": None, "match": None, "missing": {}}
    assert back(world, "a", "10.00") == "gold"
    assert back(world, "a") == "silver"
    changes = TierChange.objects.order_by("pk").values_list("from_tier__code", "to_tier__code", "reason")
    assert list(changes) == [
        (None, "silver", "enrolled"), ("silver", "platinum", "upgrade"),
        ("platinum", "gold", "undone"), ("gold", "silver", "undone"),
    ]  # fmt: skip


def test_rolling_twelve_months_begin_the_day_after_the_same_day_a_year_before() -> None:
    for first, expected in (("2025-06-15", "silver"), ("2025-06-16", "gold")):
        world = make_world(everyday(), tiers=tiers({"amount": "20.00"}), program={"code": f"p{first}"})
        world.member()
        assert on(world, "10.00", first) == "silver"
        assert on(world, "10.00", "2026-06-15") == expected


@pytest.mark.parametrize(("style", "long_ago"), [("one_step", "silver"), ("never", "gold")])
def test_a_calendar_year_counts_alone_and_its_tier_holds_through_the_next(style: str, long_ago: str) -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "20.00"}, window="calendar_year", style=style))
    world.member()
    assert on(world, "10.00", "2025-12-31") == "silver"
    assert on(world, "10.00", "2026-01-01") == "silver"
    assert on(world, "10.00", "2025-12-30") == "gold"  # a late event of last year
    world.member("bob")
    for day, amount, expected in (("2026-06-01", "1.00", "silver"), ("2024-06-01", "20.00", long_ago)):
        body = world.outcome(amount, subject="bob", time=f"{day}T12:00:00+08:00")
        assert body["tier"]["code"] == expected


@pytest.mark.parametrize(("style", "expected"), [("one_step", "silver"), ("never", "gold")])
def test_where_nobody_falls_an_old_event_lifts_as_if_it_had_come_in_time(style: str, expected: str) -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "20.00"}, style=style))
    world.member()
    assert on(world, "15.00", "2023-06-01") == "silver"
    assert on(world, "5.00", "2024-05-31", "a") == expected
    assert back(world, "a", "1.00") == "silver"


def test_a_late_event_counts_in_the_window_that_ends_with_the_latest_day() -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "20.00"}, style="one_step"))
    world.member(at=LONG_AGO)
    assert on(world, "10.00", "2026-06-10") == "silver"
    assert on(world, "10.00", "2025-06-10") == "silver"
    assert on(world, "10.00", "2025-06-11") == "gold"


def test_an_upgrade_that_nothing_else_supports_is_undone_at_once() -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "20.00"}))
    member = world.member()
    on(world, "15.00", "2026-06-10", "a")
    assert on(world, "5.00", "2026-06-11", "b") == "gold"
    assert back(world, "a", "0.01") == "silver"
    assert on(world, "0.01", "2026-06-12") == "gold"
    assert Member.objects.values_list("tier__code", flat=True).get(pk=member.pk) == "gold"


def test_an_upgrade_that_other_events_support_stays() -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "20.00"}))
    world.member()
    assert on(world, "20.00", "2026-06-10", "a") == "gold"
    on(world, "20.00", "2026-06-11", "b")
    assert back(world, "a") == "gold"
    assert back(world, "b") == "silver"


def test_an_upgrade_that_a_window_since_supported_stays() -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "20.00"}))
    world.member(at=LONG_AGO)
    assert on(world, "20.00", "2024-01-10", "a") == "gold"
    on(world, "20.00", "2025-01-20", "b")
    on(world, "1.00", "2026-06-01", "c")
    assert back(world, "a") == "gold"
    assert back(world, "c") == "gold"
    assert back(world, "b") == "silver"


def test_reversing_something_else_long_after_does_not_undo_an_upgrade_by_a_late_event() -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "20.00"}))
    world.member(at=LONG_AGO)
    on(world, "15.00", "2025-01-20")
    assert on(world, "5.00", "2025-01-10") == "gold"  # late: the window of its own day is not enough
    on(world, "1.00", "2026-06-01", "c")
    assert back(world, "c") == "gold"


def test_a_refused_reversal_beside_a_good_one_moves_no_tier() -> None:
    world = make_world(everyday(), tiers=tiers({"amount": "20.00"}))
    for name in ("ann", "bob"):
        world.member(name)
        world.outcome("20.00", key=name, subject=name)
    good, wrong = world.send(world.reversal("ann"), world.reversal("bob", "20.01", subject="bob"))
    assert good.body is not None
    assert good.body["tier"]["code"] == "silver"
    assert wrong.refusal is not None
    assert Member.objects.values_list("tier__code", flat=True).get(external_id="bob") == "gold"


def test_spending_does_not_touch_the_tier() -> None:
    """Level follows balance so spending demotes: not here. What counts was earned, whatever became of it."""
    earning = campaign("c", rule("r", fixed(100)))
    rewards = [reward("coffee", points=100)]
    world = make_world(earning, tiers=tiers({"status_points": 100}, style="one_step"), rewards=rewards)
    member = world.member(at=LONG_AGO)
    assert climb(world, "5.00") == ["gold"]
    redeem(world, member, "coffee")
    after = world.outcome(None, type="app.opened")
    assert (points(after), after["tier"]["code"]) == ((0, 0, 0), "gold")
    night = review_tiers(program=world.program, at=NOW + timedelta(days=1))
    assert (night.judged, night.moves) == (1, {})
    assert Member.objects.values_list("tier__code", flat=True).get() == "gold"
    later = review_tiers(program=world.program, at=NOW + timedelta(days=365))  # what was earned is out of the window
    assert later.moves == {("gold", "silver"): 1}
