"""What members hold in all."""

from typing import NamedTuple

from django.db import connection

from ledger.models import Book


class Outstanding(NamedTuple):
    """Smallest units that all members of a book have, wait for and owe (a positive number)."""

    available: int
    pending: int
    owed: int


def outstanding(book: Book) -> Outstanding:
    """Add up a book's member accounts: one pass over them, so ask seldom."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(balance) FILTER (WHERE purpose = 'wallet'), 0)::bigint,
                      coalesce(sum(balance) FILTER (WHERE purpose = 'pending'), 0)::bigint,
                      coalesce(-sum(balance) FILTER (WHERE purpose = 'debt'), 0)::bigint
                 FROM ledger_account WHERE book_id = %s AND owner IS NOT NULL""",
            [book.pk],
        )
        return Outstanding(*cursor.fetchone())
