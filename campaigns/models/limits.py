"""How much of a limit is used."""

from typing import ClassVar

from django.db import models

from campaigns.models.campaigns import Campaign
from members.models import Member


class MemberCounter(models.Model):
    """What a member was awarded by a rule (or a campaign: ``rule`` empty) in one period, in one unit.

    ``unit`` is ``times``, ``points`` or a currency (minor units); ``bucket`` is the first local day of the period,
    1970-01-01 for ``campaign`` and ``lifetime``. Within days, weeks and months each offer (``offer_id``, 0 = none) has
    limits of its own. Guarded by the member's lock.
    """

    pk = models.CompositePrimaryKey("member", "campaign", "rule", "per", "bucket", "unit", "offer_id")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    rule = models.CharField(max_length=80)
    per = models.CharField(max_length=8)
    bucket = models.DateField()
    unit = models.CharField(max_length=6)
    offer_id = models.BigIntegerField(default=0, db_default=0)
    used = models.BigIntegerField()


class TotalCounter(models.Model):
    """What all members were awarded by a rule or campaign in one period; the database keeps it below ``most``."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    rule = models.CharField(max_length=80)
    per = models.CharField(max_length=8)
    bucket = models.DateField()
    unit = models.CharField(max_length=6)
    used = models.BigIntegerField(default=0)
    most = models.BigIntegerField()

    class Meta:
        """One row a period; never more than the most."""

        constraints: ClassVar = [
            models.UniqueConstraint("campaign", "rule", "per", "bucket", "unit", name="total_counter_once"),
            models.CheckConstraint(name="total_limit_kept", condition=models.Q(used__lte=models.F("most"))),
        ]
