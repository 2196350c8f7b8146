"""Tiers that are given for a time: written, taken back, and closed when they have run out. The members are held."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from core.rules.arrays import array, columns
from core.services import prepared

# Where the member stood without grants: below the first one that gave the tier it stands on now.
GIVE = """
    INSERT INTO members_tiergrant (member_id, tier_id, before_id, event_id, place, until, over)
    SELECT r.member_id, r.tier_id, CASE WHEN own.id IS NULL THEN r.before_id ELSE own.before_id END, r.event_id,
        r.place, r.until, false
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::date[])
        AS r(member_id, tier_id, before_id, event_id, place, until)
    LEFT JOIN LATERAL (
        SELECT g.id, g.before_id FROM members_tiergrant g
        WHERE g.member_id = r.member_id AND NOT g.over AND g.tier_id = r.before_id ORDER BY g.id LIMIT 1
    ) own ON true
"""
TAKE = """
    DELETE FROM members_tiergrant g USING unnest(%s::bigint[], %s::int[]) AS t(event_id, place)
    WHERE g.event_id = t.event_id AND g.place = t.place RETURNING g.member_id, g.tier_id, g.until
"""
RELEASE = """
    UPDATE members_member m SET tier_until = NULL
    FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS t(member_id, tier_id, until)
    WHERE m.id = t.member_id AND m.tier_id = t.tier_id AND m.tier_until = t.until
"""
HOLD = """
    UPDATE members_member m SET tier_until = greatest(m.tier_until, g.until), grace_until = NULL
    FROM (
        SELECT member_id, tier_id, max(until) AS until FROM members_tiergrant
        WHERE member_id = ANY(%s::bigint[]) AND NOT over GROUP BY 1, 2
    ) g
    WHERE m.id = g.member_id AND m.tier_id = g.tier_id AND (m.tier_until IS NULL OR m.tier_until < g.until)
"""
CLOSE = """
    UPDATE members_tiergrant g SET over = true FROM unnest(%s::bigint[], %s::date[]) AS t(member_id, day)
    WHERE g.member_id = t.member_id AND NOT g.over AND g.until < t.day
"""
CLOSE_IDLE = """
    UPDATE members_tiergrant g SET over = true
    FROM members_member m JOIN unnest(%s::bigint[], %s::date[]) AS k(market_id, day) USING (market_id)
    WHERE m.id = g.member_id AND NOT g.over AND g.until < k.day AND m.tier_id IS DISTINCT FROM g.tier_id
"""


class GrantRow(NamedTuple):
    """A tier (ids) for a member that stood on ``before_id``, through a local day, by an effect of an event."""

    member_id: int
    tier_id: int
    before_id: int | None
    event_id: int
    place: int
    until: date


def give_grants(rows: Sequence[GrantRow]) -> None:
    """Write grants. Whoever is on the tier, or was just moved there, holds it through the last day that was given."""
    if rows:
        with prepared.cursor() as cursor:
            cursor.execute(GIVE, columns(rows))
        hold_granted({row.member_id for row in rows})


def take_grants(effects: Sequence[tuple[int, int]]) -> None:
    """Take back what effects (event, place) gave: the tier is judged again. Undoing the upgrade is the caller's."""
    with prepared.cursor() as cursor:
        cursor.execute(TAKE, columns(effects))
        if gone := cursor.fetchall():
            cursor.execute(RELEASE, columns(gone))
            cursor.execute(HOLD, [array(sorted({row[0] for row in gone}))])


def hold_granted(member_ids: Collection[int]) -> None:
    """Let members hold their tier as long as grants of it run."""
    with prepared.cursor() as cursor:
        cursor.execute(HOLD, [array(sorted(member_ids))])


def close_grants(judged: Sequence[tuple[int, date]]) -> None:
    """Close the grants of judged members (with their local day) that have run out."""
    if judged:
        with prepared.cursor() as cursor:
            cursor.execute(CLOSE, columns(judged))


def close_idle_grants(days: Sequence[tuple[int, date]]) -> None:
    """Close grants that have run out, of tiers that nobody stands on by them; ``days``: market and local day."""
    if days:
        with prepared.cursor() as cursor:
            cursor.execute(CLOSE_IDLE, columns(days))
