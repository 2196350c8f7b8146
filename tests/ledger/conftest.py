"""A book with a budget, and members' accounts in it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest

from core.models import Program
from ledger.models import Account, Book, Lot, Transfer
from ledger.services.accounts import AccountSpec, fund, member_specs, open_accounts, open_book
from ledger.services.posting import Entry, Movement, Posting, post

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@dataclass
class House:
    """A points book with mint, one budget of 1,000,000, and the member `ann` (more with `member`)."""

    book: Book
    ids: dict[str, int]
    keys: "count[int]"
    ann: UUID

    def member(self) -> UUID:
        """Another member."""
        owner = uuid4()
        self.ids |= open_accounts(book=self.book, specs=member_specs([owner]))
        return owner

    def wallet(self, owner: UUID) -> int:
        """Id of a member's wallet."""
        return self.ids[f"member:{owner}"]

    def key(self) -> str:
        """A key that nobody used."""
        return f"key:{next(self.keys)}"

    def move(self, kind: str, *movements: Movement, at: datetime = NOON, key: str | None = None) -> Posting:
        """Post one entry."""
        return post(book=self.book, entries=[Entry(key or self.key(), kind, at, movements)])[0]

    def award(self, owner: UUID, amount: int, expires_on: date | None = None, at: datetime = NOON) -> int:
        """Award straight to the wallet; return the transfer's id."""
        posting = self.move("award", Movement(self.ids["budget"], self.wallet(owner), amount, expires_on), at=at)
        return self.transfer_of(posting)

    def transfer_of(self, posting: Posting) -> int:
        """Id of an entry's first transfer."""
        return Transfer.objects.filter(journal=posting.journal_id).order_by("pk")[0].pk

    def balance(self, code: str) -> int:
        """Balance of an account by its code."""
        return Account.objects.get(book=self.book, code=code).balance

    def lots(self, owner: UUID) -> list[tuple[date | None, int]]:
        """What a wallet holds: (last good day, points), first to expire first."""
        held = Lot.objects.filter(account_id=self.wallet(owner), remaining__gt=0)
        return sorted(held.values_list("expires_on", "remaining"), key=lambda lot: (lot[0] or date.max, lot[1]))


def build_house(timezone: str = "UTC") -> House:
    """Open a book for a new program."""
    program = Program.objects.create(
        code=f"p{uuid4().hex[:12]}", name="Demo", languages=["en"], currency="SGD", timezone=timezone,
        points_name="points", points_expire="never", liability_value="0.01",
    )  # fmt: skip
    book = open_book(program=program, unit="points")
    shared = ("mint", "budget", "redeemed", "breakage", "adjustment")
    ids = open_accounts(book=book, specs=[AccountSpec(code, code) for code in shared])
    fund(book=book, src=ids["mint"], dst=ids["budget"], amount=1_000_000, key="start", at=NOON - timedelta(days=400))
    house = House(book, ids, count(), uuid4())
    house.ids |= open_accounts(book=book, specs=member_specs([house.ann]))
    return house


@pytest.fixture
def house(db: None) -> House:
    """A book with a budget and one member."""
    return build_house()
