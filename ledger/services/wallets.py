"""What happens to members' wallets: awards, spending, refunds. The caller holds the members' row locks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.refusals import NotFound
from ledger.models import Book, Journal
from ledger.selectors.accounts import MemberAccounts
from ledger.selectors.refunds import Spent, spent
from ledger.services.accounts import open_members_accounts
from ledger.services.posting import Entry, Movement, Posting, post
from ledger.services.settling import settle


@dataclass(frozen=True, slots=True)
class Spend:
    """``amount`` out of a member's wallet to account ``to``; the ids are kept for reading."""

    owner: UUID
    amount: int
    to: int
    key: str
    occurred_at: datetime
    kind: str = "spend"
    member_id: int | None = None
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """``amount`` of a spend (its transfer's id) back to the very lots it took; a debt is repaid out of them.

    Lots that would lapse before ``good_until`` come back as lots good until that day: for refunds that the member
    did not ask for, at least 30 days on.
    """

    transfer_id: int
    amount: int
    key: str
    occurred_at: datetime
    good_until: date | None = None
    member_id: int | None = None
    event_id: int | None = None


def award_movements(
    *,
    src: int,
    accounts: MemberAccounts,
    amount: int,
    owed: int,
    expires_on: date | None = None,
    available_on: date | None = None,
) -> list[Movement]:
    """Movements of an award paid by ``src``: to pending when ``available_on`` is given, else to the wallet.

    ``owed`` is the member's debt before it: the wallet repays what the award covers (pending points do when they
    mature; status books have no debt). The caller counts the debt down by ``min(owed, amount)``.
    """
    if available_on is not None:
        return [Movement(src, accounts.pending, amount, expires_on, available_on)]
    award = Movement(src, accounts.wallet, amount, expires_on)
    repaid = min(owed, amount)
    return [award, Movement(accounts.wallet, accounts.debt, repaid)] if repaid > 0 else [award]


def spend(*, book: Book, spends: Sequence[Spend], at: datetime) -> list[Posting]:
    """Spend members' points, first to expire first, or refuse where there are too few.

    Lapsed points are swept and due ones matured first, so nothing lapsed is ever spent. A fixed number of queries.
    Raises SpendingHalted while the book is halted.
    """
    owners = list({one.owner for one in spends})
    latest = max([at, *(one.occurred_at for one in spends)])  # what lapses until then must not be spent
    settle(book=book, owners=owners, at=latest, then={one.to for one in spends})
    accounts = open_members_accounts(book=book, owners=owners)
    return post(book=book, entries=[_spend_entry(one, accounts[one.owner].wallet) for one in spends])


def _spend_entry(one: Spend, wallet: int) -> Entry:
    return Entry(
        one.key,
        one.kind,
        one.occurred_at,
        [Movement(wallet, one.to, one.amount)],
        member_id=one.member_id,
        event_id=one.event_id,
    )


def refund(*, book: Book, refunds: Sequence[Refund]) -> list[Posting]:
    """Give back spends, in part or whole; refused where more would come back than was spent. Three queries.

    What comes back repays the member's debt first, as awards do: nobody owes points beside spendable ones. Raises
    NotFound when a transfer is not of this book.
    """
    wanted = {one.transfer_id for one in refunds}
    found = spent(book=book, transfers=list(wanted))
    if wanted - found.keys():
        raise NotFound
    posted = Journal.objects.filter(book=book, key__in=[one.key for one in refunds])
    return post(book=book, entries=_refund_entries(refunds, found, set(posted.values_list("key", flat=True))))


def _refund_entries(refunds: Sequence[Refund], found: Mapping[int, Spent], posted: Collection[str]) -> list[Entry]:
    """Entries in order; what is refused or was posted before repays nothing of what later ones repay."""
    left = {transfer: one.left for transfer, one in found.items()}
    owed = {one.debt: one.owed for one in found.values()}
    seen = set(posted)
    entries = []
    for one in refunds:
        debt, repaid = found[one.transfer_id].debt, 0
        if one.key not in seen and one.amount <= left[one.transfer_id]:
            repaid = min(owed[debt], one.amount)
            left[one.transfer_id] -= one.amount
            owed[debt] -= repaid
            seen.add(one.key)
        entries.append(_refund_entry(one, found[one.transfer_id], repaid))
    return entries


def _refund_entry(one: Refund, spend: Spent, repaid: int) -> Entry:
    movements = [Movement(spend.dst, spend.src, one.amount, one.good_until, reverses=one.transfer_id)]
    if repaid:
        movements.append(Movement(spend.src, spend.debt, repaid))
    return Entry(
        one.key,
        "refund",
        one.occurred_at,
        movements,
        member_id=one.member_id,
        event_id=one.event_id,
        content=f"{one.amount} of {one.transfer_id}, good until {one.good_until}",
    )
