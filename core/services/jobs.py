"""Jobs: long work with progress, which can be cancelled and survives its worker.

A job is a row; Celery only wakes a worker for it. Whoever runs it holds a lock of the database session, so a job never
runs twice at a time, and one whose worker died is seen by its free lock and started again (three times at most: its
function must be able to run again from the start or to resume).
"""

import contextlib
from collections.abc import Callable, Iterator

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from core.models import Job
from core.refusals import Refusal

LOCKS = 0x6A6F62  # "job": the first half of the advisory lock; the second is the job's id
MOST_ATTEMPTS = 3
UNFINISHED = (Job.State.QUEUED, Job.State.RUNNING)
RUNNING = """
    SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
log = structlog.get_logger(__name__)

type Work = Callable[["Progress"], dict[str, object]]


class Cancelled(Exception):
    """Somebody asked for the job to stop."""


class Progress:
    """What a job's function gets: its arguments, and the way to say how far it is."""

    def __init__(self, job: Job) -> None:
        """Wrap the running job."""
        self.job = job

    def report(self, done: int, total: int) -> None:
        """Write down ``done`` of ``total`` steps. Call it between transactions.

        Raises: Cancelled, which the function lets pass.
        """
        Job.objects.filter(pk=self.job.pk).update(steps_done=done, steps_total=total, updated_at=Now())
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled


def start(*, kind: str, program_id: int | None, arguments: dict[str, object], wake: Callable[[int], object]) -> Job:
    """Queue a job; ``wake(job id)`` (``core.tasks.run_job.delay``) is called after commit.

    Raises: KeyError if ``settings.JOBS`` does not know the kind.
    """
    if kind not in settings.JOBS:
        raise KeyError(kind)
    job = Job.objects.create(kind=kind, program_id=program_id, arguments=arguments)
    transaction.on_commit(lambda: wake(job.pk), robust=True)
    return job


def cancel(*, job: Job) -> None:
    """Ask a job to stop: at once if it waits, else at its next report."""
    Job.objects.filter(pk=job.pk, state__in=UNFINISHED).update(cancel_requested=True, updated_at=Now())


def run(*, job_id: int) -> None:
    """Run a job unless it is finished or runs elsewhere. What it raises becomes its error, a sentence."""
    with _locked(job_id) as ours:
        job = Job.objects.filter(pk=job_id, state__in=UNFINISHED).first()
        if ours and job:
            _run_locked(job)


def _run_locked(job: Job) -> None:
    if job.cancel_requested:
        _finish(job, Job.State.CANCELLED)
    elif job.attempts >= MOST_ATTEMPTS:
        _finish(job, Job.State.FAILED, error="The worker died each time this was tried.")
    else:
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, attempts=job.attempts + 1, updated_at=Now())
        _work(job)


def _work(job: Job) -> None:
    work: Work = import_string(settings.JOBS[job.kind])
    try:
        report = work(Progress(job))
    except Cancelled:
        _finish(job, Job.State.CANCELLED)
    except Refusal as refusal:
        _finish(job, Job.State.FAILED, error=str(refusal.detail))
    except Exception as error:
        log.exception("job_failed", job=job.pk, kind=job.kind)
        _finish(job, Job.State.FAILED, error=f"The work stopped with an error: {error}")
    else:
        _finish(job, Job.State.DONE, report=report)


def _finish(job: Job, state: Job.State, *, report: dict[str, object] | None = None, error: str = "") -> None:
    Job.objects.filter(pk=job.pk).update(state=state, report=report or {}, error=error, updated_at=Now())


def waiting() -> list[int]:
    """Ids of jobs that nobody runs: still queued, or left by a worker that died."""
    jobs = Job.objects.filter(state__in=UNFINISHED).values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(RUNNING, [LOCKS])
        running = {pk for (pk,) in cursor.fetchall()}
    return [pk for pk in jobs if pk not in running]


@contextlib.contextmanager
def _locked(job_id: int) -> Iterator[bool]:
    """Hold the job's lock for as long as this database session lives; False if somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, job_id])
        (ours,) = cursor.fetchone()
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, job_id])
