"""``manage.py tiers review``: judge the tiers of all members now, or say what would happen."""

import json
from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.models import Program
from members.services.reviews import Report, review_tiers

UNKNOWN = 2  # exit code


class Reviewed(NamedTuple):
    """What was found in a program as of a moment."""

    program: str
    at: datetime
    report: Report


class Command(BaseCommand):
    """Look after tiers."""

    help = "Review tiers: who keeps one, who gets time, who comes down (docs/tiers.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        review = actions.add_parser("review", help="judge the tiers of all members, as every night does")
        review.add_argument("--program", metavar="CODE", help="of this program alone")
        review.add_argument("--plan", action="store_true", help="only say what would be done")
        review.add_argument("--at", type=moment, metavar="TIME", help="as of this moment (ISO 8601), not now")
        review.add_argument("--json", action="store_true")

    def handle(self, *args: Any, at: datetime | None, program: str | None, **options: Any) -> None:
        programs = list(Program.objects.order_by("code"))
        if program is not None and program not in {row.code for row in programs}:
            raise CommandError(f"There is no program {program}.", returncode=UNKNOWN)
        asked = [(row, _in_zone(at, row)) for row in programs if program in {None, row.code}]
        reports = [
            Reviewed(row.code, moment, review_tiers(program=row, at=moment, plan_only=options["plan"]))
            for row, moment in asked
        ]
        self.stdout.write(as_json(reports, **options) if options["json"] else as_text(reports, **options))


def moment(text: str) -> datetime:
    """A moment or a day."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("say a moment as in 2026-11-30T00:00:00+08:00") from error


def _in_zone(at: datetime | None, program: Program) -> datetime:
    """Now, or a moment; one without an offset is wall time where the program is at home."""
    at = at or timezone.now()
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(program.timezone))


def as_json(reports: list[Reviewed], *, plan: bool, **_: Any) -> str:
    """Whether it was a plan, and what was found in each program, as of which moment: wall time differs by program."""
    programs = [{"program": code, "at": at.isoformat(), **report.as_json()} for code, at, report in reports]
    return json.dumps({"plan": plan, "programs": programs})


def as_text(reports: list[Reviewed], *, plan: bool, **_: Any) -> str:
    """A few lines a program."""
    lines = []
    for code, _at, report in reports:
        lines.append(f"{code}: {report.judged} members {'would be ' if plan else ''}judged")
        lines += [f"  {before} -> {after}: {number}" for (before, after), number in sorted(report.moves.items())]
        lines.append(f"  grace: {report.grace_started} began, {report.grace_ended} ended well")
    return "\n".join(lines) or "There are no programs yet."
