"""Reversals whose original should have come by now."""

from datetime import datetime

from django.db.models import QuerySet

from campaigns.models import WaitingReversal
from campaigns.rules.life import SETTLING


def late(rows: QuerySet[WaitingReversal], at: datetime) -> QuerySet[WaitingReversal]:
    """Those of the rows that were recorded so long ago that somebody should ask for the original."""
    return rows.filter(reversal__recorded_at__lt=at - SETTLING)
