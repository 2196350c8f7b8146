"""Expiry: points past their last good day go to breakage."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ledger.models import Book
from ledger.selectors.due import Plan, held_lots, local_day
from ledger.services.settling import settle, settle_lots


def expire(*, book: Book, owners: Sequence[UUID], at: datetime) -> Plan:
    """Expire what has lapsed of these members, whose row locks the caller holds."""
    return settle(book=book, owners=owners, at=at, lapsed=True)


def expire_wallets(*, book: Book, wallets: Sequence[int], at: datetime) -> Plan:
    """Expire all that these wallets hold, whatever its date: their members were inactive too long.

    The caller names the wallets (account ids) and holds the members' row locks.
    """
    return settle_lots(book=book, lots=held_lots(book=book, wallets=wallets, on=local_day(book, at)), at=at)
