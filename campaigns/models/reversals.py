"""Events that take others back."""

from typing import ClassVar

from django.db import models

from campaigns.models.events import Event
from core.models import Program


class EventReversal(models.Model):
    """A reversal took back so much of an original, in the original's minor units (null: an event without amount)."""

    reversal = models.OneToOneField(Event, models.CASCADE, related_name="reverses", primary_key=True)
    original = models.ForeignKey(Event, models.CASCADE, related_name="reversals")
    amount_minor = models.BigIntegerField(null=True)
    amount_base_minor = models.BigIntegerField(null=True)
    full = models.BooleanField()


class WaitingReversal(models.Model):
    """A reversal whose original was not seen yet; it is applied with the original."""

    reversal = models.OneToOneField(Event, models.CASCADE, related_name="waiting", primary_key=True)
    program = models.ForeignKey(Program, models.CASCADE, related_name="+")
    source = models.CharField(max_length=200)
    key = models.CharField(max_length=200)

    class Meta:
        """Found when the original comes."""

        indexes: ClassVar = [models.Index(fields=["program", "source", "key"], name="waiting_for")]
