"""Signs of life of processes that serve no web page."""

from django.db import models


class Heartbeat(models.Model):
    """The last moment at which a task sent by the scheduler went through the broker and a worker to the database."""

    name = models.CharField(primary_key=True, max_length=40)
    beat_at = models.DateTimeField(db_default=models.functions.Now())

    def __str__(self) -> str:
        """Name the process."""
        return self.name
