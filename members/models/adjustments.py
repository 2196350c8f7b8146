"""Goodwill and corrections: points given or taken by people."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from members.models.members import Member


class Adjustment(models.Model):
    """Points given (positive) or taken (negative) by hand: why, by whom, on whose approval.

    ``journal_id`` is the ledger's journal, as a plain id.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="adjustments")
    points = models.BigIntegerField()
    because = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    journal_id = models.BigIntegerField()

    class Meta:
        """It takes two people, a reason and some points."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(by=models.F("approved_by")), name="adjustment_takes_two_people"),
            models.CheckConstraint(condition=~models.Q(because=""), name="adjustment_has_a_reason"),
            models.CheckConstraint(condition=~models.Q(points=0), name="adjustment_moves_points"),
        ]
