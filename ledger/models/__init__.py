"""What the ledger stores: books, accounts, journals, transfers, lots."""

from ledger.models.accounts import Account, Purpose
from ledger.models.books import POINTS, STATUS, Book, BookHalt
from ledger.models.days import AccountDay, DaysFollower
from ledger.models.journals import Journal, Transfer
from ledger.models.lots import Lot, LotUse

__all__ = [
    "POINTS",
    "STATUS",
    "Account",
    "AccountDay",
    "Book",
    "BookHalt",
    "DaysFollower",
    "Journal",
    "Lot",
    "LotUse",
    "Purpose",
    "Transfer",
]
