"""Events as they came in, what the engine answered, and why."""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Program
from ledger.models.journals import StatementTimestamp
from members.models import EventType, Member


class Event(models.Model):
    """Something happened to a member. ``id`` is the ``sequence`` in which events were taken in.

    ``(source, key)`` is the caller's name of it, unique in the program for ever; ``fingerprint`` is the sha256 of its
    canonical content. ``day`` is the local date of ``time`` in the member's market. ``amount_minor`` is in
    ``currency``, ``amount_base_minor`` in the program's. Type, program and outlet are checked by the intake against
    the configuration, whose rows are retired and never deleted; so the database does not look them up for each row.
    """

    program = models.ForeignKey(Program, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="events", db_index=False)
    event_type = models.ForeignKey(
        EventType, models.PROTECT, related_name="+", null=True, db_constraint=False, db_index=False
    )
    source = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    fingerprint = models.BinaryField(max_length=32)
    time = models.DateTimeField()
    day = models.DateField()
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="")
    amount_base_minor = models.BigIntegerField(null=True)
    outlet_id = models.BigIntegerField(default=0)
    data = models.JSONField()
    recorded_at = models.DateTimeField(db_default=StatementTimestamp())

    class Meta:
        """One row an event; read by member in order of processing."""

        constraints: ClassVar = [models.UniqueConstraint("program", "source", "key", name="event_once")]
        indexes: ClassVar = [
            models.Index(fields=["member", "id"], name="event_member"),
            BrinIndex(fields=["time"], name="event_time"),
        ]

    def __str__(self) -> str:
        """Name the event as its caller does."""
        return f"{self.source}#{self.key}"


class Outcome(models.Model):
    """What the engine answered, kept for ever: ``answer`` as in the API, ``fired`` the trace lines that fired.

    ``revision`` is that of the configuration by which it was decided; ``InForce`` says what that was. 0 = not known.
    """

    class Status(models.TextChoices):
        """Whether the event was worked."""

        PROCESSED = "processed", _("Processed")
        WAITING = "waiting", _("Waiting")
        REJECTED = "rejected", pgettext_lazy("event", "Rejected")

    event = models.OneToOneField(Event, models.CASCADE, related_name="outcome", primary_key=True)
    status = models.CharField(max_length=9, choices=Status)
    answer = models.JSONField()
    fired = models.JSONField(default=list)
    revision = models.BigIntegerField(db_default=0)


class Trace(models.Model):
    """Why rules did not fire for an event, kept ``TRACE_DAYS``.

    ``lines`` are ``[version id, rule index, reason, leaf index, actual value]``: small, read with the version.
    """

    event = models.OneToOneField(Event, models.CASCADE, related_name="trace", primary_key=True)
    recorded_on = models.DateField()
    lines = models.JSONField()

    class Meta:
        """Purged by age."""

        indexes: ClassVar = [models.Index(fields=["recorded_on"], name="trace_age")]
