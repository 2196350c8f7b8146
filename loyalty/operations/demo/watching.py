"""Seeding all programs at once, each in a process of its own, and showing how far they are."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from core.models import Job

LOOK_SECONDS = 0.4
QUARTERS = 4


class SeedingFailed(CommandError):
    """A program could not be seeded; the command that wanted it ends with this sentence."""


def run_all(
    jobs: Sequence[Job], *, console: Console, stopping: Callable[[], bool], meanwhile: Callable[[], None]
) -> None:
    """Run these jobs beside each other until all are done or it is time to stop; interrupted, they can go on later.

    ``meanwhile`` is done here while they work. Raises: SeedingFailed with the first job's error.
    """
    with _workers(jobs) as workers, Progress(*_columns(), console=console, disable=not console.is_terminal) as bars:
        lines = {job.pk: bars.add_task(_name(job), total=None) for job in jobs}
        told: dict[int, int] = {}
        meanwhile()
        while any(worker.poll() is None for worker in workers) and not stopping():
            for job in _rows(jobs):
                bars.update(lines[job.pk], completed=job.steps_done, total=job.steps_total or None)
                if not console.is_terminal:
                    _tell(job, told, console)
            time.sleep(LOOK_SECONDS)
    for job in [] if stopping() else _rows(jobs):
        if job.state != Job.State.DONE:
            raise SeedingFailed(f"{_name(job)}: {job.error or 'stopped half-way'} See {_log()}; start again to go on.")


def _tell(job: Job, told: dict[int, int], console: Console) -> None:
    """Where no bar can move, a line a quarter."""
    quarter = QUARTERS * job.steps_done // job.steps_total if job.steps_total else 0
    if quarter > told.get(job.pk, 0):
        told[job.pk] = quarter
        console.print(f"  {_name(job)} {100 * quarter // QUARTERS} %")


def _rows(jobs: Sequence[Job]) -> list[Job]:
    return list(Job.objects.filter(pk__in=[job.pk for job in jobs]).select_related("program").order_by("pk"))


def _name(job: Job) -> str:
    return str(job.program)


def _log() -> Path:
    return Path(settings.VAR_DIR, "log", "demo.log")


def _columns() -> tuple[Any, ...]:
    name, percent = TextColumn("  {task.description:<12}"), TaskProgressColumn()
    return (name, BarColumn(), percent, TimeElapsedColumn())


@contextlib.contextmanager
def _workers(jobs: Sequence[Job]) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """A process a job; none is left behind."""
    _log().parent.mkdir(parents=True, exist_ok=True)
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", "work"]
    workers: list[subprocess.Popen[bytes]] = []
    with _log().open("ab") as log:
        try:
            workers += [subprocess.Popen([*manage, str(job.pk)], stdout=log, stderr=log) for job in jobs]
            yield workers
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait()
