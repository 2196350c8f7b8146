"""Lots: which points a wallet holds, until when they are good and who paid for them."""

from typing import ClassVar

from django.db import models

from ledger.models.accounts import Account
from ledger.models.journals import Transfer


class Lot(models.Model):
    """Points of one account with one maturity, one last good day and one funder.

    ``available_on`` is set in pending accounts only; ``expires_on`` null = never lapses. The posting trigger
    alone writes lots: ``remaining`` = credited − used, and an account's lots sum to its balance.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="held", db_index=False, db_constraint=False)
    available_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    funder = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    credited = models.BigIntegerField()
    remaining = models.BigIntegerField()

    class Meta:
        """One lot for what is alike."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "available_on", "expires_on", "funder"], name="lot_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0, remaining__lte=models.F("credited")),
                name="lot_remaining_within_credited",
            ),
        ]


class LotUse(models.Model):
    """What a transfer took from a lot (positive) or gave back to it (negative).

    ``renewed_into`` is set when what came back would lapse too soon: the use is undone, but the points went
    into that longer-lived lot instead.
    """

    pk = models.CompositePrimaryKey("transfer_id", "lot_id")
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="uses", db_index=False, db_constraint=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="uses", db_constraint=False)
    amount = models.BigIntegerField()
    renewed_into = models.ForeignKey(
        Lot, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        """Nothing is not a use; only what comes back is renewed."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(amount=0) & (models.Q(renewed_into__isnull=True) | models.Q(amount__lt=0)),
                name="lot_use_says_something",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["renewed_into"], name="lot_use_renewed", condition=models.Q(renewed_into__isnull=False)
            )
        ]
