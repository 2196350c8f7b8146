"""What budgets were given and what they paid, by day: folded days, and what was posted since."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db import connection

USED = """
    SELECT account, day, sum(used)::bigint, sum(returned)::bigint FROM (
        SELECT account_id AS account, day, used, returned FROM ledger_accountday
        WHERE account_id = ANY(%(accounts)s::bigint[])
        UNION ALL SELECT t.src_id, j.effective_on, t.amount, 0
        FROM ledger_journal j JOIN ledger_transfer t ON t.journal_id = j.id
        WHERE (j.xid, j.id) > (coalesce((SELECT xid FROM ledger_daysfollower), '0'),
                               coalesce((SELECT journal_id FROM ledger_daysfollower), 0))
            AND j.kind <> 'fund' AND t.src_id = ANY(%(accounts)s::bigint[])
        UNION ALL SELECT t.dst_id, j.effective_on, 0, t.amount
        FROM ledger_journal j JOIN ledger_transfer t ON t.journal_id = j.id
        WHERE (j.xid, j.id) > (coalesce((SELECT xid FROM ledger_daysfollower), '0'),
                               coalesce((SELECT journal_id FROM ledger_daysfollower), 0))
            AND j.kind <> 'fund' AND t.dst_id = ANY(%(accounts)s::bigint[])
    ) m GROUP BY 1, 2 ORDER BY 1, 2
"""
FUNDS = """
    SELECT account, min(day), sum(amount)::bigint FROM (
        SELECT t.dst_id AS account, j.effective_on AS day, t.amount
        FROM ledger_journal j JOIN ledger_transfer t ON t.journal_id = j.id
        WHERE j.kind = 'fund' AND j.book_id IN (SELECT id FROM ledger_book WHERE program_id = %(program)s)
        UNION ALL SELECT t.src_id, NULL, -t.amount
        FROM ledger_journal j JOIN ledger_transfer t ON t.journal_id = j.id
        WHERE j.kind = 'fund' AND j.book_id IN (SELECT id FROM ledger_book WHERE program_id = %(program)s)
    ) m GROUP BY 1
"""
FILLED = f"""
    SELECT a.id, a.code, b.unit, a.floor, a.balance, f.day, coalesce(f.filled, 0)
    FROM ledger_account a JOIN ledger_book b ON b.id = a.book_id
    LEFT JOIN ({FUNDS}) f(account, day, filled) ON f.account = a.id
    WHERE b.program_id = %(program)s AND a.purpose IN ('budget', 'campaign') AND NOT a.closed ORDER BY a.id
"""


class UsedDay(NamedTuple):
    """What an account paid on an accounting day, and what came back to it, in smallest units."""

    account_id: int
    day: date
    used: int
    returned: int


class Filled(NamedTuple):
    """A budget's or campaign's account. ``filled``: all it was given less what it passed on, since ``since``.

    ``floor`` None = without limit. What it used is ``filled`` less ``balance``.
    """

    account_id: int
    code: str
    unit: str
    floor: int | None
    balance: int
    since: date | None
    filled: int

    @property
    def used(self) -> int:
        """What it paid, less what came back."""
        return self.filled - self.balance


def used_days(accounts: Collection[int]) -> list[UsedDay]:
    """What these accounts paid by day, exact as of now; one query over days, not transfers."""
    with connection.cursor() as cursor:
        cursor.execute(USED, {"accounts": list(accounts)})
        return [UsedDay._make(row) for row in cursor.fetchall()]


def filled_accounts(program_id: int) -> list[Filled]:
    """All accounts of a program out of which awards are paid; one query that reads journals of kind ``fund`` alone."""
    with connection.cursor() as cursor:
        cursor.execute(FILLED, {"program": program_id})
        return [Filled._make(row) for row in cursor.fetchall()]
