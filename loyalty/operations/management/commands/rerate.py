"""``manage.py rerate``: correct what a wrong version gave, by two people."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.models import Campaign, Rerating
from campaigns.services.rerating_proposals import propose_rerating
from campaigns.services.reratings import approve_rerating, reject_rerating, summary, undo_rerating
from core.models import User
from core.refusals import Refusal
from loyalty.operations.reratings import demand
from loyalty.operations.simulation import moment_of

DECIDE = {"approve": approve_rerating, "reject": reject_rerating, "undo": undo_rerating}
HELP = {
    "approve": "post what somebody else proposed",
    "reject": "let a proposal fall",
    "undo": "take a posted correction back as a whole",
}


class Command(BaseCommand):
    """Propose, approve, reject and undo corrections."""

    help = "Correct awards of an interval by a version that is right: docs/simulation.md."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        propose = actions.add_parser("propose", help="work out what a version would have given; nothing moves")
        propose.add_argument("code", metavar="CODE", help="the campaign")
        propose.add_argument("--program", metavar="PROGRAM", help="needed where several have a campaign of this code")
        propose.add_argument("--version", type=int, metavar="N", help="the version that is right; the newest one")
        propose.add_argument("--from", dest="since", required=True, metavar="TIME", help="a day or a moment, in")
        propose.add_argument("--to", dest="until", required=True, metavar="TIME", help="a day or a moment, out")
        propose.add_argument("--policy", required=True, choices=list(Rerating.Policy.values))
        propose.add_argument("--because", "--reason", dest="because", required=True, metavar="TEXT")
        show = actions.add_parser("show", help="say what a correction changes")
        decisions = [actions.add_parser(name, help=text) for name, text in HELP.items()]
        for action in (show, *decisions):
            action.add_argument("rerating", type=int, metavar="BATCH")
        for action in (propose, *decisions):
            action.add_argument("--by", required=True, metavar="USER")
        for action in (propose, show, *decisions):
            action.add_argument("--json", action="store_true")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            rerating = self.work(action, **options)
        except Refusal as refusal:
            reasons = [str(error.detail) for error in refusal.errors] or [str(refusal.detail)]
            raise CommandError("\n".join([*reasons, "Nothing was changed."])) from refusal
        report = as_json(rerating)
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else as_text(report))

    def work(self, action: str, **options: Any) -> Rerating:
        """Do what was asked for."""
        if action == "propose":
            return self.propose(**options)
        rerating = (
            Rerating.objects.select_related("program", "version__campaign").filter(pk=options["rerating"]).first()
        )
        if rerating is None:
            raise CommandError(f"There is no correction {options['rerating']}.")
        if action == "show":
            return rerating
        user = _user(options["by"])
        demand(user, action, rerating.program)
        DECIDE[action](rerating=rerating, by=user, at=timezone.now())
        rerating.refresh_from_db()
        return rerating

    def propose(self, *, code: str, program: str | None, version: int | None, **options: Any) -> Rerating:
        """Work out and keep a proposal."""
        rows = Campaign.objects.filter(code=code).select_related("program")
        found = list(rows.filter(program__code=program) if program else rows)
        if len(found) != 1:
            raise CommandError(f"There is no campaign {code}." if not found else f"Say --program: several have {code}.")
        versions = found[0].versions.select_related("campaign__program").order_by("-number")
        right = (versions.filter(number=version) if version else versions).first()
        if right is None:
            raise CommandError(f"The campaign {code} has no version {version}.")
        user = _user(options["by"])
        demand(user, "propose", found[0].program)
        return propose_rerating(
            version=right,
            since=moment_of(options["since"], found[0].program, "from"),
            until=moment_of(options["until"], found[0].program, "to"),
            policy=options["policy"],
            because=options["because"],
            by=user,
            at=timezone.now(),
        )


def _user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user {name}.")
    return user


def as_json(rerating: Rerating) -> dict[str, Any]:
    """The correction, and what it changes by unit."""
    return {
        "batch": rerating.pk,
        "program": rerating.program.code,
        "campaign": rerating.version.campaign.code,
        "version": rerating.version.number,
        "from": rerating.since.isoformat(),
        "to": rerating.until.isoformat(),
        "policy": rerating.policy,
        "state": rerating.state,
        "awards": summary(rerating),
    }


def as_text(report: dict[str, Any]) -> str:
    """A few lines."""
    head = f"Correction {report['batch']} of {report['program']}/{report['campaign']} by version {report['version']}"
    lines = [f"{head}, {report['policy']}: {report['state']}."]
    for row in report["awards"]:
        moved = f", {row['moved']} moved" if row["state"] != "open" else ""
        lines.append(f"  {row['unit']} {row['state']}: {row['awards']:,} awards, {row['difference']} to move{moved}")
    return "\n".join(lines if report["awards"] else [*lines, "  nothing differs"])
