"""What shared accounts paid a day: derived from transfers, to be thrown away and built again."""

from typing import ClassVar

from django.db import models

from ledger.models.accounts import Account
from ledger.models.journals import Xid


class AccountDay(models.Model):
    """What a budget's or campaign's account paid on an accounting day, and what came back, in smallest units.

    Being filled and filling others (journals of kind ``fund``) is neither. ``fold_days`` writes it.
    """

    pk = models.CompositePrimaryKey("account_id", "day")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    day = models.DateField()
    used = models.BigIntegerField()
    returned = models.BigIntegerField()


class DaysFollower(models.Model):
    """How far ``fold_days`` has read: the last journal by (xid, id). One row."""

    xid = Xid()
    journal_id = models.BigIntegerField()

    class Meta:
        """Nobody follows twice."""

        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="one_follower_of_days")]
