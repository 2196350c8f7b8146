"""What the clock starts for campaigns."""

from collections.abc import Sequence
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from campaigns.services.budgets import fill_budgets
from campaigns.services.calendar import derive_days
from campaigns.services.causes import derive_told, take_back_undone
from campaigns.services.traces import purge_traces
from core.models import OutboxMessage, Program
from core.tasks import consumer


@shared_task
def purge_old_traces() -> None:
    """Forget why rules did not fire for events of long ago."""
    purge_traces(before=timezone.now().date() - timedelta(days=settings.TRACE_DAYS))


@shared_task
def return_budgets() -> None:
    """Bring campaign accounts to their budgets: what came back to a campaign that is over goes on to its fund."""
    for program in Program.objects.all():
        fill_budgets(program=program, at=timezone.now())


@consumer
def derive_events(messages: Sequence[OutboxMessage]) -> None:
    """Let members' joining, tiers, badges and the like be events that rules listen to."""
    derive_told(messages=messages, at=timezone.now())


@consumer
def undo_events(messages: Sequence[OutboxMessage]) -> None:
    """Take back events that followed from what was taken back."""
    take_back_undone(messages=messages, at=timezone.now())


@shared_task
def derive_all_days() -> None:
    """Let birthdays and the like be events, in all markets in which a day has begun."""
    at = timezone.now()
    for program in Program.objects.order_by("pk"):
        derive_days(program=program, at=at)
