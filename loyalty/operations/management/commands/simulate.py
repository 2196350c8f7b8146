"""``manage.py simulate``: what campaigns would have given for the events that came."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.services.simulation import simulate
from core.refusals import Refusal
from loyalty.operations.simulation import moment_of, named


class Command(BaseCommand):
    """Replay stored events; nothing is written."""

    help = (
        "Say what a program file, a draft or the live campaigns give for the events of an interval: docs/simulation.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="FILE|CODE", help="a program file, a campaign, or a program")
        parser.add_argument("--from", dest="since", required=True, metavar="TIME", help="a day or a moment, in")
        parser.add_argument("--to", dest="until", required=True, metavar="TIME", help="a day or a moment, out")
        parser.add_argument("--program", metavar="PROGRAM", help="needed where several have a campaign of this code")
        parser.add_argument("--json", action="store_true", help="print the whole report")

    def handle(self, *args: Any, name: str, since: str, until: str, program: str | None, **options: Any) -> None:
        try:
            row, trial = named(name, program)
            first, last = moment_of(since, row, "from"), moment_of(until, row, "to")
            report = simulate(program=row, trial=trial, since=first, until=last, report=self.progress)
        except Refusal as refusal:
            lines = [f"{error.pointer.strip('/')}: {error.detail}" for error in refusal.errors]
            raise CommandError("\n".join([str(refusal.detail), *lines])) from refusal
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else as_text(report))

    def progress(self, done: int, total: int) -> None:
        """A line that counts, for somebody who watches."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done:,} / {total:,}", ending="")


def as_text(report: dict[str, Any]) -> str:
    """A few lines."""
    drafts = ", ".join(draft["code"] for draft in report["drafts"])
    head = f"{report['program']}, {report['since']} to {report['until']}: {report['events']:,} events"
    lines = [f"{head}; {f'tried out: {drafts}' if drafts else 'campaigns as they were'}."]
    for side in ("simulated", "live"):
        found = report[side]
        money = "".join(f", {amount} {unit}" for unit, amount in found["money"].items())
        counts = f"{found['members']:,} members, {found['awards']:,} awards, {found['points']:,} points"
        lines.append(f"  {side + ':':<11}{counts}{money}")
    liability = report["liability"]
    lines.append(f"  liability: {liability['change']} {liability['currency']} against live")
    lines.append(f"  {report['difference']['awards']:,} awards differ")
    for budget in report["budgets"]:
        end = budget["ends_on"] or budget["projected_end"]
        lines.append(
            f"  budget {budget['payer']} {budget['unit']}: {budget['left']} left" + (f", until {end}" if end else "")
        )
    lines += [f"  not replayed: {one['kind']}, {one['times']:,} times" for one in report["not_replayed"]]
    return "\n".join([*lines, "Nothing was changed."])
