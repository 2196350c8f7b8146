"""Set-based statements, and messages about events."""

from collections.abc import Sequence
from typing import Any

from campaigns.rules.state import JudgedEvent
from core.rules.arrays import columns
from core.services import prepared
from core.services.outbox import Message


def execute(sql: str, rows: Sequence[Sequence[Any]], *first: Any) -> None:  # what PostgreSQL takes
    """One statement for all rows, given as columns; nothing when there are none."""
    if rows:
        with prepared.cursor() as cursor:
            cursor.execute(sql, [*first, *columns(rows)])


def event_message(topic: str, program_id: int, event: JudgedEvent, **payload: object) -> Message:
    """What an event did for its member, for the outbox."""
    body = {"member": event.member_id, "event": event.event_id, "time": event.time.isoformat(), **payload}
    return Message(topic, program_id, body)
