"""Heartbeat: proof that scheduler, broker, worker and database work together."""

from datetime import timedelta

from django.db.models.functions import Now

from core.models import Heartbeat

WORKER = "worker"
TOO_OLD = timedelta(seconds=45)


def beat() -> None:
    """Write down that a worker has just done a task."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=WORKER, beat_at=Now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )


def stop_beating() -> None:
    """Forget the sign of life of an earlier run."""
    Heartbeat.objects.filter(name=WORKER).delete()


def is_beating() -> bool:
    """Whether a worker did a task a short while ago, by the clock of the database."""
    return Heartbeat.objects.filter(name=WORKER, beat_at__gt=Now() - TOO_OLD).exists()
