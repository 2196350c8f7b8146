"""A member's ledger: every movement of points in and out, newest first; and the journal as an outbox."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from core.services import prepared
from ledger.models import Book


class LedgerEntry(NamedTuple):
    """One movement, signed, with the balance (available + pending of its book) after it.

    ``kind`` is one of award spend refund reverse repay expire mature adjust migrate transfer. Maturing moves points
    from pending to available and so counts 0; its ``moved`` says how many. ``key`` is that of its journal.
    """

    id: int
    book_id: int
    kind: str
    amount: int
    moved: int
    balance: int
    occurred_at: datetime
    recorded_at: datetime
    expires_on: date | None
    available_on: date | None
    member_id: int | None
    campaign_version_id: int | None
    rule: str | None
    event_id: int | None
    key: str


class Position(NamedTuple):
    """Where a page ended: the last entry's id, and what the balances were before it, by book id."""

    before: int
    balances: dict[int, int]


def member_entries(
    *, books: Sequence[Book], owner: UUID, limit: int, after: Position | None = None
) -> tuple[list[LedgerEntry], Position | None]:
    """A page of a member's entries, newest first, and where the next one begins; one query, at any depth.

    The entries of a book add up to its wallet and pending accounts' balances.
    """
    with prepared.cursor() as cursor:
        cursor.execute(
            ENTRIES,
            {
                "owner": owner,
                "books": [book.pk for book in books],
                "before": after.before if after else NEWEST,
                "limit": limit + 1,
            },
        )
        rows = cursor.fetchall()
    balances = dict(after.balances) if after else {}
    entries = []
    for row in rows[:limit]:
        book_id, amount = row[1], row[3]
        balance = balances.setdefault(book_id, row[-1])
        entries.append(LedgerEntry._make((*row[:5], balance, *row[5:-1])))
        balances[book_id] = balance - amount
    return entries, Position(entries[-1].id, balances) if len(rows) > limit else None


NEWEST = 2**63 - 1


def entries_of_events(*, books: Sequence[Book], owner: UUID, events: Sequence[int]) -> list[LedgerEntry]:
    """All entries of a member that these events (ids) caused, oldest first, without balances (0); one query."""
    if not events:
        return []
    return _plain(OF_EVENTS, books=books, owner=owner, events=list(events))


def outgoing_entries(
    *, books: Sequence[Book], owner: UUID, kinds: Sequence[str], before: int, limit: int
) -> list[LedgerEntry]:
    """Entries of some kinds by which value left a member, newest first from before an id, without balances (0)."""
    return _plain(OUTGOING, books=books, owner=owner, kinds=list(kinds), before=before, limit=limit)


def _plain(
    query: str, *, books: Sequence[Book], owner: UUID, **asked: int | list[int] | list[str]
) -> list[LedgerEntry]:
    with prepared.cursor() as cursor:
        cursor.execute(query, {"owner": owner, "books": [book.pk for book in books], **asked})
        return [LedgerEntry._make((*row[:5], 0, *row[5:])) for row in cursor.fetchall()]


# Bounds and order are those of the index by account and id. Written as "account = … ORDER BY id", the planner may walk
# all transfers by their ids instead, as some accounts have nearly all of them.
MINE = """
    WITH mine AS (
        SELECT id, book_id FROM ledger_account
         WHERE owner = %(owner)s AND book_id = ANY(%(books)s) AND purpose IN ('wallet', 'pending')
    )"""
FULL = """
    SELECT p.id, p.book_id, p.kind, p.amount, t.amount, j.occurred_at, j.recorded_at, t.expires_on, t.available_on,
           t.member_id, t.campaign_version_id, t.rule, t.event_id, j.key
      FROM page p JOIN ledger_transfer t ON t.id = p.id JOIN ledger_journal j ON j.id = t.journal_id"""
