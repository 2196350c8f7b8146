"""``manage.py referral``: look through referrals that are held back, and decide."""

import json
import sys
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.selectors.referrals import STATES, ReferralView, referral_views
from core.models import Program, User
from core.refusals import Refusal
from core.rules.moments import show_moment
from loyalty.operations.referral_review import review
from members.models import Referral

REFUSED, UNKNOWN = 1, 2  # exit codes
MOST = 200


class Command(BaseCommand):
    """Look after referrals."""

    help = "List referrals, approve or reject those that guards hold back (docs/referrals.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        listing = actions.add_parser("list", help="the newest first; held ones unless another state is named")
        listing.add_argument("program", metavar="PROGRAM")
        listing.add_argument("--state", choices=[*STATES, "all"], default="held")
        listing.add_argument("--limit", type=int, default=50, help=f"at most {MOST}")
        listing.add_argument("--json", action="store_true")
        for name, text in (("approve", "let it be paid for"), ("reject", "never pay for it; take back what was paid")):
            action = actions.add_parser(name, help=text)
            action.add_argument("referral", metavar="REFERRAL", help="its id, or PROGRAM/FRIEND by external id")
            action.add_argument("--by", required=True, metavar="USER", help="who of the staff decides")
            action.add_argument("--reason", required=True, metavar="TEXT")
            action.add_argument("--json", action="store_true")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "list":
            self.show(**options)
        else:
            self.decide(action, **options)

    def show(self, *, program: str, state: str, limit: int, **options: Any) -> None:
        """What there is."""
        found = Program.objects.filter(code=program).first()
        if found is None:
            raise CommandError(f"There is no program {program}.", returncode=UNKNOWN)
        rows = Referral.objects.filter(program=found).order_by("-pk")
        held_back = {"held", "refused"}
        if state != "all":
            rows = rows.filter(verdict=state) if state in held_back else rows.exclude(verdict__in=held_back)
        views = referral_views(list(rows.values_list("pk", flat=True)[: min(limit, MOST)]))
        shown = [as_json(view) for view in views if state in {"all", view.state}]
        if options["json"]:
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(map(as_text, shown)) or "There are none.")

    def decide(self, action: str, *, referral: str, by: str, reason: str, **options: Any) -> None:
        """Approve or reject, or say why not."""
        row, user = _referral(referral), User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"There is no user {by}.", returncode=UNKNOWN)
        try:
            review(referral=row, decision=action, by=user, because=reason, at=timezone.now())
            refused = ""
        except Refusal as refusal:
            refused = str(refusal.detail)
        (view,) = referral_views([row.pk])
        report = {**as_json(view), "ok": not refused, "action": action, **({"refused": refused} if refused else {})}
        text = f"{refused}\nNothing was changed." if refused else as_text(report)
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else text)
        if refused:
            sys.exit(REFUSED)


def _referral(named: str) -> Referral:
    program, _slash, friend = named.partition("/")
    rows = Referral.objects.filter(program__code=program, friend__external_id=friend) if friend else _by_id(named)
    row = rows.first() if rows is not None else None
    if row is None:
        raise CommandError(f"There is no referral {named}.", returncode=UNKNOWN)
    return row


def _by_id(named: str) -> Any:
    try:
        return Referral.objects.filter(uuid=UUID(named))
    except ValueError:
        is_number = named.isascii() and named.isdigit() and len(named) < len(str(2**63))
        return Referral.objects.filter(pk=int(named)) if is_number else None


def as_json(view: ReferralView) -> dict[str, Any]:
    """A referral with its evidence."""
    return {
        "id": str(view.uuid),
        "friend": view.friend.external_id,
        "referrer": view.referrer.external_id,
        "state": view.state,
        "reason": view.reason or None,
        "joined_at": show_moment(view.joined_at),
        "evidence": list(view.evidence),
    }


def as_text(report: dict[str, Any]) -> str:
    """One line, and one for each thing that a guard saw."""
    why = f" ({report['reason']})" if report["reason"] else ""
    head = f"{report['id']}  {report['state']}{why}: {report['friend']} brought by {report['referrer']}"
    return "\n".join([head, *(f"  {_seen(one)}" for one in report["evidence"])])


def _seen(one: dict[str, Any]) -> str:
    parts = [f"with {', '.join(one['with'])}" if one["with"] else "", f"since {one['at']}"]
    parts += [
        f"hash {one['digest'][:12]}" if "digest" in one else "",
        f"number {one['count']}" if "count" in one else "",
    ]
    return f"{one['guard']}: {', '.join(part for part in parts if part)}"
