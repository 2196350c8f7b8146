"""Lots whose day has come: pending points that became available, points that lapsed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from core.rules.arrays import array
from ledger.models import Book


class DueLot(NamedTuple):
    """A lot to settle. ``key`` names this state of it; ``lapsed`` = past its last good day, else it matures."""

    owner: UUID
    account: int
    available_on: date | None
    expires_on: date | None
    funder: int
    remaining: int
    key: str
    lapsed: bool
    wallet: int
    debt: int
    owed: int
    breakage: int


class Plan(NamedTuple):
    """How many members' wallets, points and lots a run would touch."""

    wallets: int
    points: int
    lots: int


def local_day(book: Book, at: datetime) -> date:
    """Day of a moment in the book's time zone."""
    return at.astimezone(ZoneInfo(book.timezone)).date()


# A lapsed pending lot does not mature first: it is breakage where it stands.
LAPSED = "l.expires_on < %(on)s"
MATURE = "a.purpose = 'pending' AND l.available_on <= %(on)s AND coalesce(l.expires_on >= %(on)s, true)"
DUE = {True: f"({LAPSED})", False: f"({MATURE})", None: f"({LAPSED} OR {MATURE})"}


def due_lots(*, book: Book, on: date, owners: Sequence[UUID], lapsed: bool | None = None) -> list[DueLot]:
    """Lots of these members that are due on a local day, oldest first; one query. ``lapsed``: those only, or not those.

    The key counts what was ever put in and how often the lot was used, so each state of a lot is settled once.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"{(LAPSING if lapsed else LOTS).format(accounts=OF_OWNERS)} AND {DUE[lapsed]} ORDER BY {OLDEST_FIRST}",
            {"on": on, "book": book.pk, "owners": array(owners)},
        )
        return [DueLot(*row) for row in cursor.fetchall()]


def held_lots(*, book: Book, wallets: Sequence[int], on: date) -> list[DueLot]:
    """Everything in these wallets, whatever its date, as if it lapsed on ``on``; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{LAPSING.format(accounts='ledger_account a')} AND a.id = ANY(%(wallets)s) ORDER BY {OLDEST_FIRST}",
            {"on": on, "book": book.pk, "wallets": list(wallets)},
        )
        return [DueLot(*row)._replace(lapsed=True) for row in cursor.fetchall()]


SHAPE = """
    SELECT a.owner, a.id, l.available_on, l.expires_on, l.funder_id, l.remaining,
           concat_ws(':', l.id, l.credited, (SELECT count(*) FROM ledger_lotuse u WHERE u.lot_id = l.id)),
           coalesce(l.expires_on < %(on)s, false), {wallet_and_debt}, b.id
      FROM {{accounts}}
      JOIN ledger_lot l ON l.account_id = a.id AND l.remaining > 0
      JOIN ledger_account b ON b.book_id = a.book_id AND b.code = 'breakage'
      {joined}
     WHERE a.book_id = %(book)s"""
LOTS = SHAPE.format(
    wallet_and_debt="coalesce(w.id, 0), coalesce(d.id, 0), coalesce(-d.balance, 0)",
    joined="""LEFT JOIN ledger_account w ON w.owner = a.owner AND w.book_id = a.book_id AND w.purpose = 'wallet'
      LEFT JOIN ledger_account d ON d.owner = a.owner AND d.book_id = a.book_id AND d.purpose = 'debt'""",
)
LAPSING = SHAPE.format(wallet_and_debt="0, 0, 0", joined="")  # what lapses reaches neither wallet nor debt
# Owner by owner, by the index: the planner would rather read all accounts.
OF_OWNERS = """unnest(%(owners)s::uuid[]) AS o(owner)
     CROSS JOIN LATERAL (SELECT * FROM ledger_account WHERE owner = o.owner AND book_id = %(book)s OFFSET 0) a"""
OLDEST_FIRST = "a.owner, l.available_on, l.expires_on, l.id"


def due_owners(*, book: Book, on: date, lapsed: bool) -> list[UUID]:
    """Members of a book with due lots, in a fixed order; one scan of the lots."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT a.owner {OF_BOOK} AND {DUE[lapsed]} ORDER BY 1", {"on": on, "book": book.pk})
        return [owner for (owner,) in cursor.fetchall()]


def plan(*, book: Book, on: date, lapsed: bool) -> Plan:
    """Count what maturing (``lapsed`` false) or expiring would do on a local day; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(DISTINCT a.owner), coalesce(sum(l.remaining), 0)::bigint, count(*)
                 {OF_BOOK} AND {DUE[lapsed]}""",
            {"on": on, "book": book.pk},
        )
        return Plan(*cursor.fetchone())


OF_BOOK = """FROM ledger_lot l JOIN ledger_account a ON a.id = l.account_id
     WHERE a.book_id = %(book)s AND a.owner IS NOT NULL AND l.remaining > 0"""
