"""Proving books as a job, so that everybody sees when it was done last and what came of it."""

import structlog

from core.models import Job, Program
from core.services import jobs
from core.tasks import run_job
from ledger.services.proofs import prove_or_halt

KIND = "ledger.prove"

log = structlog.get_logger(__name__)


def start_proofs(*, program: Program | None = None) -> Job:
    """Queue the proofs of a program's books, or of all."""
    return jobs.start(kind=KIND, program_id=program.pk if program else None, arguments={}, wake=run_job.delay)


def leave_proofs() -> Job:
    """Queue the proofs of all books for the worker's next look at the jobs, where no broker runs yet."""
    return jobs.start(kind=KIND, program_id=None, arguments={}, wake=lambda _job: None)


def prove_books(progress: jobs.Progress) -> dict[str, object]:
    """Prove book after book; one that does not add up is halted and shouted about. Reports the proofs that failed."""
    chosen = Program.objects.order_by("pk")
    programs = list(chosen.filter(pk=progress.job.program_id) if progress.job.program_id else chosen)
    books: dict[str, list[str]] = {}
    for done, program in enumerate(programs):
        progress.report(done, len(programs))
        books |= _prove(program)
    progress.report(len(programs), len(programs))
    return {"ok": not any(books.values()), "books": books}


def _prove(program: Program) -> dict[str, list[str]]:
    found = {}
    for proved in prove_or_halt(program=program).books:
        wrong = found[proved.book.code] = [proof.name for proof in proved.proofs if not proof.ok]
        if wrong:
            log.error("book_does_not_add_up", book=proved.book.code, proofs=wrong)
    return found
