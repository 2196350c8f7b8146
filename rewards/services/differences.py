"""Differences between statements and what we know, closed by two people: one says why, another confirms."""

from datetime import datetime

from django.db.models import QuerySet

from core.models import User
from core.reasons import reason_of
from rewards.models import StatementLine

State = StatementLine.State


def propose_closing(*, lines: QuerySet[StatementLine], by: User, note: str, at: datetime) -> int:
    """Say why open differences can be closed; how many were open. Raises: Invalid without a note."""
    said = reason_of(note, "/note")
    return lines.filter(state=State.OPEN).update(state=State.PROPOSED, closed_by=by, closed_at=at, note=said)


def confirm_closing(*, lines: QuerySet[StatementLine], by: User, at: datetime) -> int:
    """Close differences that somebody else proposed to close; how many these were."""
    rows = lines.filter(state=State.PROPOSED).exclude(closed_by=by)
    return rows.update(state=State.CLOSED, confirmed_by=by, confirmed_at=at)


def send_back(*, lines: QuerySet[StatementLine]) -> int:
    """Open differences again that somebody proposed to close; the note stays until the next one."""
    return lines.filter(state=State.PROPOSED).update(state=State.OPEN, closed_by=None, closed_at=None)
