"""Finance: books, accounts, journals, transfers, lots, and what was adjusted by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ledger.models import Account, Book, BookHalt, Journal, Lot, Transfer
from loyalty.backoffice.base import Part, ReadOnly, Records
from loyalty.backoffice.columns import value
from loyalty.backoffice.finding import member_ids
from loyalty.backoffice.members import OfMember
from loyalty.display.entry_words import ENTRY_WORDS
from loyalty.identity import rights
from members.models import Adjustment, Member


class HaltPart(Part):
    """Halts and resumptions."""

    model = BookHalt
    fields = ("halted", "because", "at")
    readonly_fields = fields


@admin.register(Book)
class BookAdmin(ReadOnly):
    """Books."""

    list_display = ("code", "unit", "scale", "timezone", "open_from", "halted")
    list_filter = ("program",)
    search_fields = ("code", "unit")
    inlines = (HaltPart,)


class InBooks(Records):
    """Rows of the ledger, found by keys that are unique in a book."""

    def books(self, request: HttpRequest) -> QuerySet[Book]:
        """Books that the reader may see."""
        return rights.visible(request.user, Book.objects.all())

    def find(self, request: HttpRequest, term: str) -> dict[str, Any]:
        """The lookup that finds rows by a term."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that the term names."""
        term = search_term.strip().replace("\0", "")
        return (queryset.filter(**self.find(request, term)) if term else queryset), False

    def owners(self, request: HttpRequest, term: str) -> list[Any]:
        """Random ids of the members that the term names."""
        return list(Member.objects.filter(pk__in=member_ids(request.user, term)).values_list("uuid", flat=True))


@admin.register(Account)
class AccountAdmin(InBooks):
    """Accounts and their balances."""

    list_display = ("code", "book", "purpose", "shown_balance", "closed")
    list_filter = ("book", "purpose")
    list_select_related = ("book",)
    search_fields = ("code",)
    search_help_text = _("Account, or whose it is")

    def find(self, request: HttpRequest, term: str) -> dict[str, Any]:
        """By code, or by owner."""
        if owners := self.owners(request, term):
            return {"owner__in": owners}
        return {"code": term, "book__in": self.books(request)}

    @display(description=_("Balance"), formatting="price")
    def shown_balance(self, row: Account) -> str:
        """In the book's unit."""
        return value(row.balance, row.book)


@admin.register(Journal)
class JournalAdmin(InBooks):
    """Business facts, each posted once."""

    list_display = ("id", "shown_kind", "key", "book", "occurred_at", "effective_on", "recorded_at")
    list_filter = ("book",)
    list_select_related = ("book",)
    search_fields = ("key",)
    search_help_text = _("Key of the journal")
    exclude = ("fingerprint", "xid")

    def find(self, request: HttpRequest, term: str) -> dict[str, Any]:
        """By key."""
        return {"key": term, "book__in": self.books(request)}

    @display(description=_("Kind"))
    def shown_kind(self, row: Journal) -> str:
        """In words."""
        return str(ENTRY_WORDS.get(row.kind, row.kind))


@admin.register(Transfer)
class TransferAdmin(InBooks):
    """Movements of value."""

    list_display = ("id", "shown_kind", "src", "dst", "shown_amount", "expires_on", "available_on", "rule")
    list_select_related = ("journal__book", "src", "dst")
    search_fields = ("journal__key",)
    search_help_text = _("Key of the journal")

    def find(self, request: HttpRequest, term: str) -> dict[str, Any]:
        """By the journal's key."""
        return {"journal__in": list(Journal.objects.filter(key=term, book__in=self.books(request)))}

    @display(description=_("Kind"))
    def shown_kind(self, row: Transfer) -> str:
        """Of its journal."""
        return str(ENTRY_WORDS.get(row.journal.kind, row.journal.kind))

    @display(description=_("Amount"), formatting="price")
    def shown_amount(self, row: Transfer) -> str:
        """In the book's unit."""
        return value(row.amount, row.journal.book)


@admin.register(Lot)
class LotAdmin(InBooks):
    """Points by expiry and funder."""

    list_display = ("id", "account", "available_on", "expires_on", "funder", "shown_credited", "shown_remaining")
    list_select_related = ("account__book", "funder")
    search_fields = ("account__owner",)
    search_help_text = _("Whose points")

    def find(self, request: HttpRequest, term: str) -> dict[str, Any]:
        """By the owner of the account."""
        return {"account__in": list(Account.objects.filter(owner__in=self.owners(request, term)))}

    @display(description=_("Credited"), formatting="price")
    def shown_credited(self, row: Lot) -> str:
        """In the book's unit."""
        return value(row.credited, row.account.book)

    @display(description=_("Remaining"), formatting="price")
    def shown_remaining(self, row: Lot) -> str:
        """In the book's unit."""
        return value(row.remaining, row.account.book)


@admin.register(Adjustment)
class AdjustmentAdmin(OfMember):
    """Points given or taken by hand."""

    list_display = ("id", "member", "points", "because", "by", "approved_by", "at")
    list_select_related = ("member", "by", "approved_by")
    search_fields = ("member",)
