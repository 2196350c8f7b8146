"""Transfers a second through the posting service, in batches of growing size, beside a plain COPY."""

import random
import time
from collections.abc import Iterator

from django.db import connection, transaction
from django.utils import timezone

from core.models import Program
from ledger.models import Account, Book
from ledger.services.posting import Entry, Movement, post
from loyalty.operations.bench.figures import Figure
from loyalty.operations.bench.stores import Store, inside

SIZES = (1, 10, 100, 500, 5000)
JUDGED = 500
SHARE = 0.07
NOISE = 0.9  # a rate that is a tenth lower has not fallen
BUDGET = "budget:central"
COLUMNS = "journal_id, src_id, dst_id, amount, expires_on, funder_id, member_id, campaign_version_id, rule, event_id"
COPIED = 50_000


def posting(store: Store, seconds: float) -> list[Figure]:
    """``seconds`` for each size: awards with lots, out of one budget to wallets drawn at random."""
    with inside(store):
        plain = copied(store)
        rates = {size: posted(store, size, seconds) for size in SIZES}
    figures = [_figure(f"posting_{size}", rates, size, plain) for size in SIZES if size != JUDGED]
    ratio = rates[JUDGED] / plain
    judged = Figure("posting", rates[JUDGED], "transfers/s", plain, ratio, f"≥ {SHARE}", ratio >= SHARE)
    return [judged, *figures]


def _figure(name: str, rates: dict[int, float], size: int, plain: float) -> Figure:
    """A rate must not fall as batches grow."""
    smaller = max((rate for other, rate in rates.items() if other < size), default=0.0)
    ok = rates[size] >= NOISE * smaller
    return Figure(name, rates[size], "transfers/s", plain, rates[size] / plain, "never falls with size", ok)


def posted(store: Store, size: int, seconds: float) -> float:
    """Transfers a second in batches of ``size``, each a transaction; making the entries is not counted."""
    book = Book.objects.get(program=Program.objects.get(), unit="points")
    budget = Account.objects.get(book=book, code=BUDGET).pk
    spent, done = 0.0, 0
    for entries in _batches(store, budget, size):
        start = time.perf_counter()
        with transaction.atomic():
            post(book=book, entries=entries, all_or_nothing=True)
        spent += time.perf_counter() - start
        done += size
        if spent >= seconds:
            break
    return done / spent


def _batches(store: Store, budget: int, size: int) -> Iterator[list[Entry]]:
    """Awards whose keys are new."""
    run, at = time.time_ns(), timezone.now()
    chance = random.Random(run)  # noqa: S311  # no secret
    wallets, expires_on = first_wallet(), at.date().replace(year=at.year + 1, day=28)
    number = 0
    while True:
        entries = []
        for _ in range(size):
            number += 1
            move = Movement(budget, wallets + chance.randint(1, store.members), 10, expires_on=expires_on)
            entries.append(Entry(f"bench:{run}:{number}", "award", at, [move], event_id=None, rule="bench"))
        yield entries


def first_wallet() -> int:
    """Member 1's points wallet; the others' follow."""
    return (
        Account.objects.filter(book__unit="points", purpose="wallet").order_by("pk").values_list("pk", flat=True)[0] - 1
    )


def copied(store: Store) -> float:
    """Rows a second by COPY into a table with the columns and indexes of transfers, and nothing else."""
    chance = random.Random(84)  # noqa: S311  # no secret
    rows = "".join(
        f"{n}\t4\t{1000 + chance.randint(1, store.members)}\t10\t2027-11-28\t4\t{n % store.members}\t1\tbase\t{n}\n"
        for n in range(COPIED)
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_copy")
        cursor.execute("CREATE TABLE bench_copy (LIKE ledger_transfer INCLUDING IDENTITY INCLUDING INDEXES)")
        start = time.perf_counter()
        with cursor.copy(f"COPY bench_copy ({COLUMNS}) FROM STDIN") as copy:
            copy.write(rows)
        spent = time.perf_counter() - start
        cursor.execute("DROP TABLE bench_copy")
    return COPIED / spent
