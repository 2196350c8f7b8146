"""The ladder of tiers."""

from typing import ClassVar

from django.db import models

from core.models import Program
from core.models.texts import Translated


class Tier(Translated):
    """A rung of the ladder; ``rank`` counts from 1.

    ``requires``: ``amount`` (base currency, decimal string), ``events``, ``status_points`` and ``match`` (all or any);
    the lowest rung requires nothing.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="tiers")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    rank = models.PositiveSmallIntegerField()
    requires = models.JSONField(default=dict, blank=True)
    benefits = models.JSONField(default=list, blank=True)
    retired = models.BooleanField(default=False)

    class Meta(Translated.Meta):
        """Codes and ranks are unique in a program."""

        constraints: ClassVar = [
            models.UniqueConstraint("program", "code", name="tier_code_once"),
            models.UniqueConstraint(
                fields=["program", "rank"], name="tier_rank_once", condition=models.Q(retired=False)
            ),
        ]

    def __str__(self) -> str:
        """Name the tier by its code."""
        return self.code
