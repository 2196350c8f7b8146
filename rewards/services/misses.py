"""Guessing codes: so many misses an hour, and whoever guesses has to wait."""

from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext as _

from core.refusals import RateLimited
from rewards.models import CodeMiss

MOST = 20
WITHIN = timedelta(hours=1)


def refuse_guessing(*, who: str, at: datetime) -> None:
    """Let nobody ask for codes who missed twenty times within the hour, whatever was found between; one query.

    Requests that run at once may miss a little oftener. Raises RateLimited.
    """
    moments = CodeMiss.objects.filter(who=who, at__gt=at - WITHIN).order_by("-at").values_list("at", flat=True)
    oldest = moments[MOST - 1 : MOST].first()
    if oldest is not None:
        wait = max(1, ceil((oldest + WITHIN - at).total_seconds()))
        raise RateLimited(_("Too many codes that nobody has were asked for within an hour"), retry_after=wait)


def note_miss(*, who: str, at: datetime) -> None:
    """Count a miss; those of which nobody asks any more go."""
    CodeMiss.objects.filter(who=who, at__lte=at - WITHIN).delete()
    CodeMiss.objects.create(who=who, at=at)
