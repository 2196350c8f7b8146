"""What members have: now, as recorded at a past moment, or as it happened by then."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from ledger.models import Book
from ledger.rules.balances import Balance, Holding, balance_on
from ledger.selectors.due import local_day

type Wallets = dict[tuple[int, UUID], Balance]


def wallets(*, books: Sequence[Book], owners: Sequence[UUID], at: datetime) -> Wallets:
    """Balances of members at this moment, by (book id, owner); one query. Members without accounts have zeros.

    ``at`` is now: it decides what has lapsed and what is due.
    """
    return _read(NOW, books, owners, at)


def wallets_recorded(*, books: Sequence[Book], owners: Sequence[UUID], at: datetime) -> Wallets:
    """Balances as they stood in the database at a past moment; one query."""
    return _read(PAST.format(moment="recorded_at"), books, owners, at)


def wallets_effective(*, books: Sequence[Book], owners: Sequence[UUID], at: datetime) -> Wallets:
    """Balances from what had happened by a moment, whenever it was recorded; one query."""
    return _read(PAST.format(moment="occurred_at"), books, owners, at)


def _read(query: str, books: Sequence[Book], owners: Sequence[UUID], at: datetime) -> Wallets:
    holdings: dict[tuple[int, UUID], list[Holding]] = {}
    owed: dict[tuple[int, UUID], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(query, {"books": [book.pk for book in books], "owners": list(owners), "at": at})
        for book_id, owner, purpose, available_on, expires_on, points in cursor.fetchall():
            if purpose == "debt":
                owed[book_id, owner] = -points
            else:
                holding = Holding(purpose == "pending", available_on, expires_on, points)
                holdings.setdefault((book_id, owner), []).append(holding)
    return {
        (book.pk, owner): balance_on(
            day=local_day(book, at), holdings=holdings.get((book.pk, owner), ()), owed=owed.get((book.pk, owner), 0)
        )
        for book in books
        for owner in owners
    }


NOW = """
    SELECT a.book_id, a.owner, a.purpose, l.available_on, l.expires_on, coalesce(l.remaining, a.balance)
      FROM ledger_account a LEFT JOIN ledger_lot l ON l.account_id = a.id AND l.remaining > 0
     WHERE a.owner = ANY(%(owners)s) AND a.book_id = ANY(%(books)s) AND (l.id IS NOT NULL OR NOT a.lots)"""

# A lot then: what was put in, less what was used, plus what was renewed into it. Without lots: in minus out.
PAST = """
    WITH mine AS (
        SELECT id, book_id, owner, purpose, lots FROM ledger_account
         WHERE owner = ANY(%(owners)s) AND book_id = ANY(%(books)s)
    ), moved AS (
        SELECT a.id, t.available_on, t.expires_on, t.amount AS points, t.journal_id
          FROM mine a JOIN ledger_transfer t ON t.dst_id = a.id AND (t.reverses_id IS NULL OR NOT a.lots)
         UNION ALL
        SELECT a.id, t.available_on, t.expires_on, -t.amount, t.journal_id
          FROM mine a JOIN ledger_transfer t ON t.src_id = a.id WHERE NOT a.lots
         UNION ALL
        SELECT a.id, l.available_on, l.expires_on, -u.amount, t.journal_id
          FROM mine a JOIN ledger_lot l ON l.account_id = a.id
          JOIN ledger_lotuse u ON u.lot_id = l.id AND u.renewed_into_id IS NULL
          JOIN ledger_transfer t ON t.id = u.transfer_id
         UNION ALL
        SELECT a.id, l.available_on, l.expires_on, -u.amount, t.journal_id
          FROM mine a JOIN ledger_lot l ON l.account_id = a.id
          JOIN ledger_lotuse u ON u.renewed_into_id = l.id
          JOIN ledger_transfer t ON t.id = u.transfer_id
    )
    SELECT a.book_id, a.owner, a.purpose,
           CASE WHEN a.lots THEN m.available_on END, CASE WHEN a.lots THEN m.expires_on END, sum(m.points)::bigint
      FROM moved m JOIN mine a ON a.id = m.id
      JOIN ledger_journal j ON j.id = m.journal_id AND j.{moment} <= %(at)s
     GROUP BY 1, 2, 3, 4, 5"""
