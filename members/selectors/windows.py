"""Sums over windows of local days, from the truth by day."""

from collections.abc import Collection
from datetime import date

from core.services import prepared
from members.rules.facts import year_start
from members.rules.windows import Sums

# A sub-select a member and day: always by the index of the days, however many are asked for at once.
WINDOWS = """
    SELECT p.member_id, p.day, s.*
    FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::date[]) AS p(member_id, day, since, new_year)
    CROSS JOIN LATERAL (SELECT
        coalesce(sum(d.events) FILTER (WHERE d.day > p.day - 30), 0)::bigint AS events_30d,
        coalesce(sum(d.events) FILTER (WHERE d.day > p.day - 90), 0)::bigint AS events_90d,
        coalesce(sum(d.events) FILTER (WHERE d.day >= p.since), 0)::bigint AS events_12m,
        coalesce(sum(d.events) FILTER (WHERE d.day >= p.new_year), 0)::bigint AS events_year,
        coalesce(sum(d.amount_minor) FILTER (WHERE d.day > p.day - 30), 0)::bigint AS amount_30d,
        coalesce(sum(d.amount_minor) FILTER (WHERE d.day > p.day - 90), 0)::bigint AS amount_90d,
        coalesce(sum(d.amount_minor) FILTER (WHERE d.day >= p.since), 0)::bigint AS amount_12m,
        coalesce(sum(d.amount_minor) FILTER (WHERE d.day >= p.new_year), 0)::bigint AS amount_year,
        coalesce(sum(d.status_points) FILTER (WHERE d.day >= p.since), 0)::bigint AS status_points_12m,
        coalesce(sum(d.status_points) FILTER (WHERE d.day >= p.new_year), 0)::bigint AS status_points_year
        FROM members_memberday d
        WHERE d.member_id = p.member_id AND d.day BETWEEN least(p.since, p.new_year) AND p.day
    ) s
"""


def window_columns(pairs: Collection[tuple[int, date]]) -> list[list[object]]:
    """The parameters of ``WINDOWS`` for (member id, day) pairs."""
    rows = [(member, day, year_start(day), day.replace(month=1, day=1)) for member, day in pairs]
    return [list(column) for column in zip(*rows, strict=True)]


def sum_windows(pairs: Collection[tuple[int, date]]) -> dict[tuple[int, date], Sums]:
    """The sums of members in the windows that end with a day; one query for all (member id, day) pairs."""
    if not pairs:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(WINDOWS, window_columns(pairs))
        return {(member, day): Sums(day, *sums) for member, day, *sums in cursor.fetchall()}
