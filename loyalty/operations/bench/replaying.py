"""Events a second that a simulation replays against a draft, beside what one worker takes in."""

import time
from datetime import datetime, timedelta

from django.db import connection

from campaigns.models import Event
from campaigns.services.simulation import simulate
from campaigns.services.trials import Draft, Trial
from core.models import Program
from loyalty.operations.bench.figures import Figure
from loyalty.operations.bench.stores import Store, inside
from loyalty.operations.bench.worker import run_workers

RATIO = 1.5
INGESTED = 10_000  # events by which the yardstick is measured
DRAFT = Draft(
    "bench-draft",
    {
        "starts": "2020-01-01T00:00:00Z",
        "rules": [
            {
                "code": "more",
                "event": "payment.completed",
                "when": {"fact": "member.amount_30d", "op": "gte", "value": "50.00"},
                "then": [{"points": {"fixed": 5}}],
                "limits": [{"per_member": {"times": 3, "per": "week"}}],
            }
        ],
    },
)
WRITTEN = """
    SELECT (SELECT max(id) FROM campaigns_event), (SELECT count(*) FROM campaigns_goal),
        (SELECT max(id) FROM ledger_transfer), (SELECT max(id) FROM core_outboxmessage)
"""


def simulate_draft(store: Store, events: int) -> list[Figure]:
    """Replay the first so many events of the history; nothing may be written, and what the draft gives comes on top."""
    (report,) = run_workers(store, [f"simulate-{time.time_ns()}"], events=min(events, INGESTED))
    with inside(store):
        program = Program.objects.get()
        since, until = _interval(program, events)
        before = _written()
        start = time.perf_counter()
        found = simulate(program=program, trial=Trial((DRAFT,)), since=since, until=until, report=lambda *_: None)
        rate = found["events"] / (time.perf_counter() - start)
        unchanged = _written() == before
    ratio = rate / report.rate
    gives = found["simulated"]["points"] > found["live"]["points"]
    target = f"≥ {RATIO}, nothing written, more given"
    return [Figure("simulate", rate, "events/s", report.rate, ratio, target, ratio >= RATIO and unchanged and gives)]


def _interval(program: Program, events: int) -> tuple[datetime, datetime]:
    """From the first event on, as long as so many take."""
    rows = Event.objects.filter(program=program).order_by("pk").values_list("time", flat=True)
    return rows[0], rows[events - 1] + timedelta(microseconds=1)


def _written() -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return tuple(cursor.fetchone())
