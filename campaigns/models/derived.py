"""Events that follow from others, and the days on which the calendar caused some."""

from typing import ClassVar

from django.db import models

from campaigns.models.events import Event
from core.models import Market, Program


class DerivedEvent(models.Model):
    """An event of the platform's own, by its key: ``cause_id`` is the event that it follows from, if any.

    ``depth``: how many derived events lead to it, itself included. Without ``event`` it did not come to be: what it
    would have told was ``undone`` before, or it would lie too deep.
    """

    program = models.ForeignKey(Program, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    event = models.OneToOneField(Event, models.CASCADE, related_name="derived", null=True)
    cause_id = models.BigIntegerField(null=True)
    depth = models.PositiveSmallIntegerField(default=0)
    undone = models.BooleanField(default=False)

    class Meta:
        """Once a key; guarded by the lock of its member."""

        constraints: ClassVar = [models.UniqueConstraint("program", "key", name="derived_once")]
        indexes: ClassVar = [
            models.Index(fields=["cause_id"], name="derived_by_cause", condition=models.Q(cause_id__isnull=False))
        ]


class CalendarDay(models.Model):
    """A market's local day whose birthdays and the like became events; ``events`` are how many."""

    market = models.ForeignKey(Market, models.CASCADE, related_name="calendar_days", db_index=False)
    day = models.DateField()
    at = models.DateTimeField()
    events = models.PositiveIntegerField()

    class Meta:
        """Once a market and day."""

        constraints: ClassVar = [models.UniqueConstraint("market", "day", name="calendar_day_once")]
