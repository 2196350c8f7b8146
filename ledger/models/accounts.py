"""Accounts: where value stands."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.models.books import Book


class Purpose(models.TextChoices):
    """What an account is for; ``ledger/rules/chart.py`` says what follows from it."""

    MINT = "mint", _("Mint")
    BUDGET = "budget", _("Budget")
    CAMPAIGN = "campaign", _("Campaign")
    WALLET = "wallet", _("Wallet")
    PENDING = "pending", _("Pending")
    DEBT = "debt", _("Debt")
    REDEEMED = "redeemed", _("Redeemed")
    BREAKAGE = "breakage", _("Breakage")
    ADJUSTMENT = "adjustment", _("Adjustment")
    MIGRATION = "migration", _("Migration")
    SETTLEMENT = "settlement", _("Settlement")


class Account(models.Model):
    """A place where value of one book stands; its balance is what came in minus what went out.

    The posting trigger alone writes ``balance``. ``floor`` null = may go negative. ``lots`` = the balance is
    made of lots. ``shared`` = many members' movements touch it, so it is locked after members' own accounts.
    ``owner`` is the random id of the member whose wallet, pending or debt account it is. Codes are opaque:
    ``member:<uuid>``, ``budget:<code>``; no personal data.
    """

    book = models.ForeignKey(Book, models.PROTECT, related_name="accounts", db_index=False)
    code = models.CharField(max_length=120)
    purpose = models.CharField(max_length=10, choices=Purpose)
    owner = models.UUIDField(null=True)
    floor = models.BigIntegerField(null=True)
    lots = models.BooleanField(db_default=False)
    shared = models.BooleanField(db_default=False)
    closed = models.BooleanField(db_default=False)
    balance = models.BigIntegerField(db_default=0)

    class Meta:
        """The floor is the fence that no code path can bypass; one wallet a member and book."""

        constraints: ClassVar = [
            models.UniqueConstraint("book", "code", name="account_code_once"),
            models.UniqueConstraint(
                "owner", "book", "purpose", condition=models.Q(owner__isnull=False), name="account_once_per_owner"
            ),
            models.CheckConstraint(
                condition=models.Q(floor__isnull=True) | models.Q(balance__gte=models.F("floor")), name="account_floor"
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="debt") | models.Q(balance__lte=0), name="debt_never_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False, shared=False, purpose__in=["wallet", "pending", "debt"])
                | (models.Q(owner__isnull=True) & ~models.Q(purpose__in=["wallet", "pending", "debt"])),
                name="members_accounts_have_an_owner",
            ),
        ]

    def __str__(self) -> str:
        """Name the account."""
        return self.code
