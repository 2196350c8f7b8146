"""Opening books and accounts, and filling budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.models import Program
from core.services import prepared
from ledger.models import STATUS, Book
from ledger.rules.chart import CHART, owned_code
from ledger.selectors.accounts import MemberAccounts, member_accounts
from ledger.services.posting import Entry, Movement, Posting, post


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account to open: its code and purpose, the owning member's uuid for wallet, pending and debt.

    ``overdraft`` lets an account go negative that by its purpose could not (an unlimited budget).
    """

    code: str
    purpose: str
    owner: UUID | None = None
    overdraft: bool = False


def member_specs(owners: Sequence[UUID], purposes: Sequence[str] = ("wallet", "pending", "debt")) -> list[AccountSpec]:
    """What a member needs in a book: wallet, pending and debt account (or some of them)."""
    return [AccountSpec(owned_code(p, o), p, owner=o) for o in owners for p in purposes]


def open_book(
    *, program: Program, unit: str, scale: int = 0, timezone: str | None = None, open_from: date | None = None
) -> Book:
    """Open the book of a program and unit (``points``, ``status``, a currency), or return it as it is.

    With it come its accounts ``mint``, ``breakage`` and ``adjustment``.
    ``scale``: decimals of the smallest unit; ``timezone``: whose days count, the program's by default.
    """
    with prepared.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_book (program_id, code, unit, scale, timezone, open_from)
               VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
            [program.pk, f"{program.code}:{unit}", unit, scale, timezone or program.timezone, open_from],
        )
    book = Book.objects.get(program=program, unit=unit)
    open_accounts(book=book, specs=[AccountSpec(purpose, purpose) for purpose in ("mint", "breakage", "adjustment")])
    return book


def open_accounts(*, book: Book, specs: Sequence[AccountSpec]) -> dict[str, int]:
    """Open the accounts that are missing and return the id of every one, by code; two queries."""
    rows = sorted({spec.code: _row(book, spec) for spec in specs}.values())
    columns: list[list[object]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(6)]
    with prepared.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_account (book_id, code, purpose, owner, floor, lots, shared)
               SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::bigint[], %s::bool[], %s::bool[])
               ON CONFLICT (book_id, code) DO NOTHING""",
            [book.pk, *columns],
        )
        cursor.execute(
            "SELECT code, id FROM ledger_account WHERE book_id = %s AND code = ANY(%s)", [book.pk, columns[0]]
        )
        return dict(cursor.fetchall())


def _row(book: Book, spec: AccountSpec) -> tuple[object, ...]:
    nature = CHART[spec.purpose]
    floor = None if spec.overdraft else nature.floor
    # Status points are counted, never spent: no lots to keep.
    return (spec.code, spec.purpose, spec.owner, floor, nature.lots and book.unit != STATUS, nature.shared)


def open_members_accounts(*, book: Book, owners: Sequence[UUID]) -> dict[UUID, MemberAccounts]:
    """Open what members lack of wallet, pending and debt account, and return all; one query when nothing is missing."""
    found = member_accounts(books=[book], owners=owners)
    lacking = [owner for owner in owners if 0 in found.get((book.pk, owner), NONE)[:3]]
    if lacking:
        open_accounts(book=book, specs=member_specs(lacking))
        found = member_accounts(books=[book], owners=owners)
    return {owner: found[book.pk, owner] for owner in owners}


NONE = MemberAccounts(0, 0, 0, 0, 0, 0)


def fund(*, book: Book, src: int, dst: int, amount: int, key: str, at: datetime) -> Posting:
    """Move budget money: mint to root budget, parent to child, budget to campaign, or back (ids of accounts)."""
    return post(book=book, entries=[Entry(key, "fund", at, [Movement(src, dst, amount)])])[0]


def set_floor(*, account_id: int, floor: int | None) -> bool:
    """Set how far a shared account may go negative; False for a member's own account, which never changes."""
    with prepared.cursor() as cursor:
        cursor.execute("SELECT ledger_set_floor(%s, %s)", [account_id, floor])
        return bool(cursor.fetchone()[0])
