"""What giving back spends must know: what is left to give back of them, and what their members owe."""

from collections.abc import Sequence
from typing import NamedTuple

from core.services import prepared
from ledger.models import Book


class Spent(NamedTuple):
    """A spend: from where to where, how much of it is not yet given back; the payer's debt account and its debt.

    ``debt`` 0 = the payer has no such account, and owes nothing. ``owed`` is a positive number.
    """

    src: int
    dst: int
    left: int
    debt: int
    owed: int


def spent(*, book: Book, transfers: Sequence[int]) -> dict[int, Spent]:
    """Find spends of this book by the ids of their transfers; one query."""
    with prepared.cursor() as cursor:
        cursor.execute(
            """SELECT t.id, t.src_id, t.dst_id,
                      (t.amount - coalesce((SELECT sum(r.amount) FROM ledger_transfer r WHERE r.reverses_id = t.id), 0)
                      )::bigint,
                      coalesce(d.id, 0), coalesce(-d.balance, 0)
                 FROM ledger_transfer t JOIN ledger_account a ON a.id = t.src_id
                 LEFT JOIN ledger_account d ON d.owner = a.owner AND d.book_id = a.book_id AND d.purpose = 'debt'
                WHERE t.id = ANY(%s) AND a.book_id = %s""",
            [list(transfers), book.pk],
        )
        return {row[0]: Spent(*row[1:]) for row in cursor.fetchall()}
