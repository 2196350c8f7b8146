"""Replaying what was live gives the awards that were made, a draft what it would have given; nothing is written."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import InternalError, connection

from campaigns.models import Campaign
from campaigns.services.shelf import Shelf
from campaigns.services.simulation import simulate
from campaigns.services.trials import Trial, trial_of
from core.services.read_only import read_only
from members.rules.tiers import Rung
from members.services.changes import patch_member
from members.services.segments import set_segment_members
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.test_tiers_engine import tiers
from tests.campaigns.world import NOW, World, campaign, document, everyday, fixed, make_world, rule

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


LIVE = Trial()


def replayed(world: World, trial: Trial = LIVE, since: datetime = SINCE, until: datetime = UNTIL) -> dict[str, Any]:
    """The report of a simulation."""
    return simulate(program=world.program, trial=trial, since=since, until=until, report=lambda _done, _total: None)


def happen(world: World, random: Random, number: int) -> None:
    """So many random events and reversals, in batches, some late, some before their original."""
    names = ["ann", "ben", "cai", "dia"]
    sent: list[tuple[str, str, int]] = []
    waiting: list[tuple[str, str]] = []
    while number > 0:
        batch = []
        for _ in range(random.randint(1, 6)):
            number -= 1
            time = (NOW - timedelta(hours=random.randint(0, 24 * 60))).isoformat()
            key, who, cents = f"r{number}", random.choice(names), random.randint(100, 40_000)
            if sent and random.random() < 0.3:
                of, owner, total = random.choice(sent)
                part = None if random.random() < 0.5 else f"{random.randint(1, total) / 100:.2f}"
                batch.append(world.reversal(of, part, key=key, subject=owner, time=time))
                continue
            if random.random() < 0.1:
                waiting.append((key, who))
                batch.append(world.reversal(f"late-{key}", key=f"w{key}", subject=who, time=time))
            channel = random.choice(["app", "shop", "web"])
            category = random.choice(["bill", "transfer", "utilities", "shopping"])
            data = {"channel": channel, "category": category, "outlet": "SG-ORCHARD"}
            batch.append(world.event(f"{cents / 100:.2f}", key=key, subject=who, time=time, data=data))
            sent.append((key, who, cents))
        world.send(*batch)
    for key, who in waiting:
        world.send(world.event("70.00", key=f"late-{key}", subject=who))


CENTRAL = [{"code": "central", "points": 100_000, "money": {"SGD": "500.00"}}]
SMALL = {"money": {"SGD": "60.00"}}


def rich(**more: Any) -> World:
    """Limits, multipliers, goals, streaks, badges, cashback, holdouts, a budget and a ladder."""
    bill = {"fact": "event.data.category", "op": "eq", "value": "bill"}
    third = {"fact": "event.ordinal", "op": "gte", "value": 3}
    by_category = {"level": "event.ordinal", "by": "event.data.category", "window": "month"}
    return make_world(
        everyday(limits=[{"per_member": {"points": 300, "per": "day"}}]),
        campaign(
            "bonus",
            rule("third", fixed(50, status=True), when=third),
            rule("bills", fixed(20), when=bill),
            limits=[{"per_member": {"times": 4, "per": "week"}}],
            holdout=25,
        ),
        campaign(
            "double",
            rule("x2", {"multiply": {"by": "2", "max_extra": 100}}),
            limits=[{"per_member": {"points": 500, "per": "month"}}],
        ),
        campaign(
            "goals",
            goal_rule(
                "weeks",
                {"streak": {"period": "week", "count": 1, "freezes": 1}, "window": "campaign"},
                step(2),
                step(4),
            ),
            goal_rule("sum", {"sum": {"currency": "SGD"}, "window": "month", "repeat": True}, step("200"), step("500")),
            goal_rule("kinds", {"distinct": "event.data.category", "window": {"rolling_days": 20}}, step(3)),
            goal_rule("levels", by_category, step(2), step(5, {"badge": {"code": "first-bill", "once": "window"}})),
            goal_rule("three", {"count": True, "window": "week"}, step(3)),
            holdout=10,
        ),
        campaign("cash", rule("one", {"cashback": {"percent": "1"}}), budget=SMALL, **more),
        budgets=CENTRAL,
        tiers=tiers({"amount": "1000.00"}, {"amount": "3000.00", "events": 10}),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_replaying_what_was_live_gives_the_awards_that_were_made(seed: int) -> None:
    world, random = rich(), Random(seed)
    for name in ("ann", "ben", "cai", "dia"):
        world.member(name)
    happen(world, random, 60)
    report = replayed(world)
    assert report["difference"] == {"awards": 0, "listed": []}
    assert report["simulated"] == report["live"]
    assert report["simulated"]["awards"] > 40


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_the_state_before_the_interval_is_rebuilt(seed: int) -> None:
    world, random = rich(), Random(100 + seed)
    for name in ("ann", "ben", "cai", "dia"):
        world.member(name)
    happen(world, random, 60)
    for days in (50, 30, 10):
        since = NOW - timedelta(days=days)
        assert replayed(world, since=since, until=since + timedelta(days=20))["difference"]["awards"] == 0


@pytest.mark.django_db
def test_members_who_do_not_fit_into_memory_are_put_away_and_change_nothing() -> None:
    world, random = rich(), Random(7)
    for name in ("ann", "ben", "cai", "dia"):
        world.member(name)
    happen(world, random, 30)
    since, until = NOW - timedelta(days=30), NOW + timedelta(days=1)
    asked: dict[str, Any] = {"program": world.program, "trial": LIVE, "since": since, "until": until}
    every, one = (simulate(**asked, report=lambda _done, _total: None, at_hand=most) for most in (4, 1))
    assert every == one
    assert one["difference"]["awards"] == 0


def test_a_shelf_gives_back_what_was_put_away() -> None:
    """What all members share is the same object before and after; of the others, one is at hand."""
    gold = Rung(1, "gold", 1, None, None, None, match_any=False)
    shelf: Shelf[dict[str, Any]] = Shelf(most=1)
    for pk in (1, 2, 3):
        shelf[pk] = {"pk": pk, "tier": gold}
    shelf.put_away()
    assert [pk in shelf for pk in (1, 2, 3)] == [False, False, True]
    assert shelf.fetch({1, 3, 9}) == {9}
    assert (shelf[1], shelf[1]["tier"] is gold) == ({"pk": 1, "tier": gold}, True)
    shelf[1]["pk"] = "changed"
    shelf.fetch({3})
    shelf.put_away()
    shelf.fetch({1})
    assert shelf[1]["pk"] == "changed"
    shelf.close()


@pytest.mark.django_db
def test_each_event_is_replayed_by_the_version_that_decided_it() -> None:
    one = campaign("c", rule("r", fixed(10), when={"fact": "member.data.hobby", "op": "eq", "value": "golf"}))
    world = make_world(one)
    world.member("ann", attributes={"hobby": "golf"})
    world.outcome("1.00")
    world.reload(document(campaign("c", rule("r", fixed(25)))))
    world.outcome("1.00")
    world.reload(document(campaign("c", rule("r", fixed(25)), state="paused")))
    world.outcome("1.00")
    report = replayed(world)
    assert (report["simulated"]["points"], report["difference"]["awards"]) == (35, 0)


@pytest.mark.django_db
def test_members_are_replayed_as_they_were() -> None:
    golf = {"fact": "member.data.hobby", "op": "eq", "value": "golf"}
    vip = {"segment": "vip"}
    world = make_world(
        campaign("golf", rule("r", fixed(10), when=golf)), campaign("vip", rule("r", fixed(1)), audience=vip)
    )
    world.member("ann", attributes={"hobby": "golf"})
    set_segment_members(program=world.program, code="vip", external_ids=["ann"], at=NOW)
    world.outcome("1.00")
    patch_member(program=world.program, reference="ann", changes={"attributes": {"hobby": "chess"}}, at=NOW)
    set_segment_members(program=world.program, code="vip", external_ids=[], at=NOW)
    world.outcome("1.00")
    set_segment_members(program=world.program, code="vip", external_ids=["ann"], at=NOW)
    world.outcome("1.00")
    report = replayed(world)
    assert (report["simulated"]["points"], report["difference"]["awards"]) == (12, 0)


@pytest.mark.django_db
def test_a_draft_says_what_it_would_have_given_and_leaves_nothing_behind() -> None:
    draft = campaign("new", rule("r", fixed(7)), state="draft", starts="2030-01-01T00:00:00+08:00")
    world = make_world(everyday(), draft)
    world.member("ann")
    world.send(*(world.event("10.00") for _ in range(3)), world.reversal("e000001"))
    before = rows()
    report = replayed(world, trial_of(Campaign.objects.get(code="new")))
    assert rows() == before
    assert (report["live"]["points"], report["simulated"]["points"]) == (20, 34)
    assert report["dates_moved"] == ["new"]
    assert [(row["campaign"], row["simulated"]["points"]) for row in report["by_campaign"]] == [
        ("everyday", 20),
        ("new", 14),
    ]
    assert report["liability"] == {"currency": "SGD", "simulated": "0.34", "live": "0.20", "change": "0.14"}
    assert report["winners"] == [{"member": "ann", "difference": "0.14"}]


@pytest.mark.django_db
def test_the_database_itself_refuses_to_write_while_events_are_replayed() -> None:
    world = make_world(everyday())
    world.member("ann")
    with pytest.raises(InternalError, match="read-only"), read_only():
        world.send(world.event())
    world.outcome()


def rows() -> dict[str, int]:
    """How many rows every table has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        counts = {}
        for name in tables:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return counts
