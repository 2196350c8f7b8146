"""One worker process: it takes batches in and says how long that took. The parent reads its JSON."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError
from django.utils import timezone

from campaigns.services.intake import take_in
from core.models import Program
from loyalty.operations.bench.stores import Store, environment
from loyalty.operations.bench.traffic import batches

WARM_UP = 500  # events before the clock starts: a worker that runs has its configuration read


@dataclass(frozen=True, slots=True)
class Report:
    """``seconds`` inside the intake alone; ``began`` and ``ended`` on the machine's clock; peak memory in MiB."""

    events: int
    seconds: float
    began: float
    ended: float
    peak: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def work(*, run: str, events: int, members: int) -> Report:
    """Warm up, say so, wait for a line, and take the events in."""
    program = Program.objects.get()
    at = timezone.now()
    for batch in batches(run=f"{run}-warm", events=WARM_UP, members=members, at=at):
        take_in(program=program, events=batch, at=at)
    print("ready", flush=True)  # noqa: T201  # the parent listens
    sys.stdin.readline()
    seconds, began = 0.0, time.time()
    for batch in batches(run=run, events=events, members=members, at=at):
        start = time.perf_counter()
        answers = take_in(program=program, events=batch, at=at)
        seconds += time.perf_counter() - start
        if refused := [answer for answer in answers if answer.refusal]:
            raise CommandError(f"The engine refused an event of the bench: {refused[0].refusal}")
    return Report(events, seconds, began, time.time(), _peak())


def _peak() -> float:
    """MiB that this program ever held: ``ru_maxrss`` would count what its parent held when it was started."""
    status = Path("/proc/self/status")
    if not status.exists():  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (line,) = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def run_workers(store: Store, runs: Sequence[str], *, events: int) -> list[Report]:
    """Let as many workers as there are names of runs start at the same moment; wait for all."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "bench_worker"]
    workers = [
        subprocess.Popen(
            [*command, run, str(events), str(store.members)],
            env=environment(store),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for run in runs
    ]
    for worker in workers:
        _line(worker)
    for worker in workers:
        if worker.stdin:
            worker.stdin.write("\n")
            worker.stdin.flush()
    reports = [Report(**json.loads(_line(worker))) for worker in workers]
    for worker in workers:
        worker.communicate()
    return reports


def _line(worker: subprocess.Popen[str]) -> str:
    line = worker.stdout.readline() if worker.stdout else ""
    if not line:
        raise CommandError("A worker of the bench ended with an error; what it said stands above.")
    return line


def told(report: Report) -> str:
    """A report as a line."""
    return json.dumps(asdict(report))
