"""Sweeping a whole book, some members at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction

from ledger.models import Book
from ledger.selectors.due import Plan, due_owners, local_day
from ledger.services.settling import settle

type LockOwners = Callable[[Sequence[UUID]], None]


def sweep(
    *,
    book: Book,
    at: datetime,
    lapsed: bool,
    lock_owners: LockOwners,
    chunk: int = 1000,
) -> Plan:
    """Settle a book's members ``chunk`` by chunk, each in a transaction of its own, and return what was done.

    ``lock_owners`` locks the members' rows first (the ledger does not know members): the product's lock order.
    Stopped half-way, a later run does the rest.
    """
    done = Plan(0, 0, 0)
    for owners in batched(due_owners(book=book, on=local_day(book, at), lapsed=lapsed), chunk):
        with transaction.atomic():
            lock_owners(owners)
            part = settle(book=book, owners=owners, at=at, lapsed=lapsed)
        done = Plan(done.wallets + part.wallets, done.points + part.points, done.lots + part.lots)
    return done
