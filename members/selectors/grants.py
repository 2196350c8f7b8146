"""Tiers that members hold for a time."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from core.rules.arrays import array
from core.services import prepared

RUNNING = """
    SELECT member_id, tier_id, until, before_id FROM members_tiergrant
    WHERE member_id = ANY(%s::bigint[]) AND NOT over ORDER BY id
"""


class Running(NamedTuple):
    """A grant that was not closed yet: a tier through a local day; ``before_id``: where the member stood without it."""

    tier_id: int
    until: date
    before_id: int | None


def running_grants(member_ids: Collection[int]) -> dict[int, list[Running]]:
    """Grants of members, the oldest first; one query."""
    found: defaultdict[int, list[Running]] = defaultdict(list)
    with prepared.cursor() as cursor:
        cursor.execute(RUNNING, [array(list(member_ids))])
        for member_id, *grant in cursor.fetchall():
            found[member_id].append(Running(*grant))
    return dict(found)
