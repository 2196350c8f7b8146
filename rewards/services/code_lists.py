"""Lists of codes: read and judged row by row, shown, and taken into stock exactly as they were shown."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import batched
from zlib import crc32

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from core.models import Job, User
from core.refusals import Changed, Refusal
from core.rules.arrays import columns
from core.rules.sheets import SheetFault, read_sheet
from core.services import jobs
from core.tasks import run_job
from rewards.models import CodeBatch, CodeLine, Reward
from rewards.models.categories import Stock
from rewards.models.codes import digests, encrypted, opened, sealed
from rewards.rules.code_lists import ALIKE, FORM, KNOWN, NO_ROWS, TWICE, Judged, judge_row, not_sold
from rewards.rules.codes import masked, normal

KIND = "rewards.codes"
BATCH = 5_000
AT_ONCE = 200_000  # bytes of a file, and
ROWS_AT_ONCE = 5_000  # rows, up to which nobody waits for a job
State = CodeBatch.State

LINES = """
    INSERT INTO rewards_codeline (batch_id, number, cipher, pin_cipher, digest, expires_on, value_minor, currency,
        shown, problem, detail)
    SELECT %s, * FROM unnest(%s::int[], %s::bytea[], %s::bytea[], %s::bytea[], %s::date[], %s::bigint[],
        %s::text[], %s::text[], %s::text[], %s::text[])
"""
HAD = """
    SELECT w.place, v.state FROM unnest(%s::int[], %s::bytea[]) AS w(place, digest)
    JOIN rewards_voucher v ON v.program_id = %s AND v.digest = w.digest
"""
TAKE_IN = """
    INSERT INTO rewards_voucher (program_id, reward_id, state, cipher, pin_cipher, digest, expires_on, value_minor,
        left_minor, currency)
    SELECT %s, %s, 'stock', cipher, pin_cipher, digest, expires_on, value_minor, value_minor, currency
    FROM rewards_codeline WHERE batch_id = %s AND problem = '' AND number > %s AND number <= %s ORDER BY number
    ON CONFLICT (program_id, digest) DO NOTHING
"""
# What came into stock since the rows were judged is refused now.
JUDGE_AGAIN = """
    UPDATE rewards_codeline l SET problem = 'known', detail = v.state, cipher = NULL, pin_cipher = NULL, digest = NULL
    FROM rewards_voucher v
    WHERE l.batch_id = %s AND l.problem = '' AND v.program_id = %s AND v.digest = l.digest
"""
PAST = """
    UPDATE rewards_codeline SET problem = 'past', detail = expires_on::text,
        cipher = NULL, pin_cipher = NULL, digest = NULL
    WHERE batch_id = %s AND problem = '' AND expires_on <= %s
"""
UNSOLD = """
    UPDATE rewards_codeline l SET problem = n.problem, detail = n.detail,
        cipher = NULL, pin_cipher = NULL, digest = NULL
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS n(value, unit, problem, detail)
    WHERE l.batch_id = %s AND l.problem = '' AND l.value_minor IS NOT DISTINCT FROM n.value AND l.currency = n.unit
