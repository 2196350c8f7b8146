"""Statements of suppliers and outlets: read, shown, and matched with what we know."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched

from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from core.models import Job, Program, User
from core.refusals import Changed, FieldError, Invalid
from core.rules.arrays import columns
from core.rules.money import is_currency
from core.rules.sheets import SheetFault, read_sheet
from core.services import jobs
from core.tasks import run_job
from dealers.models import Dealer, Outlet
from rewards.models import Statement, StatementLine, Supplier
from rewards.models.codes import digests, opened, sealed
from rewards.rules.codes import masked
from rewards.rules.statements import FORM, JudgedLine, judge_line
from rewards.services.matching import match_statement, name_orders

KIND = "rewards.statement"
BATCH = 5_000
AT_ONCE = 200_000  # bytes of a file up to which nobody waits for a job
State, Kind = Statement.State, Statement.Kind

LINES = """
    INSERT INTO rewards_statementline (statement_id, number, reference, digest, "on", amount_minor, problem, detail,
        match, reason, state, note)
    SELECT %s, *, '', '', 'clear', '' FROM unnest(%s::int[], %s::text[], %s::bytea[], %s::date[], %s::bigint[],
        %s::text[], %s::text[])
"""
# Whom a reference names: a voucher by any key under which its code may be kept.
NAME_VOUCHERS = """
    UPDATE rewards_statementline l SET voucher_id = v.id
    FROM unnest(%s::int[], %s::bytea[]) AS w(number, digest)
    JOIN rewards_voucher v ON v.program_id = %s AND v.digest = w.digest AND v.member_id IS NOT NULL
    WHERE l.statement_id = %s AND l.number = w.number
"""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a statement is about: whose, from which day through which, in which currency, how exact."""

    kind: str
    party: str
    since: date
    until: date
    currency: str
    tolerance_minor: int = 0


def upload_statement(
    *, program: Program, heading: Heading, file_name: str, raw: bytes, by: User, at: datetime
) -> Statement:
    """Take in a file and judge its lines, small ones at once, others as a job. Nothing is matched.

    Raises: Invalid.
    """
    _check(program, heading)
    with transaction.atomic():
        statement = Statement.objects.create(
            program=program,
            kind=heading.kind,
            party=heading.party,
            since=heading.since,
            until=heading.until,
            currency=heading.currency,
            tolerance_minor=heading.tolerance_minor,
            file_name=file_name[-200:],
            sha256=hashlib.sha256(raw).digest(),
            raw=sealed(raw),
            imported_by=by,
            imported_at=at,
        )
        if len(raw) > AT_ONCE:
            _start(statement)
        else:
            _read(statement)
    statement.refresh_from_db()
    return statement


def parties(program: Program, kind: str) -> list[str]:
    """Codes of those whose statements can be matched."""
    if kind == Kind.SUPPLIER:
        return list(Supplier.objects.filter(program=program).order_by("code").values_list("code", flat=True))
    rows = [model.objects.filter(program=program).values_list("code", flat=True) for model in (Dealer, Outlet)]
    return sorted({code for codes in rows for code in codes})


def _check(program: Program, heading: Heading) -> None:
    wrong = []
    if heading.kind not in Kind.values or heading.party not in parties(program, heading.kind):
        wrong.append(FieldError("/party", "unknown", _("There is nobody with this code.")))
    if heading.until < heading.since:
        wrong.append(FieldError("/until", "invalid", _("The last day is before the first.")))
    if not is_currency(heading.currency):
        wrong.append(FieldError("/currency", "unknown", _("This is not a currency.")))
    if heading.tolerance_minor < 0:
        wrong.append(FieldError("/tolerance", "negative", _("A tolerance is not negative.")))
    if wrong:
        raise Invalid(wrong[0].detail, errors=wrong)


@transaction.atomic
def confirm_statement(*, statement: Statement, by: User, at: datetime) -> None:
    """Match what was shown. Raises: Changed, if it is not waiting for that, or the same file was matched meanwhile."""
    _lock(statement)
    held = _held(statement, State.PREVIEW)
    if same_statement(held):
        raise Changed(_("The same file was matched before."))
    match_statement(statement=held)
    held.state, held.matched_by, held.matched_at = State.MATCHED, by, at
    held.save(update_fields=["state", "matched_by", "matched_at"])


@transaction.atomic
def match_again(*, statement: Statement) -> int:
    """Try the open differences of a matched statement once more; how many are open no more. Raises: Changed.

    What is clear stays so, and what people closed or propose to close is left to them.
    """
    _lock(statement)
    held = _held(statement, State.MATCHED)
    rows = StatementLine.objects.filter(statement=held, state=StatementLine.State.OPEN)
    before = rows.aggregate(count=Count("pk"), last=Max("pk", default=0))
    match_statement(statement=held, again=True)
    return int(before["count"] - rows.filter(pk__lte=before["last"]).count())


