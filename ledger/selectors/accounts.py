"""Which accounts members have."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from core.services import prepared
from ledger.models import Book


class MemberAccounts(NamedTuple):
    """A member's accounts in a book (ids), what stands in them, and the debt as a positive number."""

    wallet: int
    pending: int
    debt: int
    wallet_balance: int
    pending_balance: int
    owed: int


def member_accounts(*, books: Sequence[Book], owners: Sequence[UUID]) -> dict[tuple[int, UUID], MemberAccounts]:
    """Accounts of members by (book id, owner); one query. Accounts a member lacks have id 0."""
    with prepared.cursor() as cursor:
        cursor.execute(
            """SELECT book_id, owner, {ids}, {balances}
                 FROM ledger_account WHERE owner = ANY(%s) AND book_id = ANY(%s) GROUP BY 1, 2""".format(
                ids=", ".join(f"coalesce(max(id) FILTER (WHERE purpose = '{p}'), 0)" for p in PURPOSES),
                balances=", ".join(
                    f"coalesce(sum(balance) FILTER (WHERE purpose = '{p}'), 0)::bigint" for p in PURPOSES
                ),
            ),
            [list(owners), [book.pk for book in books]],
        )
        return {(row[0], row[1]): MemberAccounts._make((*row[2:7], -row[7])) for row in cursor.fetchall()}


PURPOSES = ("wallet", "pending", "debt")