KIND = "CASE WHEN dst.purpose = 'debt' THEN 'repay' WHEN src.purpose = 'breakage' THEN 'expire' ELSE j.kind END"
OF_EVENTS = f"""{MINE}, page AS (
        SELECT t.id, m.book_id, {KIND} AS kind,
               sum(CASE WHEN t.dst_id = m.id THEN t.amount ELSE -t.amount END)::bigint AS amount
          FROM ledger_transfer t JOIN mine m ON m.id IN (t.src_id, t.dst_id)
          JOIN ledger_journal j ON j.id = t.journal_id
          JOIN ledger_account src ON src.id = t.src_id JOIN ledger_account dst ON dst.id = t.dst_id
         WHERE t.event_id = ANY(%(events)s) GROUP BY 1, 2, 3
    ){FULL} ORDER BY p.id"""
OUTGOING = f"""{MINE}, page AS (
        SELECT o.* FROM mine m CROSS JOIN LATERAL (
            SELECT t.id, m.book_id, j.kind, -t.amount AS amount
              FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id
             WHERE (t.src_id, t.id) < (m.id, %(before)s) AND t.src_id >= m.id AND j.kind = ANY(%(kinds)s)
             ORDER BY t.src_id DESC, t.id DESC LIMIT %(limit)s) o
         ORDER BY id DESC LIMIT %(limit)s
    ){FULL} ORDER BY p.id DESC"""
# Purposes are looked up, not joined: planning the order of two more joins takes longer than running all of it.
ENTRIES = """
    WITH mine AS (
        SELECT id, book_id, balance FROM ledger_account
         WHERE owner = %(owner)s AND book_id = ANY(%(books)s) AND purpose IN ('wallet', 'pending')
    ), legs AS (
        SELECT t.id, a.book_id, t.amount FROM mine a CROSS JOIN LATERAL (
            SELECT id, amount FROM ledger_transfer WHERE (dst_id, id) < (a.id, %(before)s) AND dst_id >= a.id
             ORDER BY dst_id DESC, id DESC LIMIT %(limit)s) t
         UNION ALL
        SELECT t.id, a.book_id, -t.amount FROM mine a CROSS JOIN LATERAL (
            SELECT id, amount FROM ledger_transfer WHERE (src_id, id) < (a.id, %(before)s) AND src_id >= a.id
             ORDER BY src_id DESC, id DESC LIMIT %(limit)s) t
    ), page AS (
        SELECT id, book_id, sum(amount)::bigint AS amount FROM legs GROUP BY 1, 2 ORDER BY id DESC LIMIT %(limit)s
    )
    SELECT p.id, p.book_id,
           CASE WHEN (SELECT purpose FROM ledger_account WHERE id = t.dst_id) = 'debt' THEN 'repay'
                WHEN (SELECT purpose FROM ledger_account WHERE id = t.src_id) = 'breakage' THEN 'expire'
                ELSE j.kind END,
           p.amount, t.amount, j.occurred_at, j.recorded_at, t.expires_on, t.available_on,
           t.member_id, t.campaign_version_id, t.rule, t.event_id, j.key,
           (SELECT sum(balance) FROM mine WHERE mine.book_id = p.book_id)::bigint
      FROM page p
      JOIN ledger_transfer t ON t.id = p.id
      JOIN ledger_journal j ON j.id = t.journal_id
     ORDER BY p.id DESC"""


class Followed(NamedTuple):
    """A journal as its readers see it; (``xid``, ``id``) is the position to go on from."""

    xid: int
    id: int
    book_id: int
    key: str
    kind: str
    occurred_at: datetime
    recorded_at: datetime


def follow_journal(*, after: tuple[int, int], limit: int) -> list[Followed]:
    """Journals after a position (start with (0, 0)), only those before which nothing can commit any more.

    Ids alone are not enough: a slow transaction commits a lower id after a reader saw a higher one.
    """
    with prepared.cursor() as cursor:
        cursor.execute(
            """SELECT xid::text::bigint, id, book_id, key, kind, occurred_at, recorded_at FROM ledger_journal
                WHERE (xid, id) > (%s::text::xid8, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())
                ORDER BY ledger_journal.xid, id LIMIT %s""",
            [str(after[0]), after[1], limit],
        )
        return [Followed(*row) for row in cursor.fetchall()]
