"""The nightly review runs beside the engine."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import transaction

from members.models import Member, TierChange
from members.services.reviews import Report, review_tiers
from members.services.rolling import roll_facts
from tests.campaigns.test_rolling_race import in_thread
from tests.campaigns.world import LONG_AGO, World, everyday, make_world
from tests.members.test_tier_review import tiers
from tests.waiting import somebody_waits

MEMBERS = [f"m{number}" for number in range(10)]
MIDNIGHT = datetime.fromisoformat("2026-06-15T00:30:00+08:00")
YEAR_BEFORE = (MIDNIGHT - timedelta(days=365)).isoformat()


def gold_members(world: World, *names: str) -> None:
    """Members whose gold is not earned any more from this midnight on."""
    for name in names:
        world.member(name, at=LONG_AGO)
        assert world.outcome("20.00", subject=name, time=YEAR_BEFORE, at=MIDNIGHT)["tier"]["code"] == "gold"


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_not_yet_committed_is_waited_for_and_counts() -> None:
    world = make_world(everyday(), tiers=tiers())
    gold_members(world, "ann")
    found: list[Report] = []
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            world.outcome("20.00", time=MIDNIGHT.isoformat(), at=MIDNIGHT)
            review = pool.submit(in_thread, lambda: found.append(review_tiers(program=world.program, at=MIDNIGHT)))
            while not somebody_waits() and not review.done():
                time.sleep(0.01)
        review.result()
    assert (found[0].judged, found[0].moves) == (1, {})
    assert Member.objects.values_list("tier__code", flat=True).get() == "gold"


def send_batches(world: World, seed: int) -> None:
    """Payments that lift members and are taken back."""
    random = Random(seed)
    for number in range(8):
        at = MIDNIGHT + timedelta(days=number)
        batch = [
            world.event(
                f"{random.randrange(5, 40)}.00",
                key=f"{seed}-{number}-{place}",
                subject=random.choice(MEMBERS),
                time=(at - timedelta(days=random.choice([0, 1, 360, 364, 365]))).isoformat(),
            )
            for place in range(6)
        ]
        back = [world.reversal(event["id"], subject=event["subject"], time=at.isoformat()) for event in batch[:2]]
        answers = world.send(*batch, *back, at=at)
        assert [answer.refusal for answer in answers] == [None] * 8


def review_nights(world: World) -> None:
    for night in range(12):
        at = MIDNIGHT + timedelta(days=night)
        roll_facts(program=world.program, at=at)
        review_tiers(program=world.program, at=at)


@pytest.mark.django_db(transaction=True)
def test_every_move_begins_where_the_last_one_ended_while_both_work() -> None:
    world = make_world(everyday(), tiers=tiers(grace_days=1))
    gold_members(world, *MEMBERS)
    jobs: list[Callable[[], None]] = [
        lambda: send_batches(world, 1),
        lambda: send_batches(world, 2),
        lambda: review_nights(world),
        lambda: review_nights(world),
    ]
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(in_thread, job) for job in jobs]:
            done.result()
    for member in Member.objects.all():
        moves = list(TierChange.objects.filter(member=member).order_by("pk").values_list("from_tier", "to_tier"))
        assert [before for before, _ in moves] == [None, *(after for _, after in moves[:-1])]
        assert member.tier_id == moves[-1][1]
    assert TierChange.objects.filter(reason="review").exists()
