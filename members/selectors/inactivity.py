"""Whose points lapse because they did nothing for too long."""

from datetime import date
from typing import Any

from django.db import connection

from ledger.models import Book
from ledger.selectors.due import Plan

# Without any activity the clock runs from enrolment.
INACTIVE = """
      FROM members_member m
      LEFT JOIN members_memberfacts f ON f.member_id = m.id
      JOIN ledger_account a ON a.owner = m.uuid AND a.book_id = %(book)s AND a.purpose = 'wallet'
      JOIN ledger_lot l ON l.account_id = a.id AND l.remaining > 0
     WHERE m.program_id = %(program)s
       AND coalesce(f.last_active_on, (m.enrolled_at AT TIME ZONE %(zone)s)::date)
           + %(months)s * interval '1 month' < %(on)s"""


def inactive_members(*, book: Book, months: int, on: date) -> list[int]:
    """Members with points whose last activity is more than so many months before a local day, in lock order."""
    return [member for (member,) in _rows("SELECT DISTINCT m.id", "ORDER BY 1", book, months, on)]


def inactive_wallets(*, book: Book, months: int, on: date, members: list[int]) -> list[int]:
    """Wallets (account ids) of those of these members that are inactive."""
    rows = _rows("SELECT DISTINCT a.id", "AND m.id = ANY(%(members)s)", book, months, on, members=members)
    return [wallet for (wallet,) in rows]


def plan_inactive(*, book: Book, months: int, on: date) -> Plan:
    """Count what expiring inactive members' points would do."""
    counted = "SELECT count(DISTINCT a.id), coalesce(sum(l.remaining), 0)::bigint, count(*)"
    return Plan(*_rows(counted, "", book, months, on)[0])


def _rows(select: str, rest: str, book: Book, months: int, on: date, **more: Any) -> list[tuple[Any, ...]]:
    named = {"book": book.pk, "program": book.program_id, "zone": book.timezone, "months": months, "on": on, **more}
    with connection.cursor() as cursor:
        cursor.execute(f"{select} {INACTIVE} {rest}", named)
        return list(cursor.fetchall())
