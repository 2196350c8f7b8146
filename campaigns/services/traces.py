"""Traces: why rules did not fire, kept for a while."""

from datetime import date

from campaigns.models import Trace


def purge_traces(*, before: date) -> int:
    """Delete the traces recorded before a day; how many. Outcomes with the lines that fired stay for ever."""
    deleted, _ = Trace.objects.filter(recorded_on__lt=before).delete()
    return deleted
