"""Finance: books, accounts, journals, transfers, lots."""

from django.contrib import admin

from ledger.models import Account, Book, Journal, Lot, Transfer
from loyalty.backoffice.base import ReadOnly


@admin.register(Book)
class BookAdmin(ReadOnly):
    """Books."""

    list_display = ("code", "unit", "scale", "timezone", "open_from")
    list_filter = ("program",)


@admin.register(Account)
class AccountAdmin(ReadOnly):
    """Accounts and their balances, in smallest units."""

    list_display = ("code", "book", "purpose", "balance", "floor", "closed")
    list_filter = ("book", "purpose")
    list_select_related = ("book",)
    search_fields = ("code__exact", "owner__exact")


@admin.register(Journal)
class JournalAdmin(ReadOnly):
    """Business facts, each posted once."""

    list_display = ("id", "book", "key", "kind", "occurred_at", "effective_on", "recorded_at")
    list_filter = ("book", "kind")
    list_select_related = ("book",)
    search_fields = ("key__exact",)


@admin.register(Transfer)
class TransferAdmin(ReadOnly):
    """Movements of value, in smallest units."""

    list_display = ("id", "journal", "src", "dst", "amount", "expires_on", "available_on", "rule")
    list_select_related = ("journal", "src", "dst")
    search_fields = ("journal__key__exact",)


@admin.register(Lot)
class LotAdmin(ReadOnly):
    """Points by expiry and funder."""

    list_display = ("id", "account", "available_on", "expires_on", "funder", "credited", "remaining")
    list_select_related = ("account", "funder")
