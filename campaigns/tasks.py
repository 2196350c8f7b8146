"""What the clock starts for campaigns."""

from collections.abc import Sequence
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from campaigns.services.budget_alerts import watch_budgets
from campaigns.services.budgets import fill_budgets
from campaigns.services.calendar import derive_days
from campaigns.services.causes import derive_told, take_back_undone, undo_cancelled
from campaigns.services.contests import close_contests
from campaigns.services.friends import derive_for_friends, qualify_due, reconsider_told
from campaigns.services.traces import purge_traces
from core.models import OutboxMessage, Program
from core.tasks import consumer
from ledger.services.days import fold_days


@shared_task
def purge_old_traces() -> None:
    """Forget why rules did not fire for events of long ago."""
    purge_traces(before=timezone.now().date() - timedelta(days=settings.TRACE_DAYS))


@shared_task
def return_budgets() -> None:
    """Bring campaign accounts to their budgets: what came back to a campaign that is over goes on to its fund."""
    for program in Program.objects.all():
        fill_budgets(program=program, at=timezone.now())


@shared_task
def watch_all_budgets() -> None:
    """Tell of budgets that run out, and keep what they paid by day."""
    fold_days()
    for program in Program.objects.order_by("pk"):
        watch_budgets(program=program, at=timezone.now())


@consumer
def derive_events(messages: Sequence[OutboxMessage]) -> None:
    """Let members' joining, tiers, badges and the like be events that rules listen to."""
    derive_told(messages=messages, at=timezone.now())


@consumer
def undo_events(messages: Sequence[OutboxMessage]) -> None:
    """Take back events that followed from what was taken back."""
    take_back_undone(messages=messages, at=timezone.now())


@consumer
def undo_redemptions(messages: Sequence[OutboxMessage]) -> None:
    """Take back what followed from redemptions that were cancelled."""
    undo_cancelled(messages=messages)


@consumer
def derive_friends(messages: Sequence[OutboxMessage]) -> None:
    """Let members who were brought by others have events of their own."""
    derive_for_friends(messages=messages, at=timezone.now())


@consumer
def reconsider_referrals(messages: Sequence[OutboxMessage]) -> None:
    """See whether those who were brought have done what is asked for."""
    reconsider_told(messages=messages, at=timezone.now())


@shared_task
def qualify_due_referrals() -> None:
    """Let referrals count whose cooling is over."""
    qualify_due(at=timezone.now())


@shared_task
def derive_all_days() -> None:
    """Let birthdays and the like be events, in all markets in which a day has begun."""
    at = timezone.now()
    for program in Program.objects.order_by("pk"):
        derive_days(program=program, at=at)


@shared_task
def close_all_contests() -> None:
    """Close the contests whose time has come, in all programs."""
    at = timezone.now()
    for program in Program.objects.order_by("pk"):
        close_contests(program=program, at=at)
