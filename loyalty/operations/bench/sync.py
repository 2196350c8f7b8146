"""``POST /events`` by eight clients on the real server, beside one bare insert and commit by eight clients."""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import psycopg
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from loyalty.operations.bench.figures import Figure
from loyalty.operations.bench.server import HOST, ask, serving
from loyalty.operations.bench.stores import Store, database_url, inside
from loyalty.operations.bench.traffic import batches

CLIENTS = 8
SLOWER = 12  # than a bare insert
TAIL = 10  # times the median
WARM_UP = 30  # requests of each client before the clock counts
STATISTICS = 1.5  # seconds after which an idle backend has reported its times

type Request = Callable[[int], None]


def event_sync(store: Store, seconds: float) -> list[Figure]:
    """``seconds`` for each of the two; times in milliseconds."""
    bare = statistics.median(bare_inserts(store, seconds))
    with serving(store, "events:write") as (port, token):
        _posts(store, port, token, 1.0)  # both server processes have read their configuration
        before = _active(store)
        times = _posts(store, port, token, seconds)
        share = (_active(store) - before) / sum(times)
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    return [
        Figure("event_sync", p50, "ms p50", bare, p50 / bare, f"≤ {SLOWER}", p50 / bare <= SLOWER),
        Figure("event_sync_p99", p99, "ms p99", p50, p99 / p50, f"≤ {TAIL}", p99 / p50 <= TAIL),
        Figure("event_sync_database", 100 * share, "% of the time in the database", None, None, "–", ok=True),
    ]


def _posts(store: Store, port: int, token: str, seconds: float) -> list[float]:
    """Milliseconds of each request."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def client(name: str) -> Request:
        line = http.client.HTTPConnection(HOST, port)
        events = batches(run=name, events=10**9, members=store.members, at=timezone.now(), size=1)

        def post(_number: int) -> None:
            (event,) = next(events)
            status, answer = ask(line, "POST", "/api/v1/events", headers, json.dumps(event))
            if status != HTTPStatus.CREATED:
                raise CommandError(f"{status}: {answer!r}")

        return post

    return measure(client, seconds)


def bare_inserts(store: Store, seconds: float) -> list[float]:
    """Milliseconds of each insert with its commit."""
    with inside(store), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_insert (id bigint GENERATED ALWAYS AS IDENTITY, name text)")

    def client(name: str) -> Request:
        line = psycopg.connect(database_url(store), autocommit=True)

        def insert(number: int) -> None:
            line.execute("INSERT INTO bench_insert (name) VALUES (%s)", [f"{name}-{number}"])

        return insert

    return measure(client, seconds)


def measure(make_client: Callable[[str], Request], seconds: float) -> list[float]:
    """Let all clients do one thing after the other, together, for so long; milliseconds of each."""
    run, together = time.time_ns(), threading.Barrier(CLIENTS)

    def work(number: int) -> list[float]:
        try:
            request = make_client(f"sync-{run}-{number}")
            for turn in range(WARM_UP):
                request(turn)
            together.wait()
            return _timed(request, seconds)
        except Exception:
            together.abort()
            raise

    with ThreadPoolExecutor(CLIENTS) as clients:
        return [taken for times in clients.map(work, range(CLIENTS)) for taken in times]


def _timed(request: Request, seconds: float) -> list[float]:
    times, end, turn = [], time.perf_counter() + seconds, WARM_UP
    while (start := time.perf_counter()) < end:
        request(turn)
        times.append(1000 * (time.perf_counter() - start))
        turn += 1
    return times


def _active(store: Store) -> float:
    """Milliseconds that all sessions of a store have spent in statements so far."""
    time.sleep(STATISTICS)
    with inside(store), connection.cursor() as cursor:
        cursor.execute("SELECT active_time FROM pg_stat_database WHERE datname = %s", [store.name])
        return float(cursor.fetchone()[0])
