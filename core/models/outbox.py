"""The transactional outbox: what others must hear, written with what happened."""

from typing import ClassVar

from django.db import models

from core.models.programs import Program


class OutboxMessage(models.Model):
    """A message written in the transaction of the fact it tells; the relay sends it at least once."""

    topic = models.CharField(max_length=60)
    program = models.ForeignKey(Program, models.CASCADE, related_name="+")
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=models.functions.Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        """The relay reads only what waits."""

        indexes: ClassVar = [
            models.Index(fields=["id"], name="outbox_waiting", condition=models.Q(sent_at__isnull=True))
        ]
