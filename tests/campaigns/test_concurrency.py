"""Many at once: nothing is counted twice or lost, nothing is overspent, nobody waits for ever."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import count
from random import Random
from threading import Event as Flag
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import Error, connection
from django.db.models import Sum

from campaigns.models import (
    Contribution,
    Event,
    Outcome,
    Progress,
    ReachedMilestone,
    TotalCounter,
    WaitingReversal,
)
from core.models import Program, User
from core.refusals import InsufficientPoints
from ledger.models import Account, Book, Transfer
from ledger.services.sweeping import sweep
from members.models import Member, MemberDay
from members.selectors.locking import locked
from members.services.adjustments import adjust_points
from members.services.changes import patch_member
from members.services.rolling import roll_facts
from members.services.segments import set_segment_members
from tests.campaigns.goal_cases import goal_rule
from tests.campaigns.goal_cases import step as milestone
from tests.campaigns.world import NOW, World, campaign, document, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [f"m{number:02}" for number in range(12)]


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads of their own; raises what one of them raised."""

    def run(job: Callable[[], Any]) -> Any:  # whatever the job answers
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def enrol(world: World) -> World:
    for name in NAMES:
        world.member(name)
    return world


def payments(world: World, prefix: str, size: int, seed: int = 0) -> list[dict[str, Any]]:
    random = Random(seed)
    return [world.event("5.00", f"{prefix}{n:04}", subject=random.choice(NAMES)) for n in range(size)]


def sent(world: World, batches: Sequence[Sequence[dict[str, Any]]]) -> list[str]:
    return [answer.status for batch in batches for answer in world.send(*batch)]


def test_workers_on_one_budget_and_total_never_overspend_and_lose_no_event() -> None:
    world = enrol(
        make_world(
            everyday(),
            campaign("tight", rule("r", fixed(40)), fund="small"),
            campaign("few", rule("r", fixed(10)), limits=[{"total": {"points": 95, "times": 30}}]),
            campaign("own", rule("r", fixed(7), limits=[{"per_member": {"times": 2}}])),
            budgets=[{"code": "root", "points": 100_000}, {"code": "small", "parent": "root", "points": 1010}],
        )
    )
    batches = [[payments(world, f"{worker}-{n}-", 10, n) for n in range(8)] for worker in range(3)]
    at_once(*(partial(sent, world, mine) for mine in batches))
    assert Outcome.objects.filter(status="processed").count() == 240
    awards = Transfer.objects.filter(journal__kind="award").values_list("rule", "src__code").annotate(Sum("amount"))
    assert sorted(awards) == [
        ("base", "budget:root", 240 * 5),
        ("r", "budget:root", 95 + len(NAMES) * 2 * 7),
        ("r", "budget:small", 1000),
    ]
    assert dict(TotalCounter.objects.values_list("unit", "used")) == {"points": 95, "times": 10}


def test_the_same_event_sent_by_eight_at_once_is_worked_once() -> None:
    world = enrol(make_world(everyday()))
    for number in range(5):
        event = world.event("5.00", f"e{number}", subject="m00")
        answers = [found for (found,) in at_once(*[partial(world.send, event)] * 8)]
        assert sorted(answer.duplicate for answer in answers) == [False] + [True] * 7
        bodies = [{**(answer.body or {}), "duplicate": None} for answer in answers]
        assert bodies == [bodies[0]] * 8
    assert Account.objects.get(code__startswith="member:", balance__gt=0).balance == 25


def test_other_content_at_once_under_one_key_is_a_conflict_for_all_but_one() -> None:
    world = enrol(make_world(everyday()))
    events = [world.event(f"{amount}.00", "same", subject="m00") for amount in range(1, 7)]
    answers = [found for (found,) in at_once(*(partial(world.send, event) for event in events))]
    codes = sorted(answer.refusal.code if answer.refusal else "" for answer in answers)
    assert codes == [""] + ["event-conflict"] * 5
    assert MemberDay.objects.get().events == 1


