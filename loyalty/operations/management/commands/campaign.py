"""``manage.py campaign``: check campaigns, and take the steps of their life."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.selectors.versions import state_at
from campaigns.services.checks import check_campaign, newest_version
from core.models import User
from core.refusals import Refusal
from loyalty.operations.campaign_life import SERVICES, take_step

REFUSED, UNKNOWN = 1, 2  # exit codes
HELP = {
    "submit": "hand a draft to a second person",
    "approve": "publish what somebody else submitted",
    "reject": "give a campaign in review back as a draft",
    "pause": "let a campaign pay nothing for now",
    "resume": "let a paused campaign pay again",
    "end": "end a campaign for good",
}


class Command(BaseCommand):
    """Look after the life of campaigns."""

    help = "Check, submit, approve, reject, pause, resume and end campaigns (docs/campaigns.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        check = actions.add_parser("check", help="say what keeps a campaign from being published; exit code 1 if any")
        for action in [check, *(actions.add_parser(name, help=HELP[name]) for name in SERVICES)]:
            action.add_argument("code", metavar="CODE")
            action.add_argument(
                "--program", metavar="PROGRAM", help="needed where several have a campaign of this code"
            )
            action.add_argument("--json", action="store_true")
            if action is not check:
                action.add_argument("--by", required=True, metavar="USER", help="who of the staff does it")
                action.add_argument("--reason", default="", metavar="TEXT")

    def handle(self, *args: Any, action: str, code: str, program: str | None, **options: Any) -> None:
        campaign = _campaign(code, program)
        report = self.judge(campaign) if action == "check" else self.step(action, campaign, **options)
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else as_text(report))
        if not report["ok"]:
            sys.exit(REFUSED)

    def judge(self, campaign: Campaign) -> dict[str, Any]:
        """What the check finds."""
        now = timezone.now()
        found = check_campaign(campaign, now)
        passed = not any(finding.error for finding in found)
        return {**_facts(campaign), "ok": passed, "findings": [finding.as_json() for finding in found]}

    def step(self, action: str, campaign: Campaign, *, by: str, reason: str, **options: Any) -> dict[str, Any]:
        """What the step made of the campaign, or why it was refused."""
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"There is no user {by}.", returncode=UNKNOWN)
        try:
            taken = take_step(action=action, campaign=campaign, by=user, because=reason, at=timezone.now())
        except Refusal as refusal:
            errors = [{"path": e.pointer, "code": e.code, "message": str(e.detail)} for e in refusal.errors]
            return {**_facts(campaign), "ok": False, "action": action, "refused": str(refusal.detail), "errors": errors}
        campaign.refresh_from_db()
        doubts = [finding.as_json() for finding in taken.doubts]
        return {**_facts(campaign), "ok": True, "action": action, "by": by, "reason": reason, "warnings": doubts}


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


def _facts(campaign: Campaign) -> dict[str, Any]:
    state = state_at(campaign, timezone.now())
    version = newest_version(campaign).number
    return {"program": campaign.program.code, "campaign": campaign.code, "state": state.value, "version": version}


def as_text(report: dict[str, Any]) -> str:
    """A few sentences."""
    name = f"{report['program']}/{report['campaign']}"
    if "findings" in report:
        verdict = "can be published" if report["ok"] else "cannot be published"
        return "\n".join([*_lines(report["findings"]), f"{name} {verdict}."])
    if report["ok"]:
        return "\n".join([*_lines(report["warnings"]), f"{name} is {report['state'].replace('_', ' ')}."])
    details = [one for one in report["errors"] if one["message"] != report["refused"]]
    lines = [f"  {one['path'].strip('/')}: {one['message']}" for one in details]
    return "\n".join([f"{name}: {report['refused']}", *lines, "Nothing was changed."])


def _lines(findings: Sequence[Mapping[str, str]]) -> list[str]:
    return [f"{one['level']}: {one['path']}: {one['message']}" for one in findings]
