"""The nightly roll: sums of windows that ended yesterday become sums of windows that end today."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from core.models import Market, Program
from members.rules.facts import local_date
from members.selectors.windows import WINDOWS, window_columns

BATCH = 5_000
SUMS = (
    "events_30d",
    "events_90d",
    "events_12m",
    "events_year",
    "amount_30d",
    "amount_90d",
    "amount_12m",
    "amount_year",
    "status_points_12m",
    "status_points_year",
)
# The member's row guards its facts; the engine takes the same locks in the same order.
STALE = """
    SELECT m.id, k.day FROM members_member m
    JOIN unnest(%s::bigint[], %s::date[]) AS k(market_id, day) ON k.market_id = m.market_id
    JOIN members_memberfacts f ON f.member_id = m.id
    WHERE m.id > %s AND f.rolled_on < k.day ORDER BY m.id LIMIT %s FOR NO KEY UPDATE OF m
"""
# Only after the locks are held, so that every day counted by then is seen.
ROLL = f"""
    UPDATE members_memberfacts f SET rolled_on = w.day, {", ".join(f"{name} = w.{name}" for name in SUMS)}
    FROM ({WINDOWS}) w WHERE f.member_id = w.member_id
"""


def roll_facts(*, program: Program, at: datetime) -> int:
    """Bring the row of sums of every member to the local day of its market; return how many were moved.

    Rows of that day or a later one stay as they are, so it can run twice, late, half-way and again. It works in
    short transactions and may run beside the engine.
    """
    days = {market.pk: local_date(at, ZoneInfo(market.timezone)) for market in Market.objects.filter(program=program)}
    rolled, last = 0, 0
    while moved := _roll_batch(days, after=last):
        rolled, last = rolled + len(moved), moved[-1]
    return rolled


@transaction.atomic
def _roll_batch(days: dict[int, date], *, after: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(STALE, [list(days), list(days.values()), after, BATCH])
        pairs: list[tuple[int, date]] = cursor.fetchall()
        if pairs:
            cursor.execute(ROLL, window_columns(pairs))
    return [member for member, _ in pairs]
