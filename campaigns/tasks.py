"""What the clock starts for campaigns."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from campaigns.services.traces import purge_traces


@shared_task
def purge_old_traces() -> None:
    """Forget why rules did not fire for events of long ago."""
    purge_traces(before=timezone.now().date() - timedelta(days=settings.TRACE_DAYS))
