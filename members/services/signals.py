"""Signals: devices, browsers and payment instruments that members were seen with, kept as keyed hashes only."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from core.models import User
from core.rules.arrays import columns
from core.services import prepared
from members.models import Member, MemberSignal
from members.selectors.locking import locked

DEVICE, BROWSER = MemberSignal.Kind.DEVICE.value, MemberSignal.Kind.BROWSER.value
KEPT = timedelta(days=400)  # as long as a browser keeps its name
SETTLED = timedelta(days=31)  # no cooling is longer
BATCH = 2000
REMEMBER = """
    INSERT INTO members_membersignal AS s (member_id, kind, digest, first_seen_at, last_seen_on)
    SELECT v.member_id, v.kind, v.digest, %(at)s::timestamptz, %(day)s::date
    FROM unnest(%(members)s::bigint[], %(kinds)s::text[], %(digests)s::bytea[]) AS v(member_id, kind, digest)
    WHERE NOT EXISTS (
        SELECT FROM members_membersignal k WHERE k.digest = v.digest AND k.kind = v.kind AND k.member_id = v.member_id
            AND k.last_seen_on > %(day)s::date - 30
    )
    ORDER BY v.member_id, v.kind, v.digest
    ON CONFLICT (digest, kind, member_id) DO UPDATE SET last_seen_on = greatest(s.last_seen_on, EXCLUDED.last_seen_on)
"""
FORGET = """
    DELETE FROM members_membersignal WHERE id IN (
        SELECT s.id FROM members_membersignal s WHERE s.last_seen_on < %(day)s AND (
            s.kind = 'instrument' OR EXISTS (
                SELECT FROM members_membersignal o WHERE o.member_id = s.member_id AND o.kind <> 'instrument'
                    AND (o.last_seen_on, o.id) > (s.last_seen_on, s.id) AND o.first_seen_at < %(settled)s
            )
        )
        ORDER BY s.id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
"""


@cache
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"member signals:" + secret.encode()).digest()


def digest_signal(kind: str, value: str) -> bytes:
    """The keyed hash (HMAC-SHA256) under which a signal is kept; equal signals have equal hashes."""
    key = _key(getattr(settings, "SIGNAL_KEY", "") or settings.SECRET_KEY)
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256")


def remember_signals(*, seen: Sequence[tuple[int, Mapping[str, str]]], at: datetime) -> None:
    """Keep signals (member id, kind → value) that members were seen with; known ones stay as they are."""
    rows = [(member_id, kind, digest_signal(kind, value)) for member_id, found in seen for kind, value in found.items()]
    remember_digests(seen=rows, at=at)


@transaction.atomic
def remember_device(*, user: User, kind: str, value: str, at: datetime) -> None:
    """Keep with which device or browser somebody signed in, for every membership that is theirs.

    The memberships are held, so that erasing one at the same moment leaves nothing behind.
    """
    members = locked(Member.objects.filter(user=user)).values_list("pk", flat=True)
    remember_signals(seen=[(member_id, {kind: value}) for member_id in members], at=at)


def remember_digests(*, seen: Sequence[tuple[int, str, bytes]], at: datetime) -> None:
    """Keep signals (member id, kind, keyed hash) that members were seen with; nothing happens where there are none.

    Of a known one only the day is noted, once a month: most are seen often.
    """
    if rows := sorted(set(seen)):
        with prepared.cursor() as cursor:
            members, kinds, digests = columns(rows)
            day = at.astimezone(UTC).date()
            asked: dict[str, Any] = {"members": members, "kinds": kinds, "digests": digests, "at": at, "day": day}
            cursor.execute(REMEMBER, asked)


def forget_signals(*, at: datetime) -> int:
    """Forget signals that were not seen for ``KEPT``, a batch a transaction; how many.

    The device or browser that a member was seen with last stays, and so does every other one until that is no new one
    any more: else a member who comes back after years would have no device that another one differs from, and
    nothing would cool (``rewards.selectors.policies``).
    """
    forgotten, last = 0, BATCH
    while last == BATCH:
        with connection.cursor() as cursor:
            cursor.execute(FORGET, {"day": (at - KEPT).date(), "settled": at - SETTLED, "most": BATCH})
            last = int(cursor.rowcount)
        forgotten += last
    return forgotten
