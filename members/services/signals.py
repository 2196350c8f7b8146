"""Signals: devices and payment instruments that members were seen with, kept as keyed hashes only."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from django.conf import settings

from members.models import MemberSignal


@cache
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"member signals:" + secret.encode()).digest()


def digest_signal(kind: str, value: str) -> bytes:
    """The keyed hash (HMAC-SHA256) under which a signal is kept; equal signals have equal hashes."""
    key = _key(getattr(settings, "SIGNAL_KEY", "") or settings.SECRET_KEY)
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256")


def remember_signals(*, seen: Sequence[tuple[int, Mapping[str, str]]], at: datetime) -> None:
    """Keep signals (member id, kind → value) that members were seen with; known ones stay as they are."""
    rows = {(member_id, kind, digest_signal(kind, value)) for member_id, found in seen for kind, value in found.items()}
    MemberSignal.objects.bulk_create(
        [
            MemberSignal(member_id=member_id, kind=kind, digest=digest, first_seen_at=at)
            for member_id, kind, digest in sorted(rows)
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )
