"""Requests that are sent twice and carried out once.

The claim, the effect and the answer are one transaction: after a crash nothing of the request exists, and it may be
sent again. While it runs an advisory lock keeps its key, so that the same request beside it is told to wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connection

from core.models import IdempotentAnswer

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered: status, body byte for byte, the headers that belong to it."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """One caller's key and the content it stands for."""

    caller: str
    key: str
    fingerprint: bytes


def hold(claim: Claim) -> bool:
    """Keep a key until the transaction ends; False if another request keeps it."""
    name = sha256(f"{claim.caller}\0{claim.key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name[:8], signed=True)])
        return bool(cursor.fetchone()[0])


def find_answer(claim: Claim, *, at: datetime) -> tuple[StoredAnswer, bool] | None:
    """The stored answer to a key, and whether it answers the same content; None if there is none, or none any more."""
    row = IdempotentAnswer.objects.filter(caller=claim.caller, key=claim.key, created_at__gt=at - KEPT).first()
    if row is None or row.status is None or row.body is None:
        return None
    return StoredAnswer(row.status, bytes(row.body), row.headers), bytes(row.fingerprint) == claim.fingerprint


def store_answer(claim: Claim, answer: StoredAnswer, *, at: datetime) -> None:
    """Keep an answer for seven days; one that is older gives way."""
    fields = {
        "fingerprint": claim.fingerprint,
        "created_at": at,
        "status": answer.status,
        "body": answer.body,
        "headers": dict(answer.headers),
    }
    IdempotentAnswer.objects.update_or_create(caller=claim.caller, key=claim.key, defaults=fields)


def purge_answers(*, at: datetime) -> int:
    """Delete the answers that are older than seven days; how many there were."""
    deleted, _ = IdempotentAnswer.objects.filter(created_at__lte=at - KEPT).delete()
    return deleted