def test_batches_that_overlap_in_opposite_orders_wait_for_each_other() -> None:
    world = enrol(make_world(everyday()))
    for number in range(4):
        batch = payments(world, f"{number}-", 60, number)
        results = at_once(*(partial(world.send, *part) for part in (batch, batch[::-1], batch[20:])))
        assert [answer.refusal for answers in results for answer in answers] == [None] * 160
        assert sum(not answer.duplicate for answers in results for answer in answers) == 60
    assert Outcome.objects.count() == 240


def test_a_reversal_that_races_its_original_takes_it_back() -> None:
    world = enrol(make_world(everyday()))
    for number in range(12):
        event = world.event("5.00", f"e{number}", subject="m00")
        back = world.reversal(f"e{number}", subject="m00", key=f"r{number}")
        at_once(partial(world.send, event), partial(world.send, back))
    assert not WaitingReversal.objects.exists()
    assert list(Outcome.objects.values_list("status", flat=True)) == ["processed"] * 24
    assert not Account.objects.filter(owner__isnull=False).exclude(balance=0).exists()


def test_workers_on_one_member_and_one_campaign_reach_each_milestone_once() -> None:
    lap = goal_rule(
        "laps", {"count": True, "window": "campaign", "repeat": True}, milestone(2, fixed(1)), milestone(5, fixed(10))
    )
    once = goal_rule("once", {"sum": "base", "window": "campaign"}, milestone("100.00", fixed(1000)))
    world = enrol(
        make_world(
            campaign("goals", lap, once, fund="small", limits=[{"total": {"points": 10_000, "per": "day"}}]),
            budgets=[{"code": "root", "points": 100_000}, {"code": "small", "parent": "root", "points": 20_000}],
        )
    )

    def of_worker(worker: int) -> list[list[dict[str, Any]]]:
        names = ["m00", *NAMES[worker::3]]
        return [
            [world.event("5.00", f"{worker}-{n}-{name}", subject=name) for name in names]
            + [world.reversal(f"{worker}-{n - 1}-{name}", subject=name) for name in names if n % 2]
            for n in range(8)
        ]

    at_once(*(partial(sent, world, of_worker(worker)) for worker in range(3)))
    counts = dict(Progress.objects.filter(goal__rule="laps").values_list("member__external_id", "value"))
    assert sum(counts.values()) == Contribution.objects.filter(progress__goal__rule="laps").count()
    for name, total in counts.items():
        reached = ReachedMilestone.objects.filter(member__external_id=name, goal__rule="laps")
        times = {reach: reached.filter(reach=reach).count() for reach in (2, 5)}
        assert times == {2: total // 5 + int(total % 5 >= 2), 5: total // 5}
        points = times[2] + 10 * times[5] + 1000 * int(total * 5 >= 100)
        owner = Member.objects.get(external_id=name).uuid
        assert sum(Account.objects.filter(owner=owner).values_list("balance", flat=True)) == points
    assert counts["m00"] == 12


def test_batches_that_pay_and_take_back_hold_counters_before_accounts() -> None:
    counted = campaign("counted", rule("r", fixed(1)), limits=[{"total": {"points": 10**9, "per": "day"}}])
    world = enrol(make_world(counted, budgets=[{"code": "root", "points": 10**6}]))
    days = [NOW.isoformat(), (NOW - timedelta(days=1)).isoformat()]

    def of_day(worker: int, day: int, prefix: str) -> list[dict[str, Any]]:
        names = NAMES[worker::4]  # members of its own: only what is shared is waited for
        return [world.event("5.00", f"{prefix}{worker}-{name}", subject=name, time=days[day]) for name in names]

    def pay_and_take_back(worker: int, before: list[list[dict[str, Any]]]) -> list[str]:
        """Pay for one day and take back of the other, while somebody else does the opposite."""
        statuses = []
        for number, old in enumerate(before):
            events = of_day(worker, worker % 2, f"new{number}-")
            backs = [world.reversal(e["id"], subject=e["subject"], key=f"then-{e['id']}") for e in old]
            statuses += sent(world, [[*events, *backs]])
        return statuses

    before = [[of_day(worker, 1 - worker % 2, f"old{number}-") for number in range(15)] for worker in range(4)]
    sent(world, [events for batches in before for events in batches])
    at = at_once(*(partial(pay_and_take_back, worker, batches) for worker, batches in enumerate(before)))
    assert at == [["processed"] * 15 * 6] * 4
    assert sum(TotalCounter.objects.values_list("used", flat=True)) == 4 * 15 * 3


def growing(step: int) -> dict[str, Any]:
    """A program file in which every load gives budgets more and changes a rule."""
    cash = {"cashback": {"fixed": {"SGD": "0.01"}}}
    return document(
        everyday(),
        campaign("own", rule("r", fixed(4), cash), fund="small", budget={"points": 1000 + 100 * step}),
        campaign("b", rule("r", fixed(5 + step), cash), fund={"small": 30, "program": 70}),
        budgets=[
            {"code": "root", "points": 100_000, "money": {"SGD": "5000.00"}},
            {"code": "small", "parent": "root", "points": 5000 + 50 * step, "money": {"SGD": f"{100 + step}.00"}},
        ],
    )


def test_a_program_is_loaded_anew_while_events_arrive() -> None:
    world = enrol(make_world(everyday()))
    world.reload(growing(0))
    batches = [[payments(world, f"{worker}-{n}-", 10, n) for n in range(10)] for worker in range(2)]

    def load_anew() -> list[str]:
        for step in range(1, 6):
            world.reload(growing(step))
        return []

    statuses = at_once(*(partial(sent, world, mine) for mine in batches), load_anew)
    assert statuses == [["processed"] * 100, ["processed"] * 100, []]


# -- everything at once -----------------------------------------------------------------------


def busy_world() -> World:
    return enrol(
        make_world(
            everyday(),
            campaign("soon", rule("r", fixed(40, expire={"days": 1}), fixed(9, pending_days=3)), fund="small"),
            campaign(
                "cash", rule("r", {"cashback": {"percent": "10"}}), limits=[{"total": {"times": 5, "per": "day"}}]
            ),
            campaign("vip", rule("r", fixed(1)), audience={"segment": "vip"}),
            campaign(
                "goals",
                goal_rule("sum", {"sum": "base", "window": "day", "repeat": True}, milestone("50.00", fixed(3))),
                limits=[{"total": {"points": 500, "per": "day"}}],
            ),
            budgets=[
                {"code": "root", "points": 900_000, "money": {"SGD": "5000.00"}},
                {"code": "small", "parent": "root", "points": 5000},
            ],
        )
    )


def lock_owners(owners: Sequence[Any]) -> None:
    list(locked(Member.objects.filter(uuid__in=owners)).values_list("id"))


class Busy:
    """Jobs that go on for so many seconds, a few rounds at least on a slow machine, and count their rounds."""

    LEAST = 5

    def __init__(self, world: World, seconds: float) -> None:
        self.world, self.until = world, time.monotonic() + seconds
        self.book = Book.objects.get(program=world.program, unit="points")
        self.people = [User.objects.create(username=name) for name in ("maker", "checker")]
        self.rounds: dict[str, int] = {}

    def repeat(self, name: str, job: Callable[[Random, int], object]) -> Callable[[], None]:
        def run() -> None:
            random = Random(name)
            for number in count():
                if number >= self.LEAST and time.monotonic() > self.until:
                    break
                job(random, number)
                self.rounds[name] = number + 1

        return run

    def engine(self, name: str) -> Callable[[], None]:
        def batch(random: Random, number: int) -> None:
            days = [timedelta(days=random.choice([0, 0, 0, 1, 2, 5])) for _ in range(12)]
            events = [
                self.world.event(
                    f"{random.randrange(1, 90)}.00", f"{name}-{number}-{place}", subject=random.choice(NAMES),
                    time=(NOW - day).isoformat(),
                )
                for place, day in enumerate(days)
            ]  # fmt: skip
            backs = [self.world.reversal(e["id"], subject=e["subject"]) for e in random.sample(events, number % 4)]
            halves = [
                self.world.reversal(f"{name}-{number - 1}-{n}", "1.00", subject=random.choice(NAMES)) for n in (0, 1)
            ]
            self.world.send(*events, *backs, *halves, at=random.choice([NOW, NOW + timedelta(days=4)]))

        return self.repeat(name, batch)

    def goodwill(self, random: Random, _: int) -> None:
        with contextlib.suppress(InsufficientPoints):
            adjust_points(
                program=self.world.program, reference=random.choice(NAMES), points=random.choice([-30, -5, 10]),
                because="test", by=self.people[0], approved_by=self.people[1], at=NOW + timedelta(days=2),
            )  # fmt: skip

    def sweep(self, random: Random, number: int) -> None:
        at = NOW + timedelta(days=random.choice([2, 3, 5]))
        sweep(book=self.book, at=at, lapsed=bool(number % 2), lock_owners=lock_owners, chunk=5)

    def invite(self, random: Random, _: int) -> None:
        set_segment_members(program=self.world.program, code="vip", external_ids=random.sample(NAMES, 6), at=NOW)

    def patch(self, random: Random, number: int) -> None:
        name = random.choice(NAMES)
        patch_member(program=self.world.program, reference=name, changes={"name": f"N{number}"}, at=NOW)
        roll_facts(program=self.world.program, at=NOW + timedelta(hours=number))


def run_busy(seconds: float) -> None:
    busy = Busy(busy_world(), seconds)
    other = {
        "goodwill": busy.goodwill,
        "sweep": busy.sweep,
        "sweep-2": busy.sweep,
        "invite": busy.invite,
        "patch": busy.patch,
    }
    at_once(busy.engine("one"), busy.engine("two"), *(busy.repeat(name, job) for name, job in other.items()))
    assert len(busy.rounds) == 7
    assert Event.objects.count() == Outcome.objects.count()
    assert not Account.objects.filter(code="budget:small", balance__lt=0).exists()
    assert Outcome.objects.filter(status="processed").count() > 50


def test_everything_at_once_without_a_deadlock() -> None:
    run_busy(5)


@pytest.mark.slow
@pytest.mark.abuse
@pytest.mark.timeout(900)
def test_everything_at_once_for_a_minute_without_a_deadlock() -> None:
    run_busy(60)


# -- killed -----------------------------------------------------------------------------------


def check_counted_once(world: World, events: Sequence[dict[str, Any]]) -> None:
    """After sending all again every event counted exactly once."""
    answers = world.send(*events)
    assert [answer.refusal for answer in answers] == [None] * len(events)
    assert Event.objects.count() == len(events)
    assert Outcome.objects.filter(status="processed").count() == len(events)
    assert MemberDay.objects.aggregate(all=Sum("events"))["all"] == len(events)
    points = Transfer.objects.filter(journal__kind="award").aggregate(all=Sum("amount"))["all"]
    assert points == 5 * len(events)


def test_connections_that_are_cut_in_the_middle_lose_and_double_nothing() -> None:
    world = enrol(make_world(everyday()))
    events = payments(world, "e", 300)
    done = Flag()

    def send() -> int:
        cuts = 0
        for first in range(0, len(events), 20):
            for _ in range(20):
                try:
                    world.send(*events[first : first + 20])
                    break
                except Error:
                    cuts += 1
                    connection.close()
        done.set()
        return cuts

    def cut() -> None:
        while not done.wait(0.03):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    " AND datname = current_database() AND state <> 'idle' AND backend_type = 'client backend'"
                )

    with as_owner():
        cuts, _ = at_once(send, cut)
    assert cuts > 0
    check_counted_once(world, events)


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Only the owner of the database may cut connections."""
    options = connection.settings_dict["OPTIONS"]
    role = options.pop("assume_role", None)
    yield
    if role:
        options["assume_role"] = role


def database_url() -> str:
    """The address of the test database, for another process."""
    named = connection.settings_dict
    parts = {"dbname": named["NAME"], "user": named["USER"], "password": named["PASSWORD"]}
    parts |= {"host": named["HOST"], "port": named["PORT"]}
    return psycopg.conninfo.make_conninfo(**{key: str(value) for key, value in parts.items() if value})


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing() -> None:
    world = enrol(make_world(everyday()))
    events = payments(world, "e", 1200)
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "loyalty.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    for number in range(3):
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.campaigns.sender", world.program.code, "100"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps(events))
        worker.stdin.close()
        for _ in range(1 + 150 * number):  # the first is killed in its first batch
            worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    assert Program.objects.count() == 1
    check_counted_once(world, events)
