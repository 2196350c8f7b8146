"""``manage.py ledger``: prove, mature, expire, adjust, resume."""

import json
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.rules.amounts import expires_on
from campaigns.rules.compiling import expiry
from core.models import Program, User
from core.refusals import Refusal
from ledger.models import Book
from ledger.selectors.due import Plan
from ledger.selectors.proofs import BookProofs, Report
from ledger.services.proofs import prove_or_halt, resume
from loyalty.operations.nightly import settle_all, total
from members.services.adjustments import adjust_points
from members.services.inactivity import expire_inactive


class Command(BaseCommand):
    """Look after the ledger."""

    help = "Prove the ledger, mature and expire points, adjust a member's points, resume a halted book."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        prove = actions.add_parser("prove", help="check that every book adds up; exit code 1 when one does not")
        prove.add_argument("--json", action="store_true")
        for name, what in (("mature", "make due pending points available"), ("expire", "expire points that lapsed")):
            sweep = actions.add_parser(name, help=what)
            sweep.add_argument("--plan", action="store_true", help="only say what would be done")
            sweep.add_argument("--json", action="store_true")
            sweep.add_argument("--at", type=moment, metavar="TIME", help="as of this moment (RFC 3339), not now")
        adjust = actions.add_parser("adjust", help="give a member points, or take some: needs two people")
        adjust.add_argument("program", metavar="PROGRAM")
        adjust.add_argument("member", metavar="MEMBER")
        adjust.add_argument("points", type=int, metavar="POINTS", help="+200 or -200")
        again = actions.add_parser("resume", help="let a halted book spend again: needs two people")
        again.add_argument("book", metavar="BOOK")
        for two_people in (adjust, again):
            two_people.add_argument("--because", required=True)
            two_people.add_argument("--by", required=True, metavar="USER")
            two_people.add_argument("--approved-by", required=True, metavar="USER")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        run: Callable[..., None] = getattr(self, action)
        try:
            run(**options)
        except Refusal as refusal:
            reasons = [str(error.detail) for error in refusal.errors] or [str(refusal.detail)]
            raise CommandError(" ".join(reasons)) from refusal

    def prove(self, **options: Any) -> None:
        """Print every proof; a red book is halted."""
        report = prove_or_halt()
        self.stdout.write(json.dumps(as_json(report), default=str) if options["json"] else as_text(report))
        if not report.ok:
            raise CommandError("The ledger does not add up.")

    def mature(self, *, at: datetime | None, **options: Any) -> None:
        """Mature what is due."""
        at = at or timezone.now()
        self._say(at, settle_all(at=at, lapsed=False, plan_only=options["plan"]), **options)

    def expire(self, *, at: datetime | None, **options: Any) -> None:
        """Expire what has lapsed, and the points of inactive members where that is the rule."""
        at = at or timezone.now()
        parts = [settle_all(at=at, lapsed=True, plan_only=options["plan"])]
        parts += [expire_inactive(program=row, at=at, plan_only=options["plan"]) for row in Program.objects.all()]
        self._say(at, total(parts), **options)

    def _say(self, at: datetime, done: Plan, **options: Any) -> None:
        said = "would be" if options["plan"] else "were"
        text = f"{done.points} points in {done.lots} lots of {done.wallets} wallets {said} settled as of {at}."
        self.stdout.write(json.dumps({"at": at.isoformat(), **done._asdict()}) if options["json"] else text)

    def adjust(self, *, program: str, member: str, points: int, **options: Any) -> None:
        """Give or take points; those given are good as long as any of the program's."""
        row = Program.objects.filter(code=program).first()
        if row is None:
            raise CommandError(f"There is no program {program}.")
        at = timezone.now()
        today = at.astimezone(ZoneInfo(row.timezone)).date()
        adjust_points(
            program=row,
            reference=member,
            points=points,
            at=at,
            expires_on=expires_on(expiry(row.points_expire), today),
            **two_people(options),
        )
        self.stdout.write(f"{member}: {points:+d} points.")

    def resume(self, *, book: str, **options: Any) -> None:
        """Let a halted book spend again."""
        row = Book.objects.filter(code=book).first()
        if row is None:
            raise CommandError(f"There is no book {book}.")
        resume(book=row, **two_people(options))
        self.stdout.write(f"{book} spends again.")


def moment(text: str) -> datetime:
    """A moment with its offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ArgumentTypeError("say the offset too, as in 2026-11-30T00:00:00+08:00")
    return at


def two_people(options: dict[str, Any]) -> dict[str, Any]:
    """Reason and both users; CommandError when one does not exist."""
    names = {"by": options["by"], "approved_by": options["approved_by"]}
    users = {user.get_username(): user for user in User.objects.filter(username__in=names.values())}
    unknown = [name for name in names.values() if name not in users]
    if unknown:
        raise CommandError(f"There is no user {unknown[0]}.")
    return {"because": options["because"], **{role: users[name] for role, name in names.items()}}


def as_json(report: Report) -> dict[str, object]:
    """The report's shape: ok, books, proofs with their offending rows."""
    return {"ok": report.ok, "books": [_book(book) for book in report.books]}


def _book(book: BookProofs) -> dict[str, object]:
    proofs = [{"name": p.name, "ok": p.ok, "rows": p.rows, "sample": p.sample} for p in book.proofs]
    return {"book": book.book.code, "ok": book.ok, "proofs": proofs}


def as_text(report: Report) -> str:
    """One line a proof; a wrong one with its first rows."""
    lines = []
    for book in report.books:
        lines.append(f"{book.book.code}: {'ok' if book.ok else 'WRONG'}")
        for proof in book.proofs:
            lines.append(
                f"  {'ok   ' if proof.ok else 'WRONG'} {proof.name}" + (f" ({proof.rows})" if proof.rows else "")
            )
            lines.extend(f"          {row}" for row in proof.sample)
    return "\n".join(lines) or "There are no books yet."
