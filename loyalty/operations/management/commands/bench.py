"""``manage.py bench``: figures with their yardsticks (docs/bench.md)."""

import json
import os
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from loyalty.operations.bench.figures import as_json, as_table
from loyalty.operations.bench.running import BENCHES, prepare, run, size, write


class Command(BaseCommand):
    """Build stores, measure, print a table, write ``var/bench.json``."""

    help = "Measure speed and memory, each beside a yardstick of the same run (docs/bench.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--small", action="store_true", help="a twentieth of the data: two minutes (or SMALL=1)")
        parser.add_argument("--only", nargs="+", choices=list(BENCHES), metavar="NAME", help=", ".join(BENCHES))
        parser.add_argument("--json", action="store_true", help="print the figures as JSON on the last line")

    def handle(self, *args: Any, small: bool, only: list[str] | None, **options: Any) -> None:
        names = only or list(BENCHES)
        measured = size(
            str(connection.settings_dict["NAME"]), small=small or os.environ.get("SMALL", "") not in {"", "0"}
        )
        quiet = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=quiet, disable=not self.stderr.isatty()) as progress:
            bar = progress.add_task("looking for the stores", total=None)
            began = time.monotonic()
            prepare(measured, names, at=timezone.now(), told=lambda what: progress.update(bar, description=what))
            built = time.monotonic() - began
            figures = run(measured, names, told=lambda what: progress.update(bar, description=what))
        file = settings.VAR_DIR / "bench.json"
        write(figures, file)
        Console(file=self.stdout, width=120).print(as_table(figures))  # type: ignore[arg-type]  # writes as a file does
        took = time.monotonic() - began - built
        self.stdout.write(f"stores ready after {built:.0f} s, measured in {took:.0f} s, written to {file}")
        if options["json"]:
            self.stdout.write(json.dumps(as_json(figures)))
