"""What members did, added up: the truth by day, counters by type, and one row of sums a member."""

from typing import ClassVar

from django.db import models

from members.models.event_types import EventType
from members.models.members import Member


class MemberDay(models.Model):
    """A member's events of one type at one outlet on one local day, net of returns. ``outlet_id`` 0 = no outlet.

    ``occurrences`` counts all events that are not fully reversed; ``events`` and ``amount_minor`` (base currency) only
    those of qualifying types; ``status_points`` are points awarded for the day's events.
    """

    pk = models.CompositePrimaryKey("member", "day", "event_type", "outlet_id")
    member = models.ForeignKey(Member, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    event_type = models.ForeignKey(EventType, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    outlet_id = models.BigIntegerField(default=0)
    occurrences = models.IntegerField(default=0)
    events = models.IntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    status_points = models.BigIntegerField(default=0)

    class Meta:
        """Counts never go below nothing."""

        constraints: ClassVar = [
            models.CheckConstraint(
                name="member_day_counts_are_not_negative",
                condition=models.Q(occurrences__gte=0, events__gte=0),
            )
        ]


class MemberTypeCount(models.Model):
    """How often a member's events of a type happened (not fully reversed ones), and when first and last."""

    pk = models.CompositePrimaryKey("member", "event_type")
    member = models.ForeignKey(Member, models.CASCADE, related_name="type_counts", db_index=False)
    event_type = models.ForeignKey(EventType, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    occurrences = models.IntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)


class MemberFacts(models.Model):
    """Sums over the windows that end with ``rolled_on`` (a local day of the member's market), in base minor units.

    ``_year`` is the calendar year of that day. Moved by every event and rolled nightly; ``MemberDay`` is the truth.
    """

    member = models.OneToOneField(Member, models.CASCADE, related_name="facts", primary_key=True)
    rolled_on = models.DateField()
    events_30d = models.IntegerField(default=0)
    events_90d = models.IntegerField(default=0)
    events_12m = models.IntegerField(default=0)
    events_year = models.IntegerField(default=0)
    amount_30d = models.BigIntegerField(default=0)
    amount_90d = models.BigIntegerField(default=0)
    amount_12m = models.BigIntegerField(default=0)
    amount_year = models.BigIntegerField(default=0)
    status_points_12m = models.BigIntegerField(default=0)
    status_points_year = models.BigIntegerField(default=0)
    last_active_on = models.DateField(null=True)

    class Meta:
        """How a list is called."""

        verbose_name_plural = "member facts"
