"""What a night does to a whole store: reviewing tiers, expiring points."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core.models import Program
from core.rules.arrays import columns
from ledger.models import Book
from ledger.selectors.due import DueLot, due_lots, due_owners, local_day
from ledger.services.sweeping import sweep
from loyalty.operations.bench.figures import Figure
from loyalty.operations.bench.stores import Store, inside
from loyalty.operations.nightly import lock_owners
from members.services.reviews import review_tiers

SECONDS = 60  # for a million members
MILLION = 1_000_000
SHARE = 0.6
CHUNK = 1000  # members in one transaction, as the sweep has it
FIFTH = 5  # one in so many members has points that lapse tonight
# A night with much to do, several times what a usual one has: of two hundred members two hold platinum that most have
# not earned, one comes to the end of the grace, and one has earned the tier again.
LAY_OUT = """
    UPDATE members_member SET tier_since = %(since)s, tier_until = NULL,
        grace_until = CASE WHEN id %% 200 < 2 THEN NULL WHEN id %% 200 = 2 THEN %(past)s ELSE %(future)s END,
        tier_id = CASE WHEN id %% 200 < 3 THEN %(platinum)s ELSE tier_id END
    WHERE id %% 200 < 4
"""
SCAN = "SELECT sum(amount_12m), sum(events_12m), sum(status_points_12m) FROM members_memberfacts"
# A lot of every fifth member's wallet lapsed, on a day before all others: no other lot is like it.
LAPSE = """
    UPDATE ledger_lot SET expires_on = least(%(today)s, (SELECT min(expires_on) FROM ledger_lot)) - 1 WHERE id IN (
        SELECT min(l.id) FROM ledger_lot l JOIN ledger_account a ON a.id = l.account_id
        JOIN members_member m ON m.uuid = a.owner
        WHERE a.book_id = %(book)s AND a.purpose = 'wallet' AND l.remaining > 0 AND m.id %% %(fifth)s = %(nth)s
        GROUP BY l.account_id)
"""
JOURNALS = """
    INSERT INTO ledger_journal (id, book_id, key, fingerprint, kind, occurred_at, effective_on)
    SELECT id, %s, key, sha256(key::bytea), 'expire', %s, %s FROM unnest(%s::bigint[], %s::text[]) AS j(id, key)
"""
TRANSFERS = """
    INSERT INTO ledger_transfer (journal_id, src_id, dst_id, amount, expires_on, available_on, funder_id)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::bigint[])
"""
RESERVE = """
    SELECT setval(pg_get_serial_sequence('ledger_journal', 'id'), max(id) + %s) - %s FROM ledger_journal
"""


def tier_review(store: Store) -> list[Figure]:
    """The review of all members' tiers on a night on which one in fifty is to be touched; a scan of the facts."""
    with inside(store):
        program, at = Program.objects.get(), timezone.now()
        tiers = dict(program.tiers.values_list("code", "id"))
        today = at.date()
        days = {
            "past": today - timedelta(days=3),
            "future": today + timedelta(days=9),
            "since": at - timedelta(days=90),
        }
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE members_notice")
            cursor.execute(LAY_OUT, {**days, **tiers})
            cursor.execute("VACUUM ANALYZE members_member, members_memberfacts")
            start = time.perf_counter()
            cursor.execute(SCAN)
            scan = time.perf_counter() - start
        start = time.perf_counter()
        review_tiers(program=program, at=at)
        spent = time.perf_counter() - start
    scale = MILLION / store.members
    target = f"≤ {SECONDS} per million members"
    return [Figure("tier_review", spent * scale, "s", scan * scale, spent / scan, target, spent * scale <= SECONDS)]


def expiry(store: Store) -> list[Figure]:
    """The sweep of lapsed points of a fifth of the members; the same journals and transfers, plainly inserted."""
    with inside(store):
        book = Book.objects.get(program=Program.objects.get(), unit="points")
        at = timezone.now()
        nth = time.time_ns() % FIFTH  # another fifth each time: lots are used up
        let_lapse(book, at, nth=nth)
        start = time.perf_counter()
        done = sweep(book=book, at=at, lapsed=True, lock_owners=lock_owners)
        rate = done.lots / (time.perf_counter() - start)
        let_lapse(book, at, nth=(nth + 1) % FIFTH)
        plain = expired_plainly(book, at)
    ratio = rate / plain
    return [Figure("expiry", rate, "lots/s", plain, ratio, f"≥ {SHARE}", ratio >= SHARE)]


def let_lapse(book: Book, at: datetime, *, nth: int) -> None:
    """Let a lot lapse of every fifth member: those whose number leaves ``nth``."""
    with as_history(), connection.cursor() as cursor:
        cursor.execute(LAPSE, {"today": local_day(book, at), "book": book.pk, "fifth": FIFTH, "nth": nth})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ledger_lot")


@contextmanager
def as_history() -> Iterator[None]:
    """Write lots as the history was written: no trigger says that only transfers may."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_lot DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE ledger_lot ENABLE TRIGGER USER")


def expired_plainly(book: Book, at: datetime) -> float:
    """Lots a second by two inserts a thousand members, all prepared; the trigger moves balances and lots."""
    on = local_day(book, at)
    lots = due_lots(book=book, on=on, owners=due_owners(book=book, on=on, lapsed=True), lapsed=True)
    first = _reserve(len(lots))
    prepared = [_prepare(book, at, on, list(chunk)) for chunk in batched(enumerate(lots, first), CHUNK)]
    start = time.perf_counter()
    for statements in prepared:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, parameters in statements:
                cursor.execute(sql, parameters)
    return len(lots) / (time.perf_counter() - start)


def _reserve(number: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, [number, number])
        return int(cursor.fetchone()[0]) + 1


def _prepare(book: Book, at: datetime, on: date, lots: list[tuple[int, DueLot]]) -> list[tuple[str, list[Any]]]:
    journals = columns((journal, f"plain:{journal}") for journal, _ in lots)
    rows = columns(
        (journal, lot.account, lot.breakage, lot.remaining, lot.expires_on, lot.available_on, lot.funder)
        for journal, lot in lots
    )
    return [(JOURNALS, [book.pk, at, on, *journals]), (TRANSFERS, list(rows))]
