"""What is kept under older keys, brought under the newest: in batches, beside everything else, again without effect.

Each batch is a transaction. Rows that others hold are passed over, and taken at the end; so nobody waits for this in a
circle. Stopped anywhere it has done what it has done, and the next run does the rest.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from core.models.sealing import resealed
from core.rules.arrays import columns
from rewards.models import Redemption, Supplier, Voucher
from rewards.models.codes import KEPT, decrypted, digest
from rewards.models.redemptions import PHONES

PAUSE = 0.2  # seconds, before rows that somebody held are tried again
ROUNDS = 50  # that they are tried
# A code that came twice, under two keys, keeps its old one: two rows of one code are for people.
WRITE = """
    WITH wanted AS (
        SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[])
            AS n(id, cipher, pin_cipher, digest, was)
    ), free AS (
        SELECT v.id, v.program_id FROM rewards_voucher v WHERE v.id IN (SELECT id FROM wanted)
        ORDER BY v.id FOR NO KEY UPDATE SKIP LOCKED
    ), moved AS (
        UPDATE rewards_voucher v SET cipher = w.cipher, pin_cipher = w.pin_cipher, digest = w.digest
        FROM wanted w JOIN free f USING (id) WHERE v.id = w.id AND NOT EXISTS (
            SELECT FROM rewards_voucher o WHERE o.program_id = f.program_id AND o.digest = w.digest AND o.id <> w.id
        )
        RETURNING v.id
    ), told AS (
        UPDATE rewards_statementline l SET digest = w.digest FROM wanted w
        WHERE l.digest = w.was AND l.voucher_id IS NULL AND l.state <> 'closed'
    )
    SELECT f.id, m.id IS NOT NULL FROM free f LEFT JOIN moved m USING (id)
"""


@dataclass(slots=True)
class Resealed:
    """How many rows came under the newest key; ``left`` were held by others, ``twice`` have a code that is there."""

    vouchers: int = 0
    redemptions: int = 0
    suppliers: int = 0
    left: int = 0
    twice: int = 0


def reseal(*, batch: int = 1_000) -> Resealed:
    """Bring codes and PINs of vouchers, phone numbers of redemptions and secrets of suppliers under the newest key.

    Raises ValueError where no key opens one: nothing of its batch is written.
    """
    done = Resealed()
    held: list[int] = []
    for ids in _ids(Voucher.objects.all(), batch):
        held += _vouchers(ids, done)
    for _round in range(ROUNDS if held else 0):
        time.sleep(PAUSE)
        held = [pk for place in range(0, len(held), batch) for pk in _vouchers(held[place : place + batch], done)]
    done.left = len(held)
    for ids in _ids(Redemption.objects.filter(phone__isnull=False), batch):
        done.redemptions += _numbers(ids)
    done.suppliers = _suppliers()
    return done


def _ids(rows: QuerySet[Voucher] | QuerySet[Redemption], batch: int) -> Iterator[list[int]]:
    """The ids of rows in order, in batches."""
    last = 0
    while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]):
        yield ids
        last = ids[-1]


@transaction.atomic
def _vouchers(ids: Sequence[int], done: Resealed) -> list[int]:
    """Write those that are under an older key; the ids of those that somebody holds."""
    rows = []
    for one in Voucher.objects.filter(pk__in=ids).only("cipher", "pin_cipher", "digest"):
        if new := resealed(one.cipher, purpose=KEPT):
            pin = one.pin_cipher and (resealed(one.pin_cipher, purpose=KEPT) or bytes(one.pin_cipher))
            rows.append((one.pk, new, pin, digest(decrypted(new)), bytes(one.digest)))
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(WRITE, columns(rows))
        moved = dict(cursor.fetchall())
    done.vouchers += sum(moved.values())
    done.twice += len(moved) - sum(moved.values())
    return [row[0] for row in rows if row[0] not in moved]


@transaction.atomic
def _numbers(ids: Sequence[int]) -> int:
    """Numbers of redemptions; what erasure forgets meanwhile stays forgotten."""
    found = Redemption.objects.filter(pk__in=ids, phone__isnull=False).only("uuid", "phone")
    sealed = ((one.pk, resealed(one.phone or b"", purpose=PHONES, about=one.uuid.bytes)) for one in found)
    rows = [(pk, new) for pk, new in sealed if new]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE rewards_redemption r SET phone = n.phone FROM unnest(%s::bigint[], %s::bytea[]) AS n(id, phone)
            WHERE r.id = n.id AND r.phone IS NOT NULL""",
            columns(rows),
        )
        return int(cursor.rowcount)


@transaction.atomic
def _suppliers() -> int:
    """Secrets of suppliers."""
    moved = 0
    for one in Supplier.objects.select_for_update(no_key=True).order_by("pk"):
        new = {
            name: sealed
            for name in ("secret", "webhook_secret")
            if (stored := bytes(getattr(one, name))) and (sealed := resealed(stored, purpose=KEPT))
        }
        moved += bool(new and Supplier.objects.filter(pk=one.pk).update(**new))
    return moved
