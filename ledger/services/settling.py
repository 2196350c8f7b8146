"""Settling: what the calendar does to members' points, posted exactly once for each state of a lot."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from ledger.models import Book
from ledger.selectors.due import DueLot, Plan, due_lots, local_day
from ledger.services.accounts import open_members_accounts
from ledger.services.posting import Entry, Movement, lock_accounts, post


def settle(
    *, book: Book, owners: Sequence[UUID], at: datetime, lapsed: bool | None = None, then: Iterable[int] = ()
) -> Plan:
    """Sweep members' lapsed points into breakage and mature their due ones (or one of both, by ``lapsed``).

    The caller holds the members' row locks. Points that mature repay debt. A fixed number of queries however many
    members; running again, late or twice changes nothing more. Returns what it did. ``then`` are the shared accounts
    that the caller moves next, in the same transaction: they are locked together with those of settling, in order.
    """
    lots = due_lots(book=book, on=local_day(book, at), owners=owners, lapsed=lapsed)
    after = set(then)
    if lots and after:
        lock_accounts(after | {lots[0].breakage})
    homeless = {lot.owner for lot in lots if not (lot.wallet or lot.lapsed)}
    if homeless:
        accounts = open_members_accounts(book=book, owners=list(homeless))
        lots = [lot._replace(wallet=accounts[lot.owner].wallet) if lot.owner in homeless else lot for lot in lots]
    return settle_lots(book=book, lots=lots, at=at)


def settle_lots(*, book: Book, lots: Sequence[DueLot], at: datetime) -> Plan:
    """Post these lots' expiry or maturity."""
    postings = post(book=book, entries=list(_entries(lots, at)))
    done = [lot for lot, posting in zip(lots, postings, strict=True) if posting.status == "posted"]
    return Plan(len({lot.owner for lot in done}), sum(lot.remaining for lot in done), len(done))


def _entries(lots: Iterable[DueLot], at: datetime) -> Iterable[Entry]:
    repaid: dict[int, int] = {}
    for lot in lots:
        if lot.lapsed:
            yield Entry(f"expire:{lot.key}", "expire", at, [_movement(lot, lot.breakage)], content=lot.key)
            continue
        movements = [_movement(lot, lot.wallet)]
        repay = min(lot.owed - repaid.get(lot.debt, 0), lot.remaining)
        if repay > 0:
            repaid[lot.debt] = repaid.get(lot.debt, 0) + repay
            movements.append(Movement(lot.wallet, lot.debt, repay))
        yield Entry(f"mature:{lot.key}", "mature", at, movements, content=lot.key)


def _movement(lot: DueLot, dst: int) -> Movement:
    return Movement(lot.account, dst, lot.remaining, lot.expires_on, funder=lot.funder)
