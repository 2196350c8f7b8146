"""The transactional outbox: what others must hear, written with what happened."""

from typing import ClassVar

from django.db import models

from core.models.programs import Program


class OutboxMessage(models.Model):
    """A message written in the transaction of the fact it tells.

    ``due_at`` is the moment from which the relay hands it to the broker, for the first time or, if its consumers
    have not confirmed, again; empty once all of them have (or nobody listens). The broker is a wake-up only: this
    row is the truth, so a broker that loses its memory loses no message.
    """

    topic = models.CharField(max_length=60)
    program = models.ForeignKey(Program, models.CASCADE, related_name="+")
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=models.functions.Now())
    due_at = models.DateTimeField(null=True, db_default=models.functions.Now())
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        """The relay reads only what waits; the purge only what is done."""

        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="outbox_waiting", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["created_at"], name="outbox_done", condition=models.Q(due_at__isnull=True)),
        ]

    def __str__(self) -> str:
        """Name the message."""
        return f"{self.topic} #{self.pk}"


class ConsumedMessage(models.Model):
    """One consumer has acted on one message: written in the transaction of its act, so it acts once."""

    pk = models.CompositePrimaryKey("message_id", "consumer")
    message = models.ForeignKey(OutboxMessage, models.CASCADE, related_name="+", db_index=False)
    consumer = models.CharField(max_length=100)

    def __str__(self) -> str:
        """Name who consumed what."""
        return f"{self.consumer} of #{self.message_id}"
