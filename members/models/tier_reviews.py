"""That the tiers of a market were reviewed."""

from typing import ClassVar

from django.db import models

from core.models import Market


class TierReview(models.Model):
    """The nightly review of a market's members went through: on which local day, and what it found.

    ``report``: ``judged``, ``grace_started``, ``grace_ended``, ``moves`` (``{"from", "to", "members"}``).
    """

    market = models.ForeignKey(Market, models.CASCADE, related_name="tier_reviews", db_index=False)
    day = models.DateField()
    at = models.DateTimeField()
    report = models.JSONField(default=dict)

    class Meta:
        """Once a market and day."""

        constraints: ClassVar = [models.UniqueConstraint("market", "day", name="tier_review_once_a_day")]
