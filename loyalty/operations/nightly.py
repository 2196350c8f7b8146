"""What is done for all books while shops are closed; safe to repeat and to interrupt."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from ledger.models import Book
from ledger.services.expiry import expire_book
from ledger.services.maturing import mature_book
from ledger.services.proofs import prove_or_halt
from members.models import Member
from members.selectors.locking import locked

log = structlog.get_logger(__name__)


def lock_owners(owners: Sequence[UUID]) -> None:
    """Hold the members' rows: the first locks of the product's order."""
    list(locked(Member.objects.filter(uuid__in=owners)).values_list("pk", flat=True))


def settle_books(*, at: datetime) -> None:
    """Mature pending points that are due and expire points that lapsed, by each book's local day."""
    for book in Book.objects.order_by("pk"):
        matured = mature_book(book=book, at=at, lock_owners=lock_owners)
        expired = expire_book(book=book, at=at, lock_owners=lock_owners)
        log.info("book_settled", book=book.code, matured=matured.points, expired=expired.points)


def prove_books() -> None:
    """Prove every book; one that does not add up is halted and shouted about."""
    report = prove_or_halt()
    for book in report.books:
        if not book.ok:
            wrong = [proof.name for proof in book.proofs if not proof.ok]
            log.error("book_does_not_add_up", book=book.book.code, proofs=wrong)
