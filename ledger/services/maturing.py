"""Maturing: pending points whose day has come become available, and repay debt."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from ledger.models import Book
from ledger.selectors.due import Plan
from ledger.services.settling import settle
from ledger.services.sweeping import LockOwners, sweep


def mature(*, book: Book, owners: Sequence[UUID], at: datetime) -> Plan:
    """Mature what is due of these members, whose row locks the caller holds."""
    return settle(book=book, owners=owners, at=at, lapsed=False)


def mature_book(
    *,
    book: Book,
    at: datetime,
    lock_owners: LockOwners,
    chunk: int = 1000,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """Mature all that is due in a book; see ``sweep``."""
    return sweep(book=book, at=at, lapsed=False, lock_owners=lock_owners, chunk=chunk, progress=progress)
