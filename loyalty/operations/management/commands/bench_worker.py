"""``manage.py bench_worker``: one worker of ``manage.py bench``, which starts it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from loyalty.operations.bench.worker import told, work


class Command(BaseCommand):
    """Take events in and report."""

    help = "One worker of the bench; started by manage.py bench."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run")
        parser.add_argument("events", type=int)
        parser.add_argument("members", type=int)

    def handle(self, *args: Any, run: str, events: int, members: int, **options: Any) -> None:
        self.stdout.write(told(work(run=run, events=events, members=members)))
