"""Telling that codes run out: once each time that a reward falls to its threshold, and once when none is left.

Of a reward that has values each is watched by itself: another one in stock is no help.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from core.models import Program
from core.rules.arrays import columns
from core.rules.money import to_text
from core.services.outbox import Message, publish
from rewards.models import Reward
from rewards.models.categories import Stock
from rewards.selectors.stock import GOOD

TOPIC = "stock.low"
NO_VALUES: Sequence[tuple[int | None, str]] = [(None, "")]
ONE_WATCHER = "SELECT pg_advisory_xact_lock(hashtext('rewards.stock'), %s)"
# No more codes are counted than the threshold; only what changed is written. What is not watched any more is forgotten.
WATCH = f"""
    WITH watched AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
            AS n(reward_id, low_stock, value, unit)
    ),
    now AS (
        SELECT n.*, k.left_, CASE WHEN k.left_ = 0 THEN 2 WHEN k.left_ <= n.low_stock THEN 1 ELSE 0 END AS level
        FROM watched n CROSS JOIN LATERAL (
            SELECT count(*) AS left_ FROM (
                (SELECT 1 FROM rewards_voucher s WHERE n.value IS NULL AND s.reward_id = n.reward_id
                    AND s.state = 'stock' AND {GOOD} LIMIT n.low_stock + 1)
                UNION ALL
                (SELECT 1 FROM rewards_voucher s WHERE s.reward_id = n.reward_id AND s.state = 'stock' AND {GOOD}
                    AND s.value_minor = n.value AND s.currency = n.unit LIMIT n.low_stock + 1)
            ) c
        ) k
    ),
    before AS (
        SELECT l.reward_id, l.value_minor AS value, l.currency AS unit, l.level FROM rewards_stocklevel l
        WHERE l.reward_id IN (SELECT reward_id FROM watched)
    ),
    changed AS (
        SELECT n.*, coalesce(b.level, 0) AS was FROM now n LEFT JOIN before b
            ON b.reward_id = n.reward_id AND b.unit = n.unit AND b.value IS NOT DISTINCT FROM n.value
        WHERE n.level <> coalesce(b.level, 0)
    ),
    written AS (
        INSERT INTO rewards_stocklevel (reward_id, value_minor, currency, level, since)
        SELECT reward_id, value, unit, level, %s FROM changed
        ON CONFLICT (reward_id, value_minor, currency) DO UPDATE SET level = excluded.level, since = excluded.since
    )
    SELECT c.reward_id, c.value, c.unit, c.left_, c.level FROM changed c WHERE c.level > c.was
"""
FORGET = """
    DELETE FROM rewards_stocklevel l USING rewards_reward r
    WHERE r.id = l.reward_id AND r.program_id = %s AND NOT EXISTS (
        SELECT FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS n(reward_id, value, unit)
        WHERE n.reward_id = l.reward_id AND n.unit = l.currency AND n.value IS NOT DISTINCT FROM l.value_minor
    )
"""


@transaction.atomic
def watch_stock(*, program: Program, at: datetime) -> list[str]:
    """Tell of every watched reward that has fallen to its threshold or to nothing since the last time; their codes.

    One that has values is there once a value. A refill above the threshold begins anew. What was told is written with
    the message, so neither a restart nor two watchers at once lose or repeat one. Four statements.
    """
    with connection.cursor() as cursor:
        cursor.execute(ONE_WATCHER, [program.pk])
        rewards = _watched(program)
        watched = [(row.pk, row.low_stock, *worth) for row in rewards.values() for worth in row.values or NO_VALUES]
        cursor.execute(FORGET, [program.pk, *(columns((pk, *worth) for pk, _most, *worth in watched) or ["{}"] * 3)])
        if watched:
            cursor.execute(WATCH, [*columns(watched), at])
        fallen = sorted(cursor.fetchall(), key=lambda row: (rewards[row[0]].code, *row[1:3])) if watched else []
    said = [{"reward": rewards[pk].code, "since": at.isoformat(), **_left(*rest)} for pk, *rest in fallen]
    publish([Message(TOPIC, program.pk, one) for one in said])
    return [rewards[pk].code for pk, *_rest in fallen]


def _watched(program: Program) -> dict[int, Reward]:
    rows = Reward.objects.filter(program=program, low_stock__isnull=False, stock=Stock.CODES, retired=False)
    return {row.pk: row for row in rows.only("pk", "code", "low_stock", "denominations")}


def _left(minor: int | None, currency: str, left: int, level: int) -> dict[str, object]:
    """How many codes are left, and of which value where the reward has values."""
    said: dict[str, object] = {"left": left, "level": level}
    return said if minor is None else said | {"value": to_text(minor, currency), "currency": currency}
