"""Telling members what they should know, once each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from core.rules.arrays import columns
from core.services import prepared
from core.services.outbox import Message, publish
from members.models import Member, Notice

TOPIC = "notice.told"
TOGETHER = 50  # notices in one message of the outbox
TELL = """
    INSERT INTO members_notice (member_id, kind, key, "values", at)
    SELECT member_id, kind, key, "values"::jsonb, %s
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS n(member_id, kind, key, "values")
    ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class News:
    """Something for a member: what (a ``Notice.Kind``) with its values; under one ``key`` it is told once."""

    member_id: int
    kind: str
    key: str
    values: Mapping[str, object]


def tell(*, program_id: int, news: Sequence[News], at: datetime) -> list[int]:
    """Tell members of one program; ids of the notices that are new. They go out by e-mail after the commit."""
    if not news:
        return []
    rows = [(one.member_id, one.kind, one.key, json.dumps(one.values)) for one in news]
    with prepared.cursor() as cursor:
        cursor.execute(TELL, [at, *columns(rows)])
        told = [pk for (pk,) in cursor.fetchall()]
    publish([Message(TOPIC, program_id, {"notices": list(ids)}) for ids in batched(told, TOGETHER)])
    return told


def mark_read(*, member: Member, at: datetime, ids: Sequence[int] | None = None) -> int:
    """Mark these of a member's notices as read, or all; how many were not."""
    unread = Notice.objects.filter(member=member, read_at=None)
    return (unread if ids is None else unread.filter(pk__in=ids)).update(read_at=at)
