"""The value of redemptions in the ledger: points that are spent and come back, cashback that is paid out.

The caller holds the member's row, and posts last: shared accounts stay locked until the transaction ends.
"""

from datetime import datetime, timedelta

from core.refusals import InsufficientPoints, NotAvailable
from core.rules.money import decimals
from ledger.models import POINTS, Account, Book, Transfer
from ledger.selectors.accounts import member_accounts
from ledger.selectors.due import local_day
from ledger.services.accounts import AccountSpec, open_accounts, open_book, open_members_accounts
from ledger.services.posting import Entry, post
from ledger.services.wallets import Refund, Spend, award_movements, refund, spend
from members.models import Member
from rewards.models import Redemption
from rewards.rules.journal_keys import refund_key, spend_key

GOOD_AGAIN = timedelta(days=30)  # points that come back unasked can be spent at least so long


def spend_points(redemption: Redemption, member: Member, *, book: Book, now: datetime) -> None:
    """Take the points of a redemption out of the wallet in the book of points, into ``redeemed:REWARD``.

    Raises InsufficientPoints, and NotAvailable where the book is halted.
    """
    spent = Spend(
        owner=member.uuid,
        amount=redemption.points,
        to=_redeemed(book, redemption),
        key=spend_key(redemption.uuid),
        occurred_at=redemption.at,
        member_id=member.pk,
    )
    (posting,) = spend(book=book, spends=[spent], at=now)
    if posting.status != "posted":
        raise InsufficientPoints


def refund_points(redemption: Redemption, member: Member, *, at: datetime, unasked: bool = False) -> None:
    """Give the points of a redemption back to the very lots they came from; ``unasked``: good for a while at least.

    What the member owes is repaid out of them.
    """
    book = Book.objects.get(program=redemption.program_id, unit=POINTS)
    spent = Transfer.objects.get(journal__book=book, journal__key=spend_key(redemption.uuid))
    back = Refund(
        transfer_id=spent.pk,
        amount=redemption.points,
        key=refund_key(redemption.uuid),
        occurred_at=at,
        good_until=local_day(book, at) + GOOD_AGAIN if unasked else None,
        member_id=member.pk,
    )
    (posting,) = refund(book=book, refunds=[back])
    if posting.status != "posted":
        msg = f"the points of redemption {redemption.uuid} do not come back: {posting.status}"
        raise ValueError(msg)


def repaid_by(redemption: Redemption, member: Member) -> int:
    """How many of a redemption's points would repay what the member owes, if they came back now."""
    book = Book.objects.get(program=redemption.program_id, unit=POINTS)
    accounts = member_accounts(books=[book], owners=[member.uuid])[book.pk, member.uuid]
    return min(accounts.owed, redemption.points)


def pay_cashback(redemption: Redemption, member: Member) -> None:
    """Pay a redemption's value into the member's cashback wallet. A debt there is repaid first."""
    value, currency = redemption.value_minor, redemption.currency
    if value is None:
        raise NotAvailable
    book = open_book(program=redemption.program, unit=currency, scale=decimals(currency))
    accounts = open_members_accounts(book=book, owners=[member.uuid])[member.uuid]
    mint = Account.objects.get(book=book, code="mint").pk
    paid = award_movements(src=mint, accounts=accounts, amount=value * redemption.quantity, owed=accounts.owed)
    key = spend_key(redemption.uuid)
    post(book=book, entries=[Entry(key, "award", redemption.at, paid, member_id=member.pk)], all_or_nothing=True)


def _redeemed(book: Book, redemption: Redemption) -> int:
    code = f"redeemed:{redemption.reward.code}"
    found = Account.objects.filter(book=book, code=code).values_list("pk", flat=True).first()
    return found or open_accounts(book=book, specs=[AccountSpec(code, "redeemed")])[code]
