"""Telling people who run a program what they should know, once each."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection

from core.models import Program, User
from core.rules.arrays import array
from core.services.outbox import Message, publish
from dealers.models import StaffNotice

TOPIC = "staff.told"
TELL = """
    INSERT INTO dealers_staffnotice (user_id, program_id, kind, key, "values", at)
    SELECT user_id, %s, %s, %s, %s::jsonb, %s FROM unnest(%s::bigint[]) AS u(user_id) ORDER BY user_id
    ON CONFLICT DO NOTHING RETURNING id
"""


def tell_staff(  # what is told, to whom
    *, program_id: int, users: Collection[int], kind: str, key: str, values: Mapping[str, object], at: datetime
) -> list[int]:
    """Tell users under a key; ids of the notices that are new. They go out by e-mail after the commit."""
    if not users:
        return []
    with connection.cursor() as cursor:
        cursor.execute(TELL, [program_id, kind, key, json.dumps(values), at, array(sorted(users))])
        told = [pk for (pk,) in cursor.fetchall()]
    if told:
        publish([Message(TOPIC, program_id, {"notices": told})])
    return told


def unread(*, user: User, program: Program) -> list[StaffNotice]:
    """What a user has not read yet, newest first; one query."""
    rows = StaffNotice.objects.filter(user=user, program=program, read_at=None)
    return list(rows.select_related("program").order_by("-id")[:50])


def mark_staff_notices_read(*, user: User, program: Program, up_to: int, at: datetime) -> int:
    """Mark a user's notices as read, up to the newest that was shown; how many were not."""
    rows = StaffNotice.objects.filter(user=user, program=program, read_at=None, pk__lte=up_to)
    return rows.update(read_at=at)
