"""``manage.py holdout``: what a campaign changed, by those who were kept out of it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.models import Campaign
from loyalty.operations.reports.holdout import holdout_report

UNKNOWN = 2  # exit code


class Command(BaseCommand):
    """Show what holdouts say."""

    help = "Show exposed and held out members, and the effect of a campaign with its interval (docs/holdout.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="the campaign")
        parser.add_argument("--program", metavar="PROGRAM", help="needed where several have a campaign of this code")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, code: str, program: str | None, **options: Any) -> None:
        campaign = _campaign(code, program)
        shown = holdout_report(program=campaign.program, at=timezone.now(), campaign=campaign).as_json()
        (item,) = shown.pop("items")
        self.stdout.write(json.dumps({**shown, **item}, ensure_ascii=False) if options["json"] else as_text(item))


def _campaign(code: str, program: str | None) -> Campaign:
    rows = Campaign.objects.filter(code=code).select_related("program")
    found = list(rows.filter(program__code=program) if program else rows)
    if not found:
        where = f" in program {program}" if program else ""
        raise CommandError(f"There is no campaign {code}{where}.", returncode=UNKNOWN)
    if len(found) > 1:
        programs = ", ".join(sorted(row.program.code for row in found))
        raise CommandError(f"Several programs have a campaign {code}; say --program: {programs}.", returncode=UNKNOWN)
    return found[0]


def as_text(item: dict[str, Any]) -> str:
    """A few sentences."""
    lines = [
        f"{item['campaign']}: {item['state'].replace('-', ' ')}; {item['holdout']} % held out",
        f"  exposed {item['exposed']['members']}, held out {item['held_out']['members']}",
    ]
    if item["reason"]:
        lines.append(f"  {item['reason']}")
    for one in item["effects"]:
        unit = f" {one['unit']}" if one["unit"] else ""
        figures = f"{one['effect']}{unit} a member, between {one['low']} and {one['high']}"
        lines.append(f"  {one['measure']}: {figures}: {one['verdict'].replace('-', ' ')}")
    return "\n".join(lines)
