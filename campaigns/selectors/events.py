"""Stored events as the API shows them: what came in, what was answered, why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Event
from campaigns.selectors.traces import read_traces
from core.models import Program
from core.refusals import NotFound
from core.rules.moments import show_moment
from members.models import Member

REVERSED = "event.reversed"  # the one type that no program declares


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event in CloudEvents form, its outcome, and its trace where that was asked for."""

    sequence: int
    event: Mapping[str, Any]
    outcome: Mapping[str, Any]
    trace: Sequence[Mapping[str, Any]] = ()


def _stored(program: Program) -> QuerySet[Event]:
    return Event.objects.filter(program=program).select_related("event_type", "member", "outcome")


def find_event(*, program: Program, source: str, key: str) -> StoredEvent:
    """One event with outcome and trace; raises NotFound."""
    row = _stored(program).filter(source=source, key=key).first()
    if row is None:
        raise NotFound(_("There is no such event"))
    return _show(row, read_traces([row.pk])[row.pk])


def list_events(
    *,
    program: Program,
    limit: int,
    after: int = 0,
    member: Member | None = None,
    since: datetime | None = None,
) -> list[StoredEvent]:
    """Events in the order of processing, beginning after a sequence; of one member, or with a time after ``since``."""
    rows = _stored(program).filter(pk__gt=after)
    rows = rows.filter(member=member) if member else rows
    rows = rows.filter(time__gt=since) if since else rows
    return [_show(row) for row in rows.order_by("pk")[:limit]]


def _show(row: Event, trace: Sequence[Mapping[str, Any]] = ()) -> StoredEvent:
    event = {
        "specversion": "1.0",
        "id": row.key,
        "source": row.source,
        "type": _type(row),
        "subject": row.member.external_id,
        "time": show_moment(row.time),
        "data": row.data,
    }
    return StoredEvent(row.pk, event, row.outcome.answer, trace)


def _type(row: Event) -> str:
    return row.event_type.code if row.event_type else REVERSED
