"""Requests that are sent twice and carried out once.

The claim, the effect and the answer are one transaction: after a crash nothing of the request exists, and it may be
sent again. While it runs an advisory lock keeps its key, so that the same request beside it is told to wait.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from core.models import ApiClient, IdempotentAnswer, Program
from core.models.sealing import opened, sealed
from core.rules.texts import is_storable
from core.services import prepared

KEPT = timedelta(days=7)
PURPOSE = "answers kept with"
FINGERPRINT = 32  # bytes of a sha256
LONGEST_NAME = 64  # characters of an external id


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered: status, body byte for byte, the headers that belong to it."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """One caller's key and the content it stands for, as its sha256."""

    caller: str
    key: str
    fingerprint: bytes

    @property
    def name(self) -> bytes:
        """What tells this caller's key from everybody else's."""
        return f"{self.caller}\0{self.key}".encode()


def hold(claim: Claim) -> bool:
    """Keep a key until the transaction ends; False if another request keeps it."""
    name = sha256(claim.name).digest()
    with prepared.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name[:8], signed=True)])
        return bool(cursor.fetchone()[0])


def find_answer(claim: Claim, *, at: datetime) -> tuple[StoredAnswer, bool] | None:
    """The stored answer to a key, and whether it answers the same content; None if there is none, or none any more.

    Raises ValueError if no key opens it: the request was carried out, and is not carried out again.
    """
    row = IdempotentAnswer.objects.filter(caller=claim.caller, key=claim.key, created_at__gt=at - KEPT).first()
    if row is None:
        return None
    content = opened(row.content, purpose=PURPOSE, about=claim.name)
    fingerprint, body = content[:FINGERPRINT], content[FINGERPRINT:]
    return StoredAnswer(row.status, body, row.headers), fingerprint == claim.fingerprint


def store_answer(claim: Claim, answer: StoredAnswer, *, about: Collection[str], at: datetime) -> None:
    """Keep an answer for seven days; one that is older gives way. ``about``: external ids of the members concerned."""
    row = IdempotentAnswer(
        caller=claim.caller,
        key=claim.key,
        created_at=at,
        status=answer.status,
        content=sealed(claim.fingerprint + answer.body, purpose=PURPOSE, about=claim.name),
        headers=dict(answer.headers),
        about=sorted({name for name in about if len(name) <= LONGEST_NAME and is_storable(name)}),
    )
    IdempotentAnswer.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["caller", "key"],
        update_fields=["created_at", "status", "content", "headers", "about"],
    )


def forget_answers(*, program: Program, name: str, member: UUID) -> int:
    """Delete what was answered to clients of a program about a member (external id), and to the member; how many."""
    clients = ApiClient.objects.filter(program=program).values("client_id")
    about, _ = IdempotentAnswer.objects.filter(about__contains=[name], caller__in=clients).delete()
    own, _ = IdempotentAnswer.objects.filter(caller=f"member:{member}").delete()
    return about + own


def purge_answers(*, at: datetime) -> int:
    """Delete the answers that are older than seven days; how many there were."""
    deleted, _ = IdempotentAnswer.objects.filter(created_at__lte=at - KEPT).delete()
    return deleted
