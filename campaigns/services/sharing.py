"""Holding what members share, in the one order of the product: stock, total counters, then accounts book by book."""

from collections.abc import Collection, Iterable, Sequence

from campaigns.rules.definitions import Per
from campaigns.rules.limits import CounterKey, bucket, limited_keys
from campaigns.rules.state import JudgedEvent
from campaigns.services.apply import TOTALS
from campaigns.services.configuration import Configuration
from campaigns.services.state import stock_needs
from campaigns.services.statements import execute
from core.rules.arrays import columns
from core.services import prepared
from ledger.services.posting import lock_accounts
from rewards.services.vouchers import hold_stock

# Of events that are taken back, and of those whose milestones may go with them.
TIMES = """
    WITH taken AS (
        SELECT e.id, e.time FROM unnest(%s::text[], %s::text[]) AS k(source, key)
        JOIN campaigns_event e ON e.program_id = %s AND e.source = k.source AND e.key = k.key
    )
    SELECT time FROM taken UNION
    SELECT e.time FROM taken JOIN campaigns_contribution c ON c.event_id = taken.id
    JOIN campaigns_progress p ON p.id = c.progress_id
    JOIN campaigns_reachedmilestone r ON r.member_id = p.member_id AND r.goal_id = p.goal_id
    JOIN campaigns_event e ON e.id = r.event_id
"""
COUNTED = """
    SELECT campaign_id, rule, per, bucket, unit, 0, most FROM campaigns_totalcounter
    WHERE bucket = ANY(%s) AND campaign_id IN (SELECT id FROM campaigns_campaign WHERE program_id = %s)
"""


def hold_shared(
    configuration: Configuration, events: Sequence[JudgedEvent], originals: Iterable[tuple[str, str] | None]
) -> None:
    """Lock the stock, total counters and accounts that these events and the reversals of ``originals`` may move.

    Counters that do not exist yet are made: a row that another transaction just made would be waited for too late.
    """
    if needs := stock_needs(configuration, events):
        hold_stock(needs)
    rows = {tuple(row[:5]): tuple(row) for row in _counted(configuration, [name for name in originals if name])}
    for (_, *key, _), most in _totals(configuration, events).items():
        rows[tuple(key)] = (*key, 0, most)
    execute(TOTALS, list(rows.values()))
    purses = configuration.purses
    shared = (purses.payers, purses.mints, purses.breakages, purses.redeemed)
    lock_accounts({account for accounts in shared for account in accounts.values()})


def _totals(configuration: Configuration, events: Sequence[JudgedEvent]) -> dict[CounterKey, int]:
    """The counters of all members that rules may move for these events, and the most they may reach."""
    most: dict[CounterKey, int] = {}
    for code, day in {(event.type_code, event.program_day) for event in events}:
        for campaign, rule in configuration.program.rules.get(code, ()):
            keys = limited_keys(campaign, rule, member_id=-1, member_day=day, program_day=day)
            most.update({key: limit for key, limit in keys if not key.member_id})
    return most


def _counted(configuration: Configuration, originals: Collection[tuple[str, str]]) -> list[tuple[object, ...]]:
    """The counters of the days of events that are taken back, or lose milestones by that."""
    if not originals or not configuration.has_limits:
        return []
    program = configuration.program
    with prepared.cursor() as cursor:
        cursor.execute(TIMES, [*columns(originals), program.program_id])
        days = {time.astimezone(program.zone).date() for (time,) in cursor.fetchall()}
        cursor.execute(COUNTED, [list({bucket(per, day) for per in Per for day in days}), program.program_id])
        return list(cursor.fetchall())
