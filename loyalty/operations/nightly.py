"""What is done for all books while shops are closed; safe to repeat and to interrupt."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from core.models import Program
from ledger.models import Book
from ledger.selectors.due import Plan, local_day, plan
from ledger.services.sweeping import sweep
from members.selectors.locking import hold_members
from members.services.inactivity import expire_inactive

log = structlog.get_logger(__name__)


def lock_owners(owners: Sequence[UUID]) -> None:
    """Hold the members' rows: the first locks of the product's order."""
    hold_members(owners)


def settle_books(*, at: datetime) -> None:
    """Mature pending points that are due and expire points that lapsed, by each book's local day."""
    matured = settle_all(at=at, lapsed=False)
    expired = settle_all(at=at, lapsed=True)
    inactive = total([expire_inactive(program=program, at=at) for program in Program.objects.all()])
    log.info("books_settled", matured=matured.points, expired=expired.points, inactive=inactive.points)


def settle_all(*, at: datetime, lapsed: bool, plan_only: bool = False) -> Plan:
    """Expire (``lapsed``) or mature in every book, or only count what would be; returns what was done."""
    books = Book.objects.order_by("pk")
    if plan_only:
        return total([plan(book=book, on=local_day(book, at), lapsed=lapsed) for book in books])
    return total([sweep(book=book, at=at, lapsed=lapsed, lock_owners=lock_owners) for book in books])


def total(parts: Sequence[Plan]) -> Plan:
    """Add up what was done book by book."""
    return Plan(*(sum(column) for column in zip(Plan(0, 0, 0), *parts, strict=True)))