def match_all_again() -> None:
    """Try the open differences of every statement once more, the oldest statement first, each in its transaction."""
    rows = StatementLine.objects.filter(state=StatementLine.State.OPEN).order_by("statement")
    for pk in list(rows.values_list("statement", flat=True).distinct()):
        match_again(statement=Statement.objects.only("pk", "program").get(pk=pk))


def _lock(statement: Statement) -> None:
    """One matching at a time in a program."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rewards.statements'), %s)", [statement.program_id])


@transaction.atomic
def discard_statement(*, statement: Statement) -> None:
    """Forget a statement that was not matched. Raises: Changed."""
    held = _held(statement, State.PREVIEW, State.READING)
    _forget(held)


def forget_stopped_statements() -> None:
    """Discard statements whose job ended without reading them, stopped before it began or with its worker."""
    begun = Statement.objects.filter(state=State.READING, job__isnull=False)
    for row in begun.exclude(job__state__in=jobs.UNFINISHED).only("pk"):
        _forget(row)


def same_statement(statement: Statement) -> Statement | None:
    """The statement of the same party that was matched from the same file before."""
    rows = Statement.objects.filter(
        program=statement.program_id, kind=statement.kind, party=statement.party, state=State.MATCHED
    )
    return rows.filter(sha256=bytes(statement.sha256)).exclude(pk=statement.pk).select_related("matched_by").first()


def run(progress: jobs.Progress) -> dict[str, object]:
    """Read a long statement. Told to stop, or after an error, it is discarded."""
    statement = Statement.objects.select_related("program").get(pk=progress.job.arguments["statement"])
    try:
        if statement.state == State.READING:
            _read(statement, progress)
    except Exception:
        _forget(statement)
        raise
    statement.refresh_from_db()
    return {"party": statement.party, "state": statement.state, "lines": statement.lines.count()}


def _start(statement: Statement) -> None:
    arguments: dict[str, object] = {"statement": statement.pk, "party": statement.party}
    job: Job = jobs.start(kind=KIND, program_id=statement.program_id, arguments=arguments, wake=run_job.delay)
    Statement.objects.filter(pk=statement.pk).update(job=job)


def _held(statement: Statement, *states: str) -> Statement:
    rows = Statement.objects.select_for_update(of=("self",), no_key=True).select_related("program")
    held = rows.filter(pk=statement.pk, state__in=states).first()
    if held is None:
        raise Changed(_("Something was done with this statement meanwhile. Look at it again."))
    return held


@transaction.atomic
def _forget(statement: Statement) -> None:
    gone = Statement.objects.filter(pk=statement.pk, state__in=[State.PREVIEW, State.READING])
    if gone.update(state=State.DISCARDED, raw=None):
        StatementLine.objects.filter(statement=statement).delete()


# -- reading -------------------------------------------------------------------------------------


def _read(statement: Statement, progress: jobs.Progress | None = None) -> None:
    """Judge every line of the file; a second run begins anew."""
    StatementLine.objects.filter(statement=statement).delete()
    raw, done = opened(statement.raw or b""), 0
    rows = raw.count(b"\n")
    judged = (judge_line(number, cells, currency=statement.currency) for number, cells in read_sheet(raw, FORM))
    try:
        for part in batched(judged, BATCH):
            _write(statement, part)
            done += len(part)
            if progress:
                progress.report(done, max(done, rows))
    except SheetFault as fault:
        StatementLine.objects.filter(statement=statement).delete()
        _become(statement, State.FAULTY, fault=fault.code, fault_name=fault.name[:200])
    else:
        if statement.kind == Kind.SUPPLIER:
            name_orders(statement=statement)
        _become(statement, State.PREVIEW)


def _become(statement: Statement, state: Statement.State, **more: object) -> None:
    rows = Statement.objects.filter(pk=statement.pk, state=State.READING)
    if not rows.update(state=state, raw=None, **more):
        StatementLine.objects.filter(statement=statement).delete()


def _write(statement: Statement, lines: Sequence[JudgedLine]) -> None:
    is_outlet = statement.kind == Kind.OUTLET
    with connection.cursor() as cursor:
        cursor.execute(LINES, [statement.pk, *columns(_line(line, is_outlet=is_outlet) for line in lines)])
        codes = [(line.number, one) for line in lines if not line.problem for one in digests(line.reference)]
        if is_outlet and codes:
            cursor.execute(NAME_VOUCHERS, [*columns(codes), statement.program_id, statement.pk])


def _line(line: JudgedLine, *, is_outlet: bool) -> tuple[object, ...]:
    """A row; of a voucher's code the masked end and the keyed hash."""
    reference, digest = line.reference, None
    if is_outlet and reference:
        reference, digest = masked(reference), digests(reference)[0]
    return (line.number, reference, digest, line.on, line.amount_minor, line.problem, line.detail)
