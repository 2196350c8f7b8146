"""Re-ratings in the ledger: giving what was missing, taking what was too much, and both back again."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from campaigns.models import Event, Rerated
from campaigns.rules.amounts import split
from campaigns.rules.definitions import Share
from campaigns.services.configuration import Configuration
from campaigns.services.returns import Paid, payments_of
from campaigns.services.state import Members
from ledger.models import Book, Transfer
from ledger.models.accounts import Purpose
from ledger.selectors.accounts import member_accounts
from ledger.services.accounts import open_members_accounts
from ledger.services.posting import Entry, Posting, post
from ledger.services.takebacks import TakeBack, take_back
from ledger.services.wallets import award_movements

State = Rerated.State


def give(configuration: Configuration, book: Book, members: Members, some: Sequence[Rerated]) -> None:
    """Give what was missing, out of those who pay for the award."""
    if not some:
        return
    owners = [members[one.member_id].uuid for one in some]
    open_members_accounts(book=book, owners=owners)
    accounts = member_accounts(books=[book], owners=owners)
    owed = {owner: accounts[book.pk, owner].owed for owner in owners}
    times = dict(Event.objects.filter(pk__in=[one.event_id for one in some]).values_list("pk", "time"))
    paid = payments_of([one.event_id for one in some])
    entries = []
    for one in some:
        owner, movements = members[one.member_id].uuid, []
        for payer, amount in _payers(configuration, one, paid.get((one.event_id, one.place), [])):
            movements += award_movements(
                src=payer, accounts=accounts[book.pk, owner], amount=amount, owed=owed[owner], expires_on=one.expires_on
            )
            owed[owner] -= min(owed[owner], amount)
        entries.append(
            Entry(
                key=_key(one),
                kind="award",
                occurred_at=times[one.event_id],
                movements=movements,
                member_id=one.member_id,
                campaign_version_id=one.rerating.version_id,
                rule=one.rule,
                event_id=one.event_id,
                content=str(one.difference),
            )
        )
    _note(some, post(book=book, entries=entries))


def _note(some: Sequence[Rerated], postings: Sequence[Posting]) -> None:
    for one, posting in zip(some, postings, strict=True):
        one.state = State.UNPAID if posting.journal_id is None else State.POSTED
        one.moved = one.difference if one.state == State.POSTED else 0


def _payers(configuration: Configuration, one: Rerated, paid: Sequence[Paid]) -> Iterator[tuple[int, int]]:
    """Who pays how much: those who paid the award, those who would have, or the mint."""
    known = [(payment.src, payment.amount) for payment in paid] or [(pk, part) for pk, part in one.payers if pk > 0]
    whole = sum(part for _, part in known)
    if not whole:
        yield configuration.purses.mints[one.unit], one.difference
        return
    shares = [Share(str(pk), part * 100 // whole) for pk, part in known]
    for (pk, _part), amount in zip(known, split(one.difference, shares), strict=True):
        if amount:
            yield pk, amount


def take(book: Book, some: Sequence[Rerated], at: datetime) -> None:
    """Take what was too much, as far as it is unspent."""
    paid = payments_of([one.event_id for one in some])
    backs = [(one, back) for one in some for back in _take_backs(one, paid.get((one.event_id, one.place), []), at)]
    answers = take_back(book=book, takebacks=[back for _, back in backs], policy="forgive", at=at)
    for (one, _back), answer in zip(backs, answers, strict=True):
        one.state = State.POSTED
        one.moved -= answer.taken + answer.from_breakage


def _take_backs(one: Rerated, paid: Sequence[Paid], at: datetime) -> Iterator[TakeBack]:
    left = -one.difference
    for number, payment in enumerate(paid):
        amount = min(left, payment.left)
        left -= amount
        if amount:
            key = _key(one)
            yield TakeBack(
                transfer_id=payment.transfer_id,
                amount=amount,
                key=f"{key}:{number}" if number else key,
                occurred_at=at,
                member_id=one.member_id,
                campaign_version_id=payment.version_id,
                rule=one.rule,
                event_id=one.event_id,
            )


# -- undoing ----------------------------------------------------------------------------------


def take_given(configuration: Configuration, book: Book, some: Sequence[Rerated], at: datetime) -> None:
    """Take back what was given, as far as returns have left it; points that are spent become what a reversal makes."""
    by_key = {_key(one): one for one in some}
    rows = Transfer.objects.filter(journal__book=book, journal__key__in=by_key, dst__purpose=Purpose.WALLET)
    left = {
        payment.transfer_id: payment for paid in payments_of([o.event_id for o in some]).values() for payment in paid
    }
    backs = [
        TakeBack(
            transfer_id=pk,
            amount=left[pk].left,
            key=f"{key}:undo:{pk}",
            occurred_at=at,
            member_id=by_key[key].member_id,
            campaign_version_id=left[pk].version_id,
            rule=by_key[key].rule,
            event_id=by_key[key].event_id,
        )
        for pk, key in rows.order_by("pk").values_list("pk", "journal__key")
        if left[pk].left
    ]
    take_back(book=book, takebacks=backs, policy=configuration.program.reversal, at=at)


def give_taken(book: Book, members: Members, some: Sequence[Rerated], at: datetime) -> None:
    """Give back what was taken."""
    if not some:
        return
    owners = [members[one.member_id].uuid for one in some]
    accounts = member_accounts(books=[book], owners=owners)
    paid = payments_of([one.event_id for one in some])
    entries = []
    for one in some:
        payer = paid[one.event_id, one.place][0]
        movements = award_movements(
            src=payer.src,
            accounts=accounts[book.pk, members[one.member_id].uuid],
            amount=-one.moved,
            owed=accounts[book.pk, members[one.member_id].uuid].owed,
            expires_on=one.expires_on,
        )
        entries.append(
            Entry(
                key=f"{_key(one)}:undo",
                kind="award",
                occurred_at=at,
                movements=movements,
                member_id=one.member_id,
                campaign_version_id=payer.version_id,
                rule=one.rule,
                event_id=one.event_id,
                content=str(one.moved),
            )
        )
    post(book=book, entries=entries)


def _key(one: Rerated) -> str:
    """How keys name an award of a correction."""
    return f"rerate:{one.rerating_id}:{one.event_id}:{one.place}"
