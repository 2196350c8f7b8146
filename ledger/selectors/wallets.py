"""What members have: now, as recorded at a past moment, or as it happened by then."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.services import prepared
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


def points_kept(*, book: Book, owners: Sequence[UUID], since: datetime, at: datetime) -> dict[UUID, int]:
    """What members had at a past moment, had all the time since and can spend now; one query.

    Of a lot it is the least that was left in it from then on, by when things happened, whenever they were recorded.
    So whatever is spent of it, as of that moment, was there, and no balance of any later moment falls below zero.
    """
    with prepared.cursor() as cursor:
        days = {"day": local_day(book, since), "today": local_day(book, at)}
        cursor.execute(KEPT, {"books": [book.pk], "owners": list(owners), "since": since, **days})
        return dict.fromkeys(owners, 0) | dict(cursor.fetchall())


def _read(query: str, books: Sequence[Book], owners: Sequence[UUID], at: datetime) -> Wallets:
    holdings: dict[tuple[int, UUID], list[Holding]] = {}
    owed: dict[tuple[int, UUID], int] = {}
    with prepared.cursor() as cursor:
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
MOVED = """
    WITH mine AS (
        SELECT id, book_id, owner, purpose, lots FROM ledger_account
         WHERE owner = ANY(%(owners)s) AND book_id = ANY(%(books)s)
    ), moved AS (
        SELECT a.id, t.available_on, t.expires_on, t.funder_id, t.amount AS points, t.journal_id
          FROM mine a JOIN ledger_transfer t ON t.dst_id = a.id AND (t.reverses_id IS NULL OR NOT a.lots)
         UNION ALL
        SELECT a.id, t.available_on, t.expires_on, t.funder_id, -t.amount, t.journal_id
          FROM mine a JOIN ledger_transfer t ON t.src_id = a.id WHERE NOT a.lots
         UNION ALL
        SELECT a.id, l.available_on, l.expires_on, l.funder_id, -u.amount, t.journal_id
          FROM mine a JOIN ledger_lot l ON l.account_id = a.id
          JOIN ledger_lotuse u ON u.lot_id = l.id AND u.renewed_into_id IS NULL
          JOIN ledger_transfer t ON t.id = u.transfer_id
         UNION ALL
        SELECT a.id, l.available_on, l.expires_on, l.funder_id, -u.amount, t.journal_id
          FROM mine a JOIN ledger_lot l ON l.account_id = a.id
          JOIN ledger_lotuse u ON u.renewed_into_id = l.id
          JOIN ledger_transfer t ON t.id = u.transfer_id
    )"""
PAST = f"""{MOVED}
    SELECT a.book_id, a.owner, a.purpose,
           CASE WHEN a.lots THEN m.available_on END, CASE WHEN a.lots THEN m.expires_on END, sum(m.points)::bigint
      FROM moved m JOIN mine a ON a.id = m.id
      JOIN ledger_journal j ON j.id = m.journal_id AND j.{{moment}} <= %(at)s
     GROUP BY 1, 2, 3, 4, 5"""

# By lot, whether its points wait or have matured: what was there by the moment, then what was left after each change.
KEPT = f"""{MOVED}, changed AS (
        SELECT a.owner, m.expires_on, m.funder_id, greatest(j.occurred_at, %(since)s) AS moment, sum(m.points) AS points
          FROM moved m JOIN mine a ON a.id = m.id AND a.lots JOIN ledger_journal j ON j.id = m.journal_id
         WHERE (m.available_on IS NULL OR m.available_on <= %(day)s)
           AND (m.expires_on IS NULL OR m.expires_on >= %(today)s)
         GROUP BY 1, 2, 3, 4
    ), held AS (
        SELECT owner, expires_on, funder_id, moment,
               sum(points) OVER (PARTITION BY owner, expires_on, funder_id ORDER BY moment) AS points
          FROM changed
    ), kept AS (
        SELECT owner, min(points) AS points FROM held
         GROUP BY owner, expires_on, funder_id HAVING min(moment) = %(since)s
    )
    SELECT owner, sum(points)::bigint FROM kept WHERE points > 0 GROUP BY owner"""
