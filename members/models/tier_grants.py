"""Tiers that members are given for a time."""

from typing import ClassVar

from django.db import models

from members.models.members import Member
from members.models.tiers import Tier


class TierGrant(models.Model):
    """An event's effect (at ``place`` of its outcome) gave a member a tier through ``until``, a local day.

    While it runs, the tier is held whatever was earned. ``before`` is where the member stood without grants.
    ``over``: it has run out, and the review has drawn the consequences. A reversal takes a grant back: the row goes.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="tier_grants", db_index=False)
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", db_index=False)
    before = models.ForeignKey(Tier, models.PROTECT, related_name="+", null=True, db_index=False)
    event_id = models.BigIntegerField()
    place = models.PositiveSmallIntegerField()
    until = models.DateField()
    over = models.BooleanField(default=False)

    class Meta:
        """An effect gives it once; those that run are found by their member."""

        constraints: ClassVar = [models.UniqueConstraint("event_id", "place", name="tier_granted_once")]
        indexes: ClassVar = [
            models.Index(fields=["member"], name="tier_grant_running", condition=models.Q(over=False)),
        ]
