"""What the clock starts for campaigns."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from campaigns.services.budgets import fill_budgets
from campaigns.services.traces import purge_traces
from core.models import Program


@shared_task
def purge_old_traces() -> None:
    """Forget why rules did not fire for events of long ago."""
    purge_traces(before=timezone.now().date() - timedelta(days=settings.TRACE_DAYS))


@shared_task
def return_budgets() -> None:
    """Bring campaign accounts to their budgets: what came back to a campaign that is over goes on to its fund."""
    for program in Program.objects.all():
        fill_budgets(program=program, at=timezone.now())
