"""``POST /redemptions`` from stock by eight clients, beside bare inserts; and sixty-four clients after ten vouchers."""

import http.client
import json
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus

from django.core.management import CommandError
from django.db import connection

from core.models import Program
from loyalty.operations.bench.figures import Figure
from loyalty.operations.bench.server import HOST, ask, serving
from loyalty.operations.bench.stores import Store, inside
from loyalty.operations.bench.sync import Request, bare_inserts, measure
from rewards.models import Reward
from rewards.models.categories import Kind, Stock
from rewards.services.stock import stock_codes

SLOWER = 14  # than a bare insert
CODES_A_SECOND = 1_000  # more than eight clients can take
REWARDS = 20  # among which members choose at random
CLIENTS, LAST = 64, 10
SOLD, REFUSED = str(HTTPStatus.CREATED.value), "out-of-stock"
RICH = """
    SELECT m.external_id FROM ledger_account a JOIN members_member m ON m.uuid = a.owner
    WHERE a.purpose = 'wallet' AND a.balance > 100 AND a.book_id = (SELECT id FROM ledger_book WHERE unit = 'points')
    LIMIT 5000
"""


def redeem_sync(store: Store, seconds: float) -> list[Figure]:
    """``seconds`` for each of the two; times in milliseconds."""
    bare = statistics.median(bare_inserts(store, seconds))
    codes = 2 * int(CODES_A_SECOND * (seconds + 1)) // REWARDS
    with _shop(store, codes, REWARDS) as (rewards, members), serving(store, "redemptions:write") as (port, token):
        headers = _headers(token)

        def client(name: str) -> Request:
            line, chance = http.client.HTTPConnection(HOST, port), random.Random(name)  # noqa: S311  # no secret

            def redeem(number: int) -> None:
                body = {
                    "member": chance.choice(members),
                    "reward": chance.choice(rewards),
                    "reference": f"{name}-{number}",
                }
                outcome = _redeem(line, headers, body)
                if outcome != SOLD:
                    raise CommandError(f"a redemption was answered with {outcome}")

            return redeem

        measure(client, 1.0)  # both server processes are warm
        p50 = statistics.median(measure(client, seconds))
    return [Figure("redeem_sync", p50, "ms p50", bare, p50 / bare, f"≤ {SLOWER}", p50 / bare <= SLOWER)]


def last_voucher(store: Store) -> list[Figure]:
    """How many of ``CLIENTS`` got one of the ``LAST`` vouchers, and how many were refused for that reason."""
    with _shop(store, LAST, 1) as ((reward,), members), serving(store, "redemptions:write") as (port, token):
        headers, together = _headers(token), threading.Barrier(CLIENTS)

        def buy(member: str) -> str:
            line = http.client.HTTPConnection(HOST, port)
            line.connect()
            together.wait()
            return _redeem(line, headers, {"member": member, "reward": reward, "reference": f"{reward}-{member}"})

        with ThreadPoolExecutor(CLIENTS) as clients:
            found = Counter(clients.map(buy, members[:CLIENTS]))
    sold, refused = found[SOLD], found[REFUSED]
    return [
        Figure("last_voucher", sold, "sold", None, None, str(LAST), sold == LAST),
        Figure("last_voucher_refused", refused, "refused", None, None, str(CLIENTS - LAST), refused == CLIENTS - LAST),
    ]


@contextmanager
def _shop(store: Store, codes: int, rewards: int) -> Iterator[tuple[list[str], list[str]]]:
    """Rewards for one point with so many codes each, for as long as it is measured, and members who can pay."""
    name = f"bench-{time.time_ns()}"
    with inside(store):
        program = Program.objects.get()
        rows = [bench_reward(program, f"{name}-{number}") for number in range(rewards)]
        for row in rows:
            stock_codes(reward=row, codes=[f"{row.code}-{number:06}" for number in range(codes)])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE rewards_voucher")
            cursor.execute(RICH)
            members = [member for (member,) in cursor.fetchall()]
    try:
        yield [row.code for row in rows], members
    finally:
        with inside(store):
            Reward.objects.filter(pk__in=[row.pk for row in rows]).update(retired=True)


def bench_reward(program: Program, code: str) -> Reward:
    """A voucher for one point, from stock, in every market."""
    return Reward.objects.create(
        program=program,
        code=code,
        kind=Kind.VOUCHER,
        category="food",
        brand="Bench",
        name=code,
        markets=list(program.markets.values_list("code", flat=True)),
        points=1,
        stock=Stock.CODES,
    )


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def _redeem(line: http.client.HTTPConnection, headers: dict[str, str], body: Mapping[str, str]) -> str:
    """The status of what was made, or the name of the problem."""
    keyed = {**headers, "Idempotency-Key": body["reference"]}
    status, answer = ask(line, "POST", "/api/v1/redemptions", keyed, json.dumps(body))
    if status == HTTPStatus.CONFLICT:
        return str(json.loads(answer)["type"]).removeprefix("/problems/")
    return str(status)
