"""Folding what budgets pay into days, behind everybody who still writes: nothing is missed, nothing counted twice."""

from django.db import connection, transaction

from core.services import prepared
from ledger.models import AccountDay

STEP = 50_000  # journals at once
BEGIN = "INSERT INTO ledger_daysfollower (id, xid, journal_id) VALUES (1, '0', 0) ON CONFLICT DO NOTHING"
BY_INDEX = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"  # a step is small, the table is not
FOLLOW = "SELECT xid::text, journal_id FROM ledger_daysfollower FOR UPDATE"
# A transaction below the horizon has ended: what it wrote is seen, and nobody will write there any more.
FOLD = """
    WITH batch AS (
        SELECT id, xid, kind, effective_on FROM ledger_journal
        WHERE (xid, id) > (%(xid)s::text::xid8, %(journal)s) AND xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY xid, id LIMIT %(step)s
    ), moved AS (
        SELECT t.src_id AS account, b.effective_on AS day, t.amount AS used, 0 AS returned
        FROM batch b JOIN ledger_transfer t ON t.journal_id = b.id WHERE b.kind <> 'fund'
        UNION ALL SELECT t.dst_id, b.effective_on, 0, t.amount
        FROM batch b JOIN ledger_transfer t ON t.journal_id = b.id WHERE b.kind <> 'fund'
    ), folded AS (
        INSERT INTO ledger_accountday AS d (account_id, day, used, returned)
        SELECT m.account, m.day, sum(m.used), sum(m.returned)
        FROM moved m JOIN ledger_account a ON a.id = m.account AND a.purpose IN ('budget', 'campaign') GROUP BY 1, 2
        ON CONFLICT (account_id, day) DO UPDATE
            SET used = d.used + excluded.used, returned = d.returned + excluded.returned
    ), last AS (SELECT xid, id FROM batch ORDER BY xid DESC, id DESC LIMIT 1)
    UPDATE ledger_daysfollower f SET xid = last.xid, journal_id = last.id FROM last
    RETURNING (SELECT count(*) FROM batch)
"""


def fold_days() -> int:
    """Fold all that has been posted since the last time; how many journals. Safe to interrupt and to run twice."""
    total = 0
    while step := _fold_step():
        total += step
    return total


@transaction.atomic
def _fold_step() -> int:
    xid, journal = _position()
    with connection.cursor() as cursor:  # planned for this position: how much lies behind it decides
        cursor.execute(BY_INDEX)
        cursor.execute(FOLD, {"xid": xid, "journal": journal, "step": STEP})
        return int(row[0]) if (row := cursor.fetchone()) else 0


def _position() -> tuple[str, int]:
    """How far was read; whoever else folds waits."""
    with prepared.cursor() as cursor:
        cursor.execute(BEGIN)
        cursor.execute(FOLLOW)
        xid, journal = cursor.fetchone()
        return xid, journal


@transaction.atomic
def forget_days() -> None:
    """Throw the days away: the next fold builds the same ones from the transfers."""
    _position()
    AccountDay.objects.all().delete()
    with prepared.cursor() as cursor:
        cursor.execute("UPDATE ledger_daysfollower SET xid = '0', journal_id = 0")
