"""What a member has, as a page shows it at one glance."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.rules.state import Rates
from campaigns.rules.worth import worth
from campaigns.selectors.statements import value_books
from core.models import Program
from ledger.models import POINTS, Book
from ledger.rules.balances import Balance
from ledger.selectors.wallets import wallets
from members.models import Member
from members.rules.facts import local_date


@dataclass(frozen=True, slots=True)
class Holdings:
    """Points with their worth, and money by currency in minor units; currencies without any are left out.

    ``hundred`` is what a hundred points are worth, for those who have none yet.
    """

    points: Balance
    worth: Decimal
    worth_currency: str
    cashback: dict[str, Balance]
    hundred: Decimal = Decimal(0)


def known_books(program: Program) -> tuple[Book, ...]:
    """The books in which members hold value, remembered for as long as the configuration stays as it is."""
    return _books(program.pk, program.revision)


@lru_cache(maxsize=64)
def _books(program_id: int, revision: int) -> tuple[Book, ...]:  # noqa: ARG001  # the revision is the key
    return tuple(value_books(Program(pk=program_id)))


def member_holdings(*, program: Program, member: Member, rates: Rates, at: datetime) -> Holdings:
    """What a member has now, with the worth in the market's currency; one query."""
    books = known_books(program)
    balances = wallets(books=books, owners=[member.uuid], at=at)
    by_unit = {book.unit: balances[book.pk, member.uuid] for book in books}
    points = by_unit.pop(POINTS, Balance())
    (amount, currency), (hundred, _currency) = (
        worth(
            number,
            value=program.liability_value,
            rates=rates,
            currency=member.market.currency,
            day=local_date(at, ZoneInfo(program.timezone)),
        )
        for number in (points.available, 100)
    )
    held = {unit: balance for unit, balance in by_unit.items() if balance.available or balance.pending or balance.debt}
    return Holdings(points, amount, currency, held, hundred)
