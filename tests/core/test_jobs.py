"""Jobs: progress, cancelling, refusals as sentences, one run at a time, and a restart when the worker died."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from core.models import Job, Program
from core.refusals import Invalid
from core.services import jobs
from core.services.jobs import Progress


def count_to_three(progress: Progress) -> dict[str, object]:
    """Do three steps."""
    for done in (1, 2, 3):
        progress.report(done, 3)
    return {"counted": progress.job.arguments["what"]}


def refuse(_progress: Progress) -> dict[str, object]:
    """Say no."""
    raise Invalid("The file has no rows.")


def fail(_progress: Progress) -> dict[str, object]:
    """Break."""
    raise RuntimeError("out of paper")


def be_cancelled(progress: Progress) -> dict[str, object]:
    """Be told to stop after the first step."""
    progress.report(1, 3)
    jobs.cancel(job=progress.job)
    progress.report(2, 3)
    return {"never": "seen"}


@pytest.fixture(autouse=True)
def kinds(settings: Settings) -> None:
    works = (count_to_three, refuse, fail, be_cancelled)
    settings.JOBS = {work.__name__: f"{__name__}.{work.__name__}" for work in works}


def queue(kind: str, program: Program) -> Job:
    return jobs.start(kind=kind, program_id=program.pk, arguments={"what": "sheep"}, wake=lambda _pk: None)


def ran(kind: str, program: Program) -> Job:
    job = queue(kind, program)
    jobs.run(job_id=job.pk)
    job.refresh_from_db()
    return job


def test_a_job_reports_progress_and_result(program: Program) -> None:
    job = ran("count_to_three", program)
    assert (job.state, job.steps_done, job.steps_total, job.report) == ("done", 3, 3, {"counted": "sheep"})


def test_a_refusal_is_the_jobs_error(program: Program) -> None:
    job = ran("refuse", program)
    assert (job.state, job.error) == ("failed", "The file has no rows.")


def test_an_unforeseen_error_fails_the_job_with_a_sentence(program: Program) -> None:
    job = ran("fail", program)
    assert (job.state, job.error) == ("failed", "The work stopped with an error: out of paper")


def test_a_running_job_stops_at_its_next_report_when_cancelled(program: Program) -> None:
    job = ran("be_cancelled", program)
    assert (job.state, job.steps_done, job.report) == ("cancelled", 2, {})


def test_a_cancelled_job_that_waits_never_starts(program: Program) -> None:
    job = queue("count_to_three", program)
    jobs.cancel(job=job)
    jobs.run(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("cancelled", 0)


def test_a_finished_job_does_not_run_again(program: Program) -> None:
    job = ran("count_to_three", program)
    jobs.run(job_id=job.pk)
    job.refresh_from_db()
    assert job.attempts == 1


def test_the_worker_is_woken_after_commit_only(
    program: Program, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    woken: list[int] = []
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.start(kind="refuse", program_id=program.pk, arguments={}, wake=woken.append)
        assert woken == []
    assert woken == [job.pk]


def test_an_unknown_kind_is_not_queued(program: Program) -> None:
    with pytest.raises(KeyError):
        queue("no_such_work", program)
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_runs_in_one_place_at_a_time_and_one_left_alone_is_found(program: Program) -> None:
    job = queue("count_to_three", program)
    Job.objects.update(state=Job.State.RUNNING)  # its worker died
    assert jobs.waiting() == [job.pk]
    with jobs._locked(job.pk):
        in_another_session(lambda: jobs.run(job_id=job.pk))
        assert jobs.waiting() == []
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("running", 0)
    jobs.run(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 1)


def test_a_job_whose_worker_died_three_times_fails(program: Program) -> None:
    job = queue("count_to_three", program)
    Job.objects.update(attempts=jobs.MOST_ATTEMPTS)
    jobs.run(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The worker died each time this was tried.")


def in_another_session(act: Callable[[], None]) -> None:
    """Call with a database session of its own."""

    def call() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
