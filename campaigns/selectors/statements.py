"""A member's ledger with words: which campaign and event stand behind each movement."""

from dataclasses import dataclass

from campaigns.models import CampaignVersion, Event
from core.models import Program
from ledger.models import Book
from ledger.models.books import STATUS
from ledger.selectors.entries import LedgerEntry, Position, member_entries
from members.models import Member
from rewards.models import Redemption
from rewards.selectors.redemptions import redemptions_by_key


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement: its ``unit`` (points or a currency), who paid it and for what, as far as there is such a thing."""

    entry: LedgerEntry
    unit: str
    version: CampaignVersion | None
    event: Event | None
    redemption: Redemption | None = None


def value_books(program: Program) -> list[Book]:
    """The books in which members hold value: points first, then money by currency."""
    books = Book.objects.filter(program=program).exclude(unit=STATUS)
    return sorted(books, key=lambda book: (book.unit != "points", book.unit))


def member_statement(
    *, program: Program, member: Member, limit: int, after: Position | None = None
) -> tuple[list[StatementLine], Position | None]:
    """A page of a member's movements, newest first, and where the next one begins; five queries at most."""
    books = value_books(program)
    entries, following = member_entries(books=books, owner=member.uuid, limit=limit, after=after)
    units = {book.pk: book.unit for book in books}
    versions = CampaignVersion.objects.select_related("campaign").in_bulk(
        {entry.campaign_version_id for entry in entries if entry.campaign_version_id}
    )
    events = Event.objects.only("source", "key", "event_type_id", "outlet_id").in_bulk(
        {entry.event_id for entry in entries if entry.event_id}
    )
    redeemed = redemptions_by_key({entry.key for entry in entries})
    return [
        StatementLine(
            entry,
            units[entry.book_id],
            versions.get(entry.campaign_version_id or 0),
            events.get(entry.event_id or 0),
            redeemed.get(entry.key),
        )
        for entry in entries
    ], following
