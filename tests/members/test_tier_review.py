"""Tiers that are not earned any more: time to earn them again, and the ways down."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import OutboxMessage
from members.models import Member, Notice, TierChange, TierReview
from members.services.reviews import Report, review_tiers, review_tonight
from members.services.rolling import roll_facts
from tests.campaigns.world import LONG_AGO, World, document, everyday, make_world

pytestmark = pytest.mark.django_db
LADDER: list[tuple[str, dict[str, Any]]] = [
    ("silver", {}),
    ("gold", {"amount": "20.00"}),
    ("platinum", {"amount": "50.00", "events": 2}),
]
NEW_YORK = {"code": "US", "name": "USA", "currency": "SGD", "timezone": "America/New_York", "languages": ["en"]}


def tiers(
    style: str = "one_step",
    grace_days: int | None = 0,
    window: str = "rolling_12_months",
    ladder: Sequence[tuple[str, dict[str, Any]]] = tuple(LADDER),
) -> dict[str, Any]:
    return {
        "review": {"window": window},
        "downgrade": {"style": style} if style == "never" else {"style": style, "grace_days": grace_days},
        "ladder": [{"code": code, "name": {"en": code.title()}, "requires": requires} for code, requires in ladder],
    }


def world_of(**how: Any) -> World:
    world = make_world(everyday(), tiers=tiers(**how))
    world.member(at=LONG_AGO)
    return world


def pay(world: World, amount: str, day: str, **more: Any) -> str:
    """The tier after a payment on a day."""
    code: str = world.outcome(amount, time=f"{day}T12:00:00+08:00", **more)["tier"]["code"]
    return code


def night(world: World, day: str, **more: Any) -> Report:
    """Review just after midnight in Singapore."""
    at = datetime.fromisoformat(f"{day}T00:30:00+08:00")
    return review_tiers(program=world.program, at=at, **more)


def held(external_id: str = "ann") -> tuple[str, str | None, str | None]:
    """Tier, until, grace until."""
    member = Member.objects.select_related("tier").get(external_id=external_id)
    until, grace = member.tier_until, member.grace_until
    tier = member.tier.code if member.tier else ""
    return tier, until.isoformat() if until else None, grace.isoformat() if grace else None


def history() -> list[tuple[str, ...]]:
    rows = TierChange.objects.order_by("pk").values_list("from_tier__code", "to_tier__code", "reason")
    return [row for row in rows if row[2] != "enrolled"]


def told() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("kind", flat=True))


def test_rolling_months_hold_a_tier_through_the_last_day_that_counts() -> None:
    world = world_of()
    assert pay(world, "20.00", "2025-06-15") == "gold"
    assert night(world, "2026-06-14").moves == {}
    assert held() == ("gold", None, None)
    assert night(world, "2026-06-15").moves == {("gold", "silver"): 1}
    assert held() == ("silver", None, None)
    assert history() == [("silver", "gold", "upgrade"), ("gold", "silver", "review")]


def test_on_leap_days_twelve_months_begin_on_the_first_of_march() -> None:
    world = world_of()
    assert pay(world, "20.00", "2023-02-28") == "gold"
    assert night(world, "2024-02-27").moves == {}
    assert night(world, "2024-02-28").moves == {("gold", "silver"): 1}
    assert pay(world, "20.00", "2023-03-01") == "gold"
    assert night(world, "2024-02-29").moves == {}
    assert night(world, "2024-03-01").moves == {("gold", "silver"): 1}


def test_one_step_goes_down_a_rung_a_night() -> None:
    world = world_of()
    assert [pay(world, "25.00", "2025-01-10") for _ in range(2)] == ["gold", "platinum"]
    assert night(world, "2026-01-10").moves == {("platinum", "gold"): 1}
    assert night(world, "2026-01-10").moves == {}
    assert night(world, "2026-01-11").moves == {("gold", "silver"): 1}
    assert night(world, "2026-01-12").judged == 0


def test_to_earned_goes_down_at_once_as_far_as_it_goes() -> None:
    world = world_of(style="to_earned")
    for day in ("2025-01-10", "2025-01-10", "2025-03-01"):
        pay(world, "25.00", day)
    assert night(world, "2026-01-10").moves == {("platinum", "gold"): 1}
    assert night(world, "2026-03-01").moves == {("gold", "silver"): 1}
    world.member("bob", at=LONG_AGO)
    assert [pay(world, "25.00", "2025-05-01", subject="bob") for _ in range(2)][-1] == "platinum"
    assert night(world, "2026-05-01").moves == {("platinum", "silver"): 1}


def test_where_nobody_falls_nothing_is_judged() -> None:
    world = world_of(style="never")
    pay(world, "20.00", "2020-06-15")
    report = night(world, "2026-06-15")
    assert (report.judged, report.moves, held()[0]) == (0, {}, "gold")


def test_grace_gives_so_many_days_and_says_what_is_missing() -> None:
    world = world_of(grace_days=30)
    pay(world, "25.50", "2025-06-15")
    report = night(world, "2026-06-15")
    assert (report.grace_started, report.moves) == (1, {})
    assert held() == ("gold", None, "2026-07-15")
    assert night(world, "2026-06-16").grace_started == 0
    assert night(world, "2026-07-15").moves == {}
    assert night(world, "2026-07-16").moves == {("gold", "silver"): 1}
    assert held() == ("silver", None, None)
    grace, down = Notice.objects.order_by("pk")
    assert [grace.kind, down.kind] == ["tier_grace", "tier_down"]
    assert grace.values == {
        "tier": "gold", "missing": {"amount": "20.00"}, "match": "all", "currency": "SGD", "until": "2026-07-15",
    }  # fmt: skip
    assert down.values == {"tier": "silver", "before": "gold", "reason": "review"}


def test_what_is_earned_again_in_time_is_kept() -> None:
    world = world_of(grace_days=30)
    pay(world, "20.00", "2025-06-14")
    night(world, "2026-06-14")
    assert pay(world, "19.99", "2026-06-15") == "gold"
    assert night(world, "2026-06-16").grace_ended == 0
    pay(world, "0.01", "2026-06-15")
    assert night(world, "2026-06-16").grace_ended == 1
    assert held() == ("gold", None, None)
    assert night(world, "2026-08-01").moves == {}
    assert told()[-2:] == ["tier_grace", "tier_kept"]


def test_each_step_down_has_a_grace_of_its_own() -> None:
    world = world_of(grace_days=2)
    for _ in range(2):
        pay(world, "25.00", "2025-01-10")
    days = [f"2026-01-{day}" for day in range(10, 18)]
    found = []
    for day in days:
        night(world, day)
        found.append(held()[0])
    assert found == ["platinum"] * 3 + ["gold"] * 4 + ["silver"]


def test_an_upgrade_ends_a_grace() -> None:
    world = world_of(grace_days=30)
    pay(world, "20.00", "2025-06-14")
    night(world, "2026-06-14")
    pay(world, "25.00", "2026-06-15")
    assert pay(world, "25.00", "2026-06-15") == "platinum"
    assert held() == ("platinum", None, None)


def test_a_grace_ends_where_nobody_falls_any_more() -> None:
    world = world_of(grace_days=30)
    pay(world, "20.00", "2025-06-14")
    night(world, "2026-06-14")
    world.reload(document(everyday(), tiers=tiers(style="never")))
    assert night(world, "2026-08-01").grace_ended == 1
    assert held() == ("gold", None, None)


def test_what_is_earned_in_a_year_holds_through_the_next() -> None:
    world = world_of(window="calendar_year")
    assert pay(world, "20.00", "2024-02-29") == "gold"
    night(world, "2024-03-01")
    assert held() == ("gold", "2025-12-31", None)
    for day in ("2024-12-31", "2025-01-01", "2025-12-31"):
        assert night(world, day).judged == 0
    assert night(world, "2026-01-01").moves == {("gold", "silver"): 1}
    assert held() == ("silver", None, None)


def test_a_year_is_judged_once_one_step_a_year() -> None:
    world = world_of(window="calendar_year")
    for _ in range(2):
        pay(world, "25.00", "2024-05-01")
    assert night(world, "2026-01-01").moves == {("platinum", "gold"): 1}
    assert held() == ("gold", "2026-12-31", None)
    assert night(world, "2026-06-01").judged == 0
    assert night(world, "2027-01-01").moves == {("gold", "silver"): 1}


def test_a_year_that_earns_the_tier_again_renews_it() -> None:
    world = world_of(window="calendar_year", style="to_earned", grace_days=10)
    pay(world, "20.00", "2024-05-01")
    night(world, "2024-05-02")
    pay(world, "20.00", "2025-12-31")
    assert night(world, "2026-01-01").moves == {}
    assert held() == ("gold", "2026-12-31", None)


def test_a_review_that_was_missed_on_new_year_is_made_up_for() -> None:
    world = world_of(window="calendar_year", grace_days=30)
    pay(world, "20.00", "2024-05-01")
    night(world, "2024-05-02")
    assert night(world, "2026-01-20").grace_started == 1
    assert held() == ("gold", "2025-12-31", "2026-02-19")
    pay(world, "20.00", "2026-02-01")
    assert night(world, "2026-02-02").grace_ended == 1
    assert held() == ("gold", "2027-12-31", None)


def test_every_market_is_judged_on_its_own_day() -> None:
    body = document(everyday(), tiers=tiers())
    body["markets"].append(NEW_YORK)
    world = make_world(everyday(), tiers=tiers(), markets=body["markets"])
    for name, market in (("ann", "SG"), ("joe", "US")):
        world.member(name, market, at=LONG_AGO)
        world.outcome("20.00", subject=name, time="2025-06-15T04:30:00+00:00")  # 15 June in both
    after_midnight = datetime(2026, 6, 14, 16, 30, tzinfo=UTC)  # the 15th in Singapore, the 14th in New York
    report = review_tonight(program=world.program, at=after_midnight)
    assert report
    assert report.moves == {("gold", "silver"): 1}
    assert (held("ann")[0], held("joe")[0]) == ("silver", "gold")
    assert review_tonight(program=world.program, at=after_midnight + timedelta(minutes=20)) is None
    report = review_tonight(program=world.program, at=datetime(2026, 6, 15, 4, 30, tzinfo=UTC))
    assert report
    assert report.moves == {("gold", "silver"): 1}
    days = TierReview.objects.order_by("day", "market__code").values_list("market__code", "day")
    eve, day = date(2026, 6, 14), date(2026, 6, 15)
    assert list(days) == [("ID", eve), ("US", eve), ("ID", day), ("SG", day), ("US", day)]


def test_a_review_that_was_seen_by_the_plan_is_what_happens_and_happens_once() -> None:
    world = world_of(grace_days=5)
    for number, day in enumerate(("2025-06-10", "2025-06-14", "2025-06-15", "2025-06-16")):
        world.member(f"m{number}", at=LONG_AGO)
        pay(world, "20.00", day, subject=f"m{number}")
    night(world, "2026-06-10")
    before = everything()
    plan = night(world, "2026-06-16", plan_only=True)
    assert everything() == before
    assert plan == Report(judged=4, grace_started=3, moves=plan.moves)
    assert plan.moves == {("gold", "silver"): 1}
    assert night(world, "2026-06-16") == plan
    assert night(world, "2026-06-16") == Report(judged=3)


def everything() -> list[object]:
    """What a review may write."""
    members = Member.objects.order_by("pk").values_list("tier", "tier_until", "grace_until")
    return [list(members), history(), told(), OutboxMessage.objects.count(), TierReview.objects.count()]


def test_sums_of_another_day_do_not_mislead() -> None:
    world = world_of()
    pay(world, "20.00", "2025-06-15")
    for rolled in ("2026-06-10", "2026-06-20"):
        roll_facts(program=world.program, at=datetime.fromisoformat(f"{rolled}T12:00:00+08:00"))
        assert night(world, "2026-06-14", plan_only=True).moves == {}
        assert night(world, "2026-06-15", plan_only=True).moves == {("gold", "silver"): 1}


def test_others_hear_who_moved_from_where_to_where_and_why() -> None:
    world = world_of()
    member = Member.objects.get()
    pay(world, "20.00", "2025-06-15", key="a")
    night(world, "2026-06-15")
    up, down = (message.payload for message in OutboxMessage.objects.filter(topic="tier.changed").order_by("pk"))
    assert up["event"] is not None
    changes = TierChange.objects.order_by("pk").exclude(reason="enrolled").values_list("pk", flat=True)
    assert [up.pop("change"), down.pop("change")] == list(changes)
    assert {**up, "event": None} == {
        "member": member.pk, "event": None, "time": "2025-06-15T04:00:00+00:00", "from": "silver", "to": "gold",
        "direction": "up", "reason": "upgrade",
    }  # fmt: skip
    assert down == {
        "member": member.pk, "event": None, "time": "2026-06-15T00:30:00+08:00", "from": "gold", "to": "silver",
        "direction": "down", "reason": "review",
    }  # fmt: skip


def test_an_upgrade_undone_during_its_grace_ends_both_at_once() -> None:
    world = world_of(grace_days=30)
    pay(world, "20.00", "2025-06-14", key="a")
    night(world, "2026-06-14")
    assert held()[2] == "2026-07-14"
    (answer,) = world.send(world.reversal("a"))
    assert answer.body
    assert answer.body["tier"]["code"] == "silver"
    assert held() == ("silver", None, None)
    assert night(world, "2026-06-15").judged == 0
    assert history() == [("silver", "gold", "upgrade"), ("gold", "silver", "undone")]


def test_a_reversal_during_grace_that_leaves_the_upgrade_standing_leaves_the_grace() -> None:
    world = world_of(grace_days=30)
    pay(world, "20.00", "2025-06-14", key="a")
    pay(world, "5.00", "2025-06-14", key="b")
    night(world, "2026-06-14")
    world.send(world.reversal("b"))
    assert held() == ("gold", None, "2026-07-14")


def test_after_a_review_an_undone_upgrade_leads_no_higher_than_the_review_did() -> None:
    world = world_of()
    for key in "ab":
        pay(world, "25.00", "2025-06-14", key=key)
    night(world, "2026-06-14")
    assert held()[0] == "gold"
    (answer,) = world.send(world.reversal("a"))
    assert answer.body
    assert answer.body["tier"]["code"] == "gold"  # 25.00 of that day remain, and earned it
    (answer,) = world.send(world.reversal("b"))
    assert answer.body
    assert answer.body["tier"]["code"] == "silver"


def test_erased_members_are_left_alone() -> None:
    world = world_of()
    pay(world, "20.00", "2025-06-15")
    Member.objects.update(status="erased")
    assert night(world, "2026-06-15").judged == 0


def test_a_past_that_is_loaded_is_no_news() -> None:
    world = world_of()
    pay(world, "20.00", "2025-06-15")
    assert told() == []
    pay(world, "30.00", "2026-06-15")
    assert (pay(world, "30.00", "2026-06-15"), told()) == ("platinum", ["tier_up"])


@pytest.mark.parametrize("window", ["rolling_12_months", "calendar_year"])
@pytest.mark.parametrize("grace_days", [0, 30])
def test_the_number_of_queries_does_not_grow_with_members(window: str, grace_days: int) -> None:
    counted = []
    for number in (1, 3, 20):
        how = tiers(window=window, grace_days=grace_days)
        world = make_world(everyday(), tiers=how, program={"code": f"p{number}"})
        world.send(*crowd(world, number, "2023-06-15"))
        with CaptureQueriesContext(connection) as captured:
            report = night(world, "2026-06-15")
        assert (sum(report.moves.values()) or report.grace_started) == number
        counted.append(len(captured))
    assert counted[0] == counted[1] == counted[2]


def test_a_long_night_is_worked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.services.reviews.BATCH", 2)
    world = world_of()
    world.send(*crowd(world, 5, "2025-06-15"))
    assert night(world, "2026-06-15").moves == {("gold", "silver"): 5}


def crowd(world: World, number: int, day: str) -> list[dict[str, Any]]:
    """So many new members, and a payment of each that makes gold."""
    members = [world.member(f"m{place}", at=LONG_AGO).external_id for place in range(number)]
    return [world.event("20.00", subject=name, time=f"{day}T12:00:00+08:00") for name in members]
