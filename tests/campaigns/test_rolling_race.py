"""The nightly roll runs beside the engine."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import connection, transaction

from members.models import Member
from members.services.rolling import roll_facts
from tests.campaigns.world import NOW, World, everyday, make_world
from tests.members.sums import counted_row, stored_rows
from tests.waiting import somebody_waits

MEMBERS = [f"m{number}" for number in range(12)]
BATCHES = 12


def in_thread(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


def send_batches(world: World, seed: int) -> None:
    """Payments of the last hundred days, and some of them taken back."""
    random = Random(seed)
    for number in range(BATCHES):
        batch = [
            world.event(
                f"{random.randrange(1, 50)}.00",
                key=f"{seed}-{number}-{place}",
                subject=random.choice(MEMBERS),
                time=(NOW - timedelta(days=random.choice([0, 1, 29, 30, 89, 90, 100]))).isoformat(),
            )
            for place in range(8)
        ]
        taken_back = [world.reversal(event["id"], subject=event["subject"]) for event in random.sample(batch, 2)]
        answers = world.send(*batch, *taken_back)
        assert [answer.refusal for answer in answers] == [None] * 10


def roll_on(world: World) -> None:
    for hours in range(0, 24 * 6, 4):
        roll_facts(program=world.program, at=NOW + timedelta(hours=hours))


@pytest.mark.django_db(transaction=True)
def test_sums_are_right_while_days_roll_and_events_arrive() -> None:
    world = make_world(everyday())
    for external_id in MEMBERS:
        world.member(external_id)
    jobs: list[Callable[[], None]] = [
        lambda: send_batches(world, 1),
        lambda: send_batches(world, 2),
        lambda: roll_on(world),
    ]
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(in_thread, job) for job in jobs]:
            done.result()
    roll_on(world)
    last_day = (NOW + timedelta(hours=24 * 6 - 4 + 8)).date()
    rows = stored_rows()
    assert rows == {member: counted_row(member, last_day) for member in rows}
    assert len(rows) == Member.objects.count() == len(MEMBERS)
    assert {row["rolled_on"] for row in rows.values()} == {last_day}
    assert any(row["events_90d"] for row in rows.values())


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_not_yet_committed_is_waited_for() -> None:
    world = make_world(everyday())
    member = world.member()
    tomorrow = NOW + timedelta(days=1)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            world.outcome("20.00")
            rolling = pool.submit(in_thread, lambda: assert_rolls_one(world, tomorrow))
            while not somebody_waits() and not rolling.done():
                time.sleep(0.01)
        rolling.result()
    assert stored_rows() == {member.pk: counted_row(member.pk, tomorrow.date())}
    assert stored_rows()[member.pk]["amount_30d"] == 2000


def assert_rolls_one(world: World, at: datetime) -> None:
    assert roll_facts(program=world.program, at=at) == 1
