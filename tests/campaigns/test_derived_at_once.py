"""Workers, timers and reversals at once: derived events come once, and none outlives its cause."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event as Flag
from typing import Any

import pytest
from django.db import connection

from campaigns import tasks
from campaigns.models import DerivedEvent, EventReversal, MemberBadge
from campaigns.services.calendar import derive_days
from core.models import OutboxMessage
from core.services.outbox import relay
from ledger.models import Account
from rewards.tasks import entitle_members
from tests.campaigns.derived import consumer_named, derived, settle
from tests.campaigns.test_derived import BADGES, on_event
from tests.campaigns.world import NOW, World, campaign, make_world, rule

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [f"m{number}" for number in range(6)]


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads of their own; raises what one of them raised."""

    def run(job: Callable[[], Any]) -> Any:
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def enrolled(world: World) -> World:
    for name in NAMES:
        world.member(name, enrolled_at=NOW.isoformat(), birth_date="1990-06-15")
    return world


def points() -> int:
    return sum(Account.objects.filter(book__unit="points", owner__isnull=False).values_list("balance", flat=True))


def test_workers_that_get_the_same_messages_derive_once() -> None:
    enrolled(make_world(on_event("welcome", "member.enrolled")))
    told = OutboxMessage.objects.filter(topic="member.enrolled")
    ids = list(told.values_list("pk", flat=True))
    at_once(*[lambda some=some: tasks.derive_events(some) for some in (ids, ids[::-1], ids[2:], ids[:3])])
    assert len(derived()) == len(NAMES)
    assert points() == 100 * len(NAMES)
    entitle_members(ids)  # hears of it too
    assert not told.filter(due_at__isnull=False).exists()


def test_timers_that_ring_at_once_celebrate_once() -> None:
    world = enrolled(make_world(on_event("birthday", "member.birthday")))
    world.member("later", birth_date="1990-06-15")
    counts = at_once(*[lambda: derive_days(program=world.program, at=NOW)] * 4)
    assert sum(counts) == 1  # the others enrolled during the day
    assert [event.member.external_id for event in derived()] == ["later"]
    assert points() == 100


def test_no_derived_event_outlives_its_cause_however_workers_and_reversals_mix() -> None:
    world = enrolled(
        make_world(
            campaign("first", rule("r", {"badge": "b0"})),
            on_event("second", "badge.earned", {"badge": "b1"}, {"points": {"fixed": 100}},
                     when={"fact": "event.data.badge", "op": "eq", "value": "b0"}),
            on_event("third", "badge.earned", when={"fact": "event.data.badge", "op": "eq", "value": "b1"}),
            badges=BADGES,
        )
    )  # fmt: skip

    early, late, done = NAMES[:3], NAMES[3:], Flag()
    for name in early:
        world.send(world.event(subject=name, key=f"pay-{name}"))
    settle()

    def take(sent: list[tuple[str, list[int]]], consumer: str, ids: list[int]) -> None:
        sent.append((consumer, ids))

    def work() -> None:
        while not done.is_set():
            sent: list[tuple[str, list[int]]] = []
            relay(send=partial(take, sent))
            for consumer, ids in sent:
                consumer_named(consumer)(ids)

    def pay() -> None:
        for name in [*early, *late]:
            world.send(world.event(subject=name, key=f"pay-{name}"))
            world.send(world.reversal(f"pay-{name}", subject=name, key=f"back-{name}"))
        done.set()

    at_once(work, work, pay)
    settle()
    there = set(DerivedEvent.objects.filter(event__isnull=False).values_list("event", flat=True))
    assert len(there) >= 2 * len(early)
    assert there == set(EventReversal.objects.filter(original__in=there).values_list("original", flat=True))
    assert not MemberBadge.objects.exists()
    assert points() == 0