"""
ONE_LOADER = "SELECT pg_advisory_xact_lock(hashtext('rewards.codes'), %s)"


class _Conflict(Exception):
    """Codes of the list are in the program already."""


def upload_codes(*, reward: Reward, file_name: str, raw: bytes, by: User, at: datetime) -> CodeBatch:
    """Take in a file and judge its rows, small ones at once, others as a job. Nothing goes into stock.

    Raises: Refusal, if the reward's pieces are no list of codes.
    """
    if reward.stock != Stock.CODES:
        raise Refusal(_("Codes are loaded for rewards whose stock is a list of codes."))
    with transaction.atomic():
        batch = CodeBatch.objects.create(
            reward=reward,
            file_name=file_name[-200:],
            sha256=hashlib.sha256(raw).digest(),
            raw=sealed(raw),
            uploaded_by=by,
            uploaded_at=at,
        )
        if len(raw) > AT_ONCE:
            _start(batch, "read")
        else:
            _read(batch, at)
    batch.refresh_from_db()
    return batch


def confirm_codes(*, batch: CodeBatch, by: User, at: datetime) -> CodeBatch:
    """Put the accepted rows into stock, all of them, many as a job.

    Raises: Changed, if the list is not waiting for that, or holds codes that came in meanwhile: it is judged again.
    """
    if batch.accepted > ROWS_AT_ONCE:
        with transaction.atomic():
            held = _held(batch, State.PREVIEW)
            held.state, held.loaded_by = State.LOADING, by
            held.save(update_fields=["state", "loaded_by"])
            _start(held, "load")
    else:
        _load(batch, by=by, at=at, of=State.PREVIEW)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def discard_codes(*, batch: CodeBatch) -> None:
    """Forget a list that was not loaded, with its file and rows. Raises: Changed."""
    held = _held(batch, State.PREVIEW, State.READING)
    _forget(held)


def forget_old_lists(*, before: datetime) -> int:
    """Discard lists that nobody confirmed, with the codes that they hold; how many.

    Those whose job ended without its work, stopped before it began or with its worker, are left to people again.
    """
    begun = CodeBatch.objects.filter(state__in=[State.READING, State.LOADING], job__isnull=False)
    for row in begun.exclude(job__state__in=jobs.UNFINISHED).only("pk", "state"):
        _stop(row)
    old = CodeBatch.objects.filter(state__in=[State.PREVIEW, State.READING], uploaded_at__lt=before)
    rows = list(old.only("pk", "state"))
    for row in rows:
        discard_codes(batch=row)
    return len(rows)


def same_file(batch: CodeBatch) -> CodeBatch | None:
    """The list that was loaded from the same file before, for whichever reward of the program."""
    rows = CodeBatch.objects.filter(reward__program=batch.reward.program_id, sha256=bytes(batch.sha256))
    return rows.filter(state=State.LOADED).exclude(pk=batch.pk).select_related("reward", "loaded_by").first()


def run(progress: jobs.Progress) -> dict[str, object]:
    """Read or load a long list.

    Told to stop, or after an error, it leaves nothing: a list being read is discarded, one being loaded goes back to be
    confirmed.
    """
    asked = progress.job.arguments
    batch = CodeBatch.objects.select_related("reward__program").get(pk=asked["batch"])
    try:
        if asked["step"] == "read" and batch.state == State.READING:
            _read(batch, datetime.now(UTC), progress)
        elif asked["step"] == "load" and batch.state == State.LOADING and batch.loaded_by:
            _load(batch, by=batch.loaded_by, at=datetime.now(UTC), of=State.LOADING, progress=progress)
    except Exception:
        _stop(batch)
        raise
    batch.refresh_from_db()
    return {"reward": batch.reward.code, "state": batch.state, "accepted": batch.accepted, "refused": batch.refused}


def _start(batch: CodeBatch, step: str) -> None:
    arguments: dict[str, object] = {"batch": batch.pk, "step": step, "reward": batch.reward.code}
    job: Job = jobs.start(kind=KIND, program_id=batch.reward.program_id, arguments=arguments, wake=run_job.delay)
    CodeBatch.objects.filter(pk=batch.pk).update(job=job)


def _held(batch: CodeBatch, *states: str) -> CodeBatch:
    rows = CodeBatch.objects.select_for_update(of=("self",), no_key=True).select_related("reward")
    held = rows.filter(pk=batch.pk, state__in=states).first()
    if held is None:
        raise Changed(_("Something was done with this list meanwhile. Look at it again."))
    return held


def _forget(batch: CodeBatch) -> None:
    CodeLine.objects.filter(batch=batch).delete()
    CodeBatch.objects.filter(pk=batch.pk).update(state=State.DISCARDED, raw=None)


@transaction.atomic
def _stop(batch: CodeBatch) -> None:
    """After a job that did not come to its end."""
    batch.refresh_from_db()
    if batch.state == State.READING:
        _forget(batch)
    elif batch.state == State.LOADING:
        CodeBatch.objects.filter(pk=batch.pk).update(state=State.PREVIEW)


# -- reading -------------------------------------------------------------------------------------


def _read(batch: CodeBatch, at: datetime, progress: jobs.Progress | None = None) -> None:
    """Judge every row of the file; a second run begins anew."""
    CodeLine.objects.filter(batch=batch).delete()
    raw, counts = opened(batch.raw or b""), {True: 0, False: 0}
    lines, batch.raw = raw.count(b"\n"), None
    try:
        for part in batched(_judged(raw, batch, at.astimezone(UTC).date()), BATCH):
            rows = _without_known(batch, part)
            _write(batch, rows)
            for row in rows:
                counts[not row.problem] += 1
            if progress:
                progress.report(sum(counts.values()), max(sum(counts.values()), lines))
    except SheetFault as fault:
        CodeLine.objects.filter(batch=batch).delete()
        _become(batch, State.FAULTY, fault=fault.code, fault_name=fault.name[:200])
        return
    if not any(counts.values()):
        _become(batch, State.FAULTY, fault=NO_ROWS)
    else:
        _become(batch, State.PREVIEW, accepted=counts[True], refused=counts[False])


def _become(batch: CodeBatch, state: CodeBatch.State, **more: object) -> None:
    """Go on, unless somebody discarded it meanwhile: then its rows go too."""
    rows = CodeBatch.objects.filter(pk=batch.pk, state=State.READING)
    if not rows.update(state=state, raw=None, **more):
        CodeLine.objects.filter(batch=batch).delete()


def _judged(raw: bytes, batch: CodeBatch, today: date) -> Iterator[Judged]:
    """The rows, each judged by itself and beside those before it: however it is typed, a code is there once.

    Of a code that is there its row is remembered, and a checksum that tells whether it is typed in the same way.
    """
    seen: dict[bytes, int] = {}
    currency, values = batch.reward.program.currency, batch.reward.values
    for number, cells in read_sheet(raw, FORM):
        row = judge_row(number, cells, today=today, currency=currency, values=values)
        if row.problem:
            yield row
            continue
        typed = crc32(row.code.encode())
        first, checksum = divmod(seen.setdefault(normal(row.code).encode(), number << 32 | typed), 1 << 32)
        if first == number:
            yield row
        else:
            yield Judged(number, row.code, problem=TWICE if checksum == typed else ALIKE, detail=str(first))


def _without_known(batch: CodeBatch, rows: Sequence[Judged]) -> list[Judged]:
    """The rows, those refused whose code the program has or had; one query."""
    wanted = [(place, one) for place, row in enumerate(rows) if not row.problem for one in digests(row.code)]
    if not wanted:
        return list(rows)
    with connection.cursor() as cursor:
        cursor.execute(HAD, [*columns(wanted), batch.reward.program_id])
        had = dict(cursor.fetchall())
    return [
        Judged(row.number, row.code, problem=KNOWN, detail=had[place]) if place in had else row
        for place, row in enumerate(rows)
    ]


def _write(batch: CodeBatch, rows: Sequence[Judged]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LINES, [batch.pk, *columns(_line(row) for row in rows)])


def _line(row: Judged) -> tuple[object, ...]:
    pin = encrypted(row.pin) if row.pin else None
    kept = (None, None, None) if row.problem else (encrypted(row.code), pin, digests(row.code)[0])
    shown = masked(row.code) if row.code else ""
    return (row.number, *kept, row.expires_on, row.value_minor, row.currency, shown, row.problem, row.detail)


# -- loading -------------------------------------------------------------------------------------


def _load(
    batch: CodeBatch, *, by: User, at: datetime, of: CodeBatch.State, progress: jobs.Progress | None = None
) -> None:
    """Put all accepted rows into stock, or none: then the list is judged again, and to be confirmed again."""
    try:
        with transaction.atomic():
            held = _held(batch, of)
            if not held.accepted:
                raise Changed(_("No row of this list can be loaded."))
            with connection.cursor() as cursor:
                cursor.execute(ONE_LOADER, [held.reward.program_id])
            _take_in(held, at.astimezone(UTC).date(), progress)
            CodeLine.objects.filter(batch=held, problem="").delete()
            held.state, held.loaded_by, held.loaded_at = State.LOADED, by, at
            held.save(update_fields=["state", "loaded_by", "loaded_at"])
    except _Conflict:
        _judge_again(batch, of, at)
        raise Changed(
            _("Some of these codes came in by another list, have run out or are of no value on sale. Look at it again.")
        ) from None


def _take_in(batch: CodeBatch, today: date, progress: jobs.Progress | None) -> None:
    """In parts, so that somebody can stop it; the parts are one transaction."""
    lines = CodeLine.objects.filter(batch=batch, problem="")
    if lines.filter(expires_on__lte=today).exists() or _unsold(batch):
        raise _Conflict
    last = lines.order_by("-number").values_list("number", flat=True).first() or 0
    taken = 0
    with connection.cursor() as cursor:
        for start in range(0, last, BATCH):
            _heed(progress)
            asked = [batch.reward.program_id, batch.reward_id, batch.pk, start, start + BATCH]
            cursor.execute(TAKE_IN, asked)
            taken += cursor.rowcount
    if taken != batch.accepted:
        raise _Conflict


def _unsold(batch: CodeBatch) -> list[tuple[int | None, str]]:
    """Of a reward that has values, what accepted codes are worth that is none of them (any more)."""
    values = batch.reward.values
    rows = CodeLine.objects.filter(batch=batch, problem="").order_by().values_list("value_minor", "currency").distinct()
    return [worth for worth in rows if worth not in values] if values else []


def _heed(progress: jobs.Progress | None) -> None:
    if progress and Job.objects.filter(pk=progress.job.pk, cancel_requested=True).exists():
        raise jobs.Cancelled


@transaction.atomic
def _judge_again(batch: CodeBatch, of: CodeBatch.State, at: datetime) -> None:
    held = _held(batch, of)
    with connection.cursor() as cursor:
        cursor.execute(JUDGE_AGAIN, [held.pk, held.reward.program_id])
        again = cursor.rowcount
        cursor.execute(PAST, [held.pk, at.astimezone(UTC).date()])
        again += cursor.rowcount
        if unsold := _unsold(held):
            said = [(*worth, *not_sold(*worth, values=held.reward.values)) for worth in unsold]
            cursor.execute(UNSOLD, [*columns(said), held.pk])
            again += cursor.rowcount
    counts = {"accepted": held.accepted - again, "refused": held.refused + again}
    CodeBatch.objects.filter(pk=held.pk).update(state=State.PREVIEW, **counts)
