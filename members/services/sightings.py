"""What friends share with those who brought them: users, addresses, numbers, devices, instruments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.rules.arrays import columns
from core.services import prepared
from members.rules.referrals import MANY, PHONE, RING, SELF, Sighting
from members.services.signals import digest_signal

type Pair = tuple[int, int]  # friend, referrer
type Found = dict[int, list[Sighting]]

PAIRS = "unnest(%s::bigint[], %s::bigint[]) AS p(friend, referrer)"
USERS = f"""
    SELECT p.friend, r.uuid::text FROM {PAIRS}
    JOIN members_member f ON f.id = p.friend JOIN members_member r ON r.id = p.referrer AND r.user_id = f.user_id
"""
# Others whom the referrer brought count like herself: one address for many friends is no better.
EMAILS = f"""
    SELECT p.friend, o.uuid::text, lower(fi.email), o.id = p.referrer
    FROM {PAIRS}
    JOIN members_memberidentity fi ON fi.member_id = p.friend AND fi.email <> ''
    JOIN members_memberidentity oi ON lower(oi.email) = lower(fi.email) AND oi.member_id <> p.friend
    JOIN members_member o ON o.id = oi.member_id
    WHERE o.id = p.referrer OR o.id IN (SELECT friend_id FROM members_referral WHERE referrer_id = p.referrer)
    ORDER BY o.id <> p.referrer, o.id
"""
PHONES = f"""
    SELECT p.friend, o.uuid::text, fi.phone
    FROM {PAIRS}
    JOIN members_memberidentity fi ON fi.member_id = p.friend AND fi.phone <> ''
    JOIN members_memberidentity oi ON oi.phone = fi.phone AND oi.member_id <> p.friend
    JOIN members_member o ON o.id = oi.member_id
    WHERE o.id = p.referrer OR o.id IN (SELECT friend_id FROM members_referral WHERE referrer_id = p.referrer)
    ORDER BY o.id <> p.referrer, o.id
"""
# A device at a counter may be everybody's: no more of the others are looked at than make a ring. Browsers are shared in
# families and at counters, and name nobody's device: they say nothing here.
SIGNALS = f"""
    SELECT p.friend, s.kind, s.digest, o.uuid::text, o.first_seen_at, o.near
    FROM {PAIRS}
    JOIN members_membersignal s ON s.member_id = p.friend AND s.kind <> 'browser'
    CROSS JOIN LATERAL (
        (SELECT m.uuid, x.first_seen_at, true AS near FROM members_membersignal x
            JOIN members_member m ON m.id = x.member_id
            WHERE x.digest = s.digest AND x.kind = s.kind AND x.member_id = p.referrer)
        UNION ALL
        (SELECT m.uuid, x.first_seen_at, b.id IS NOT NULL FROM members_membersignal x
            JOIN members_member m ON m.id = x.member_id AND m.status <> 'erased'
                AND m.program_id = (SELECT program_id FROM members_member WHERE id = p.friend)
            LEFT JOIN members_referral b ON b.friend_id = m.id AND b.referrer_id = p.referrer
            WHERE x.digest = s.digest AND x.kind = s.kind AND x.member_id <> p.friend AND x.member_id <> p.referrer
            ORDER BY b.id, m.id LIMIT {MANY})
    ) o
    ORDER BY p.friend, s.kind, s.digest
"""


def sightings(pairs: Sequence[Pair], at: datetime) -> Mapping[int, Sequence[Sighting]]:
    """What guards see of these friends and those who brought them, by friend; four queries, whatever their number.

    Written already, in this transaction: what the friends brought along.
    """
    found: Found = defaultdict(list)
    if pairs:
        _see_users(pairs, found, at)
        _see_emails(pairs, found, at)
        _see_phones(pairs, found, at)
        _see_signals(pairs, found)
    return found


def _rows(sql: str, pairs: Sequence[Pair]) -> list[tuple[Any, ...]]:
    with prepared.cursor() as cursor:
        cursor.execute(sql, columns(pairs))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _see_users(pairs: Sequence[Pair], found: Found, at: datetime) -> None:
    for friend, referrer in _rows(USERS, pairs):
        found[friend].append(Sighting(SELF, (referrer,), at))


def _see_emails(pairs: Sequence[Pair], found: Found, at: datetime) -> None:
    for friend, other, email, is_referrer in _rows(EMAILS, pairs):
        guard = SELF if is_referrer else RING
        found[friend].append(Sighting(guard, (other,), at, digest_signal("email", email).hex()))


def _see_phones(pairs: Sequence[Pair], found: Found, at: datetime) -> None:
    for friend, other, phone in _rows(PHONES, pairs):
        found[friend].append(Sighting(PHONE, (other,), at, digest_signal("phone", phone).hex()))


def _see_signals(pairs: Sequence[Pair], found: Found) -> None:
    shared: dict[tuple[int, str, bytes], list[tuple[str, datetime, bool]]] = defaultdict(list)
    for friend, kind, digest, *seen in _rows(SIGNALS, pairs):
        shared[friend, kind, bytes(digest)].append((seen[0], seen[1], seen[2]))
    for (friend, kind, digest), seen_with in shared.items():
        near = [(other, at) for other, at, is_near in seen_with if is_near]
        if near:
            found[friend].append(_sighting(kind, near, digest))
        if len(seen_with) >= MANY:
            found[friend].append(_sighting(RING, [(other, at) for other, at, _ in seen_with], digest))


def _sighting(guard: str, seen: Sequence[tuple[str, datetime]], digest: bytes) -> Sighting:
    """Seen with these members, since the first of them was seen with it."""
    return Sighting(guard, tuple(other for other, _ in seen), min(at for _, at in seen), digest.hex())
