"""``manage.py festivals shift``: say that a festival comes on another day to a market than calculated."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.models import Market, User
from core.refusals import Refusal
from core.rules.festivals import FESTIVALS
from loyalty.operations.festival_shifts import shift_by

REFUSED, UNKNOWN = 1, 2  # exit codes


class Command(BaseCommand):
    """Look after the days of festivals."""

    help = "Shift a festival in a market (docs/campaigns.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        shift = actions.add_parser("shift", help="say by how many days a festival moves in a market; 0 takes it back")
        shift.add_argument("festival", choices=sorted(FESTIVALS), metavar="FESTIVAL")
        shift.add_argument("falls_on", type=day, metavar="DAY", help="its first day as calculated, as in 2027-03-09")
        shift.add_argument("days", type=int, metavar="DAYS", help="+1 is a day later, -1 a day earlier")
        shift.add_argument("--program", required=True, metavar="PROGRAM")
        shift.add_argument("--market", required=True, metavar="MARKET")
        shift.add_argument("--by", required=True, metavar="USER", help="who of the staff does it")

    def handle(
        self, *args: Any, festival: str, falls_on: date, days: int, program: str, market: str, by: str, **options: Any
    ) -> None:
        place = Market.objects.select_related("program").filter(program__code=program, code=market).first()
        user = User.objects.filter(username=by).first()
        if place is None or user is None:
            what = f"market {market} in program {program}" if place is None else f"user {by}"
            raise CommandError(f"There is no {what}.", returncode=UNKNOWN)
        try:
            shift_by(market=place, festival=festival, falls_on=falls_on, days=days, by=user, at=timezone.now())
        except Refusal as refusal:
            raise CommandError(str(refusal.detail), returncode=REFUSED) from refusal
        self.stdout.write(f"{program}/{market}: {festival} of {falls_on} moves by {days:+d} days.")


def day(text: str) -> date:
    """A day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("say a day as in 2027-03-09") from error
