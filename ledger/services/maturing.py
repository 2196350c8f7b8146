"""Maturing: pending points whose day has come become available, and repay debt."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ledger.models import Book
from ledger.selectors.due import Plan
from ledger.services.settling import settle


def mature(*, book: Book, owners: Sequence[UUID], at: datetime) -> Plan:
    """Mature what is due of these members, whose row locks the caller holds."""
    return settle(book=book, owners=owners, at=at, lapsed=False)
