"""``manage.py budgets``: what budgets were given, used and have left, and when they end at this speed."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.models import Program
from ledger.services.days import fold_days, forget_days
from loyalty.operations.reports.budgets import budgets_report
from loyalty.operations.reports.tables import Report

UNKNOWN = 2  # exit code
TEXTS = {
    "empty": "never filled",
    "exhausted": "used up",
    "unused": "nothing used yet",
    "too-early": "too early to tell",
    "lasts": "lasts",
}


class Command(BaseCommand):
    """Show the pace of budgets."""

    help = "Show what budgets were given, used and have left, and when they end at this speed (docs/budgets.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--program", metavar="CODE", help="one program; without it, all")
        parser.add_argument("--json", action="store_true")
        parser.add_argument(
            "--rebuild", action="store_true", help="first build the figures by day anew from the ledger"
        )

    def handle(self, *args: Any, program: str | None, rebuild: bool, **options: Any) -> None:
        programs = Program.objects.order_by("code")
        found = list(programs.filter(code=program) if program else programs)
        if program and not found:
            raise CommandError(f"There is no program {program}.", returncode=UNKNOWN)
        if rebuild:
            forget_days()
        fold_days()
        at = timezone.now()
        reports = [budgets_report(program=one, at=at) for one in found]
        if options["json"]:
            shown = reports[0].as_json() if program else {"programs": [report.as_json() for report in reports]}
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
            return
        for report in reports:
            self.stdout.write("\n".join(_lines(report)))


def _lines(report: Report) -> list[str]:
    """A heading, then a line for each budget and unit."""
    lines = [f"{report.program}:" if report.rows else f"{report.program}: no budgets"]
    for row in report.rows:
        name = f"  {row['kind']} {row['code']} ({row['unit']})"
        lines.append(f"{name}: {row['used']} used, {row['left']} left of {row['granted']}; {_verdict(row)}")
    return lines


def _verdict(row: Any) -> str:  # a row of the report
    if row["verdict"] == "ends-early":
        return f"ends on {row['ends_on']}, {row['days_early']} days early"
    end = f", ends on {row['ends_on']}" if row["ends_on"] else ""
    return f"{TEXTS[row['verdict']]}{end}"
