"""Events a second through the engine: one worker, two at once, beside a small and a full store; and their memory."""

import time

from django.db import connection
from django.db.models import Max

from campaigns.models import Event
from loyalty.operations.bench.figures import Figure
from loyalty.operations.bench.rows import rows_again
from loyalty.operations.bench.stores import Store, inside
from loyalty.operations.bench.worker import Report, run_workers

RATE = 2_000
SHARE = 0.5  # of what plain inserts of the same rows reach
TWO = 1.4
SLOWER = 0.85
MEMORY = 250


def ingest_batch(store: Store, events: int) -> list[Figure]:
    """One worker, batches of 1,000; then the same rows plainly."""
    (report,) = run_workers(store, [_run()], events=events)
    with inside(store):
        last = _last()
        plain = rows_again(first=last - events + 1, last=last)
        tidy()
    ratio = report.rate / plain
    target = f"≥ {SHARE} and ≥ {RATE:,}/s"
    ok = ratio >= SHARE and report.rate >= RATE
    return [Figure("ingest_batch", report.rate, "events/s", plain, ratio, target, ok), memory(report)]


def memory(report: Report) -> Figure:
    """The most that the worker held at a time."""
    return Figure("memory", report.peak, "MiB", None, None, f"≤ {MEMORY}", report.peak <= MEMORY)


def peak_memory(store: Store, events: int) -> list[Figure]:
    """The peak alone."""
    (report,) = run_workers(store, [_run()], events=events)
    return [memory(report)]


def ingest_batch_2(store: Store, events: int) -> list[Figure]:
    """Two workers at once on one program and its budgets; one worker is the yardstick."""
    (alone,) = run_workers(store, [_run()], events=events)
    both = run_workers(store, [f"{_run()}-{name}" for name in "ab"], events=events)
    together = sum(report.events for report in both) / _span(both)
    one = alone.events / _span([alone])
    ratio = together / one
    return [Figure("ingest_batch_2", together, "events/s", one, ratio, f"≥ {TWO}", ratio >= TWO)]


def growth(small: Store, full: Store, events: int) -> list[Figure]:
    """The same beside a tenth of the events and beside all: in turns, so that the machine's moods hit both."""
    rates: dict[str, list[float]] = {small.name: [], full.name: []}
    for store in (small, full, full, small):
        (report,) = run_workers(store, [_run()], events=events // 2)
        rates[store.name].append(report.rate)
    value, yardstick = (sum(rates[store.name]) / 2 for store in (full, small))
    ratio = value / yardstick
    return [Figure("growth", value, "events/s", yardstick, ratio, f"≥ {SLOWER}", ratio >= SLOWER)]


def _span(reports: list[Report]) -> float:
    return max(report.ended for report in reports) - min(report.began for report in reports)


def _run() -> str:
    return f"run-{time.time_ns()}"


def _last() -> int:
    return int(Event.objects.aggregate(last=Max("pk"))["last"])


def tidy() -> None:
    """Leave no bloat of one measurement to the next."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE campaigns_event, ledger_transfer, ledger_journal, members_memberfacts")
