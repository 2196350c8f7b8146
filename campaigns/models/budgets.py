"""What budgets refused, and which alerts their levels have set off."""

from typing import ClassVar

from django.db import models

from campaigns.models.campaigns import Campaign
from core.models import Program
from ledger.models import Account


class BudgetRefusal(models.Model):
    """Awards of a campaign that a budget did not pay on a day (the program's): how many, and what they meant to give.

    The engine only adds rows; ``counted`` ones are those that were added up since. ``account`` is empty where a place
    has no budget at all.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", null=True, db_index=False)
    unit = models.CharField(max_length=6)
    day = models.DateField()
    refusals = models.PositiveIntegerField()
    desired = models.BigIntegerField()
    counted = models.BooleanField(db_default=False)

    class Meta:
        """What was added up stands once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "account", "unit", "day"],
                name="budget_refusals_added_up_once",
                condition=models.Q(counted=True),
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["campaign", "day"], name="budget_refusals_of_days"),
            models.Index(fields=["id"], name="budget_refusals_uncounted", condition=models.Q(counted=False)),
        ]


class BudgetLevel(models.Model):
    """How full an account was when last looked at, and the highest level of use that was told since it was filled.

    ``filled`` is all it was given less what it passed on, in smallest units; more than before arms the alerts anew.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="+")
    filled = models.BigIntegerField()
    told = models.PositiveSmallIntegerField(default=0)


class BudgetAlert(models.Model):
    """A budget that reached a level of use: 80 or 100 per cent of ``filled``; rows are only added."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="budget_alerts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="budget_alerts", null=True)
    level = models.PositiveSmallIntegerField()
    filled = models.BigIntegerField()
    used = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        """Newest first."""

        indexes: ClassVar = [models.Index(fields=["program", "-id"], name="budget_alerts_of_program")]

    def __str__(self) -> str:
        """Say what was reached."""
        return f"{self.account_id}: {self.level} %"
