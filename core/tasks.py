"""Tasks of Celery, and the decorator that makes a consumer of outbox messages from a function."""

from collections.abc import Sequence
from datetime import timedelta

from allauth.idp.oidc.models import Token
from celery import Task, shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.models import CacheEntry
from core.services import callers, heartbeat, idempotency, jobs, outbox, tokens


def consumer(act: outbox.Act) -> Task[[Sequence[int]], None]:
    """Make a task that takes in each message of the outbox once.

    ``act`` gets the messages in the order of their ids and runs in one transaction with the mark that they were taken
    in; it must not commit, and must do nothing that a rollback does not undo. Name the task in ``settings.OUTBOX``.
    """
    name = f"{act.__module__}.{act.__name__}"

    def take_in(message_ids: Sequence[int]) -> None:
        outbox.consume(consumer=name, message_ids=message_ids, act=act)

    return shared_task(name=name)(take_in)


@shared_task
def beat() -> None:
    """Show that a worker is alive."""
    heartbeat.beat()


@shared_task
def run_job(job_id: int) -> None:
    """Run one job."""
    jobs.run(job_id=job_id)


@shared_task
def wake_jobs() -> None:
    """Send the jobs again that wait for a worker or lost theirs."""
    for job_id in jobs.waiting():
        run_job.delay(job_id)


@shared_task
def purge_outbox() -> None:
    """Delete messages that were settled long ago."""
    outbox.purge(before=timezone.now() - timedelta(days=settings.OUTBOX_DAYS))


@shared_task
def purge_sessions() -> None:
    """Delete sessions and counts of tries that have run out."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    CacheEntry.objects.filter(expires__lt=timezone.now()).delete()


@shared_task
def purge_api() -> None:
    """Delete stored answers that are seven days old, tokens that have expired, paces of people who have gone."""
    callers.forget_paces(at=timezone.now())
    tokens.forget_uses(at=timezone.now())
    idempotency.purge_answers(at=timezone.now())
    Token.objects.expired().delete()
