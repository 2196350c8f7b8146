"""What the broker does, for tests of derived events: every due message goes to its consumer, until none is left."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models.functions import Now
from django.utils.module_loading import import_string

from campaigns.models import Event, Outcome
from core.models import OutboxMessage
from core.services import outbox

INSTEAD: Mapping[str, Callable[[list[int]], None]] = {
    "loyalty.operations.tasks.mail_notices": lambda ids: outbox.consume(
        consumer="loyalty.operations.tasks.mail_notices", message_ids=ids, act=lambda _messages: None
    ),
}


def relay() -> dict[str, list[int]]:
    """Hand the due messages to their consumers; which got which."""
    sent: dict[str, list[int]] = {}
    outbox.relay(send=lambda consumer, ids: sent.setdefault(consumer, []).extend(ids))
    for consumer, ids in sent.items():
        consumer_named(consumer)(ids)
    return sent


def consumer_named(consumer: str) -> Callable[[list[int]], None]:
    """What acts on the messages of a consumer, by its dotted path."""
    act: Callable[[list[int]], None] = INSTEAD.get(consumer) or import_string(consumer)
    return act


def settle() -> None:
    """Relay until nothing is due, also what the consumers tell."""
    for _round in range(20):
        OutboxMessage.objects.filter(due_at__gt=Now()).update(due_at=Now())
        if not relay():
            return
    raise AssertionError("messages cause each other for ever")


def derived(event_type: str | None = None) -> list[Event]:
    """The derived events in order of processing."""
    rows = Event.objects.filter(derived__isnull=False).select_related("event_type", "outcome", "derived")
    return list(rows.filter(event_type__code=event_type).order_by("pk") if event_type else rows.order_by("pk"))


def reversals() -> list[tuple[str, str]]:
    """The platform's own reversals in order: key and status."""
    rows = Outcome.objects.filter(event__source__startswith="/loyalty/", event__event_type=None).order_by("event")
    return list(rows.values_list("event__key", "status"))


def told(event: Event) -> tuple[str, str, Mapping[str, Any], datetime]:
    """Type, source, data and time of an event."""
    assert event.event_type is not None
    return event.event_type.code, event.source, event.data, event.time
