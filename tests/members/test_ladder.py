"""Editing the ladder shows who would move, and moves them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from core.models import Job
from core.services import jobs
from loyalty.operations.program_file import loading
from loyalty.operations.program_file.loading import load_program
from loyalty.operations.program_file.planning import Plan
from members.models import Member, Notice
from tests.campaigns.world import LONG_AGO, NOW, World, document, everyday, make_world
from tests.members.test_tier_review import history, night, tiers

pytestmark = pytest.mark.django_db
type Rung = tuple[str, dict[str, Any]]

SILVER: Rung = ("silver", {})
GOLD: Rung = ("gold", {"amount": "20.00"})
PLATINUM: Rung = ("platinum", {"amount": "50.00"})
SPENT = {"ann": "60.00", "bob": "30.00", "cat": "10.00"}


def world_of(*ladder: Rung, day: str = "2026-06-10", **how: Any) -> World:
    """Ann, Bob and Cat, who spent something on a day."""
    world = make_world(everyday(), tiers=tiers(ladder=ladder, **how))
    for name, amount in SPENT.items():
        world.member(name, at=LONG_AGO)
        world.outcome(amount, subject=name, time=f"{day}T12:00:00+08:00")
    return world


def edit(*ladder: Rung, plan_only: bool = False, at: datetime = NOW, **how: Any) -> Plan:
    raw = json.dumps(document(everyday(), tiers=tiers(ladder=ladder, **how))).encode()
    plan = load_program(raw=raw, at=at, why="test", plan_only=plan_only)
    assert not plan.errors
    return plan


def held() -> dict[str, str | None]:
    return dict(Member.objects.values_list("external_id", "tier__code"))


def ways(plan: Plan) -> Sequence[object]:
    found = plan.as_json()["moves"]
    return [(way["from"], way["to"], way["members"]) for way in found]


def test_editing_a_tier_leaves_nobody_on_an_old_level() -> None:
    world_of(SILVER, GOLD, PLATINUM)
    assert held() == {"ann": "platinum", "bob": "gold", "cat": "silver"}
    easier, harder = ("gold", {"amount": "5.00"}), ("platinum", {"amount": "60.01"})
    assert ways(edit(SILVER, easier, harder, plan_only=True)) == [("platinum", "gold", 1), ("silver", "gold", 1)]
    assert held() == {"ann": "platinum", "bob": "gold", "cat": "silver"}
    assert Job.objects.count() == 0
    assert ways(edit(SILVER, easier, harder)) == [("platinum", "gold", 1), ("silver", "gold", 1)]
    assert held() == {"ann": "gold", "bob": "gold", "cat": "gold"}
    assert history()[-2:] == [("platinum", "gold", "ladder"), ("silver", "gold", "ladder")]
    assert ways(edit(SILVER, easier, harder)) == []
    assert list(Notice.objects.order_by("pk").values_list("member__external_id", "kind"))[-2:] == [
        ("ann", "tier_down"), ("cat", "tier_up")
    ]  # fmt: skip


def test_members_of_a_tier_that_is_gone_go_where_they_have_earned_to_be() -> None:
    world_of(SILVER, GOLD, PLATINUM)
    assert ways(edit(SILVER, PLATINUM)) == [("gold", "silver", 1)]
    assert held() == {"ann": "platinum", "bob": "silver", "cat": "silver"}
    edit(SILVER, GOLD)
    assert held() == {"ann": "gold", "bob": "gold", "cat": "silver"}


def test_a_new_tier_lifts_those_who_have_earned_it_already() -> None:
    world_of(SILVER, PLATINUM)
    assert ways(edit(SILVER, GOLD, PLATINUM)) == [("silver", "gold", 1)]
    assert held() == {"ann": "platinum", "bob": "gold", "cat": "silver"}


def test_a_first_ladder_takes_everybody_in_without_a_word() -> None:
    world = make_world(everyday())
    world.member(at=LONG_AGO)
    world.outcome("5.00")
    plan = load_program(
        raw=json.dumps(document(everyday(), tiers=tiers(ladder=[SILVER, GOLD]))).encode(), at=NOW, why="test"
    )
    assert ways(plan) == [(None, "silver", 1)]
    assert held() == {"ann": "silver"}
    assert Notice.objects.count() == 0


def test_texts_and_styles_move_nobody() -> None:
    world_of(SILVER, GOLD, PLATINUM)
    assert ways(edit(SILVER, GOLD, PLATINUM, style="to_earned", grace_days=9)) == []
    assert Job.objects.count() == 0


def test_who_had_not_earned_the_tier_before_the_edit_is_left_to_the_review() -> None:
    world = world_of(SILVER, GOLD, PLATINUM, day="2025-06-10", grace_days=30)
    night(world, "2026-06-12")
    assert ways(edit(SILVER, ("gold", {"amount": "21.00"}), PLATINUM, grace_days=30)) == []
    assert list(Member.objects.order_by("pk").values_list("tier__code", "grace_until__month")) == [
        ("platinum", 7), ("gold", 7), ("silver", None)
    ]  # fmt: skip


def test_where_nobody_falls_an_edit_lifts_only() -> None:
    world_of(SILVER, GOLD, PLATINUM, style="never")
    plan = edit(SILVER, ("gold", {"amount": "5.00"}), ("platinum", {"amount": "90.00"}), style="never")
    assert ways(plan) == [("silver", "gold", 1)]


def test_a_tier_earned_in_the_year_before_counts_in_calendar_years() -> None:
    world_of(SILVER, GOLD, PLATINUM, day="2025-06-10", window="calendar_year")
    plan = edit(SILVER, GOLD, ("platinum", {"amount": "60.01"}), window="calendar_year")
    assert ways(plan) == [("platinum", "gold", 1)]
    at = datetime(2027, 1, 1, tzinfo=UTC)
    assert ways(edit(SILVER, ("gold", {"amount": "31.00"}), window="calendar_year", at=at)) == []


def test_a_changed_window_lifts_at_once_and_leaves_the_rest_to_the_review() -> None:
    world = world_of(SILVER, GOLD, PLATINUM, day="2025-12-10")
    assert ways(edit(SILVER, GOLD, PLATINUM, window="calendar_year")) == []
    world.outcome("25.00", subject="cat", time="2025-12-11T12:00:00+08:00")
    assert held()["cat"] == "gold"


def test_many_members_are_moved_by_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MOVED_AT_ONCE", 0)
    world_of(SILVER, GOLD)
    assert ways(edit(SILVER, GOLD, PLATINUM)) == [("gold", "platinum", 1)]
    assert held()["ann"] == "gold"
    (job,) = Job.objects.all()
    assert (job.kind, job.state) == ("tiers.ladder", "queued")
    jobs_run(job)
    assert held()["ann"] == "platinum"
    assert (job.state, job.report, job.steps_done) == (
        "done", {"moves": [{"from": "gold", "to": "platinum", "members": 1}]}, 3
    )  # fmt: skip


def jobs_run(job: Job) -> None:
    jobs.run(job_id=job.pk)
    job.refresh_from_db()


def test_an_upgrade_by_an_edit_is_undone_with_what_earned_it() -> None:
    world = make_world(everyday(), tiers=tiers(ladder=[SILVER]))
    world.member(at=LONG_AGO)
    world.outcome("20.00", key="a")
    edit(SILVER, GOLD)
    assert held() == {"ann": "gold"}
    world.program.refresh_from_db()
    (answer,) = world.send(world.reversal("a"))
    assert answer.body
    assert answer.body["tier"]["code"] == "silver"
