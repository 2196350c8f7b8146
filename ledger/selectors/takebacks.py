"""What taking back awards must know: the awards, and what their members hold."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from core.services import prepared
from ledger.models import Book
from ledger.rules.takebacks import Award, Expired, HeldLot


class Awarded(NamedTuple):
    """An award's owner and book-keeping, and how much of it is not yet reversed."""

    owner: UUID
    award: Award
    left: int


class Figures(NamedTuple):
    """What a posted take-back moved: the member's own points, what came out of breakage, new debt."""

    taken: int
    from_breakage: int
    debt: int


def awarded(*, book: Book, transfers: Sequence[int]) -> dict[int, Awarded]:
    """Find awards to members by the ids of their transfers; one query."""
    with prepared.cursor() as cursor:
        cursor.execute(
            """SELECT t.id, t.src_id, t.available_on, t.expires_on, t.funder_id, a.owner,
                      t.amount - coalesce((SELECT sum(r.amount) FROM ledger_transfer r WHERE r.reverses_id = t.id), 0)
                 FROM ledger_transfer t JOIN ledger_account a ON a.id = t.dst_id
                WHERE t.id = ANY(%s) AND a.book_id = %s AND a.owner IS NOT NULL""",
            [list(transfers), book.pk],
        )
        return {row[0]: Awarded(row[5], Award(*row[:5]), int(row[6])) for row in cursor.fetchall()}


def holdings(*, book: Book, owners: Sequence[UUID]) -> dict[UUID, list[HeldLot]]:
    """Find all lots of members, first to expire first, with what of them stands in breakage; two queries."""
    with prepared.cursor() as cursor:
        cursor.execute(LOTS, [book.pk, list(owners)])
        rows = cursor.fetchall()
        cursor.execute(EXPIRED, [[row[1] for row in rows]])
        expired: dict[int, list[Expired]] = {}
        for lot, *gone in cursor.fetchall():
            expired.setdefault(lot, []).append(Expired(*gone))
    held: dict[UUID, list[HeldLot]] = {}
    for owner, lot, *fields in rows:
        held.setdefault(owner, []).append(HeldLot(*fields))
        held[owner][-1].expired = expired.get(lot, [])
    return held


def figures(*, journals: Sequence[int]) -> dict[int, Figures]:
    """Read back what posted take-backs moved, by journal id; one query."""
    with prepared.cursor() as cursor:
        cursor.execute(
            """SELECT t.journal_id,
                      coalesce(sum(t.amount) FILTER (WHERE a.purpose IN ('wallet', 'pending')), 0)::bigint
                      - coalesce(sum(t.amount) FILTER (WHERE a.purpose = 'breakage'), 0)::bigint,
                      coalesce(sum(t.amount) FILTER (WHERE a.purpose = 'breakage'), 0)::bigint,
                      coalesce(sum(t.amount) FILTER (WHERE a.purpose = 'debt'), 0)::bigint
                 FROM ledger_transfer t JOIN ledger_account a ON a.id = t.src_id
                WHERE t.journal_id = ANY(%s) GROUP BY 1""",
            [list(journals)],
        )
        return {journal: Figures(*moved) for journal, *moved in cursor.fetchall()}


# An account without lots (status points) counts as one that all awards share.
LOTS = """
    SELECT a.owner, coalesce(l.id, 0), a.id, a.purpose = 'pending', l.available_on, l.expires_on,
           coalesce(l.funder_id, 0), coalesce(l.remaining, a.balance)
      FROM ledger_account a LEFT JOIN ledger_lot l ON l.account_id = a.id
     WHERE a.book_id = %s AND a.owner = ANY(%s) AND a.purpose IN ('wallet', 'pending')
       AND (l.id IS NOT NULL OR NOT a.lots)
     ORDER BY l.expires_on, l.available_on, l.id"""

# An expire transfer empties one lot.
EXPIRED = """
    SELECT u.lot_id, t.id, t.src_id, t.dst_id,
           (t.amount - coalesce((SELECT sum(r.amount) FROM ledger_transfer r WHERE r.reverses_id = t.id), 0))::bigint
      FROM ledger_lotuse u
      JOIN ledger_transfer t ON t.id = u.transfer_id AND t.reverses_id IS NULL
      JOIN ledger_account b ON b.id = t.dst_id AND b.purpose = 'breakage'
     WHERE u.lot_id = ANY(%s) ORDER BY t.id"""
