"""Outbox: what happened is told to others after commit, at least once, and acted on once.

A message goes ``publish`` → ``relay`` → broker → ``consume``. Only the rows of the database count: a crash of
relay, worker or broker at any moment leads to a second delivery at most, and a second delivery changes nothing.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core.models import ConsumedMessage, OutboxMessage
from core.rules.arrays import columns
from core.services import prepared

BATCH = 100  # messages in one task
log = structlog.get_logger(__name__)

type Act = Callable[[Sequence[OutboxMessage]], None]
type Send = Callable[[str, list[int]], None]

# What nobody listens to is kept, and not told. No answer is read: the statement may travel with others.
PUBLISH = """
    INSERT INTO core_outboxmessage (topic, program_id, payload, attempts, due_at)
    SELECT topic, program_id, payload::jsonb, 0, CASE WHEN heard THEN statement_timestamp() END
    FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bool[]) AS m(topic, program_id, payload, heard)
"""
# A message that nobody confirmed is sent again after the first pause, then after twice as long, at most an hour.
COME_BACK = """
    UPDATE core_outboxmessage SET attempts = attempts + 1, due_at = CASE WHEN id = ANY(%(waiting)s)
        THEN now() + make_interval(secs => least(%(pause)s * 2 ^ least(attempts, 12), 3600)) END
    WHERE id = ANY(%(sent)s)
"""
CLAIM = """
    INSERT INTO core_consumedmessage (message_id, consumer)
    SELECT id, %(consumer)s FROM core_outboxmessage WHERE id = ANY(%(ids)s) ORDER BY id
    ON CONFLICT DO NOTHING RETURNING message_id
"""
# Rows are locked in the order of their ids, so that two consumers of one topic never wait for each other in a circle.
SETTLE = """
    WITH locked AS (
        SELECT id FROM core_outboxmessage WHERE id = ANY(%(ids)s) AND due_at IS NOT NULL ORDER BY id FOR NO KEY UPDATE
    ), settled AS (
        SELECT id FROM locked
        WHERE (SELECT count(*) FROM core_consumedmessage c WHERE c.message_id = id) >= %(consumers)s
    )
    UPDATE core_outboxmessage SET due_at = NULL WHERE id IN (SELECT id FROM settled)
"""

PURGE = """
    WITH old AS (SELECT id FROM core_outboxmessage WHERE due_at IS NULL AND created_at < %s),
         marks AS (DELETE FROM core_consumedmessage WHERE message_id IN (SELECT id FROM old))
    DELETE FROM core_outboxmessage WHERE id IN (SELECT id FROM old)
"""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that others must hear. ``payload`` is JSON without personal data: ids, codes, decimal strings."""

    topic: str
    program_id: int
    payload: dict[str, object]


def publish(messages: Sequence[Message]) -> None:
    """Write messages in the caller's transaction: they are told if and only if it commits."""
    if not messages:
        return
    rows = [
        (message.topic, message.program_id, json.dumps(message.payload), bool(settings.OUTBOX.get(message.topic)))
        for message in messages
    ]
    with prepared.cursor() as cursor:
        cursor.execute(PUBLISH, columns(rows))


@transaction.atomic
def relay(*, send: Send, limit: int = 500) -> int:
    """Hand due messages to the broker through ``send(consumer, message ids)``; how many there were.

    ``send`` returns after the broker has confirmed, or raises: then nothing is marked and the next call tries again.
    A message stays due, later each time, until its consumers have acted. Any number of relays may run at once.
    """
    due = OutboxMessage.objects.select_for_update(skip_locked=True, no_key=True).filter(due_at__lte=Now())
    messages = list(due.order_by("due_at", "id").only("id", "topic")[:limit])
    waiting = _waiting_consumers(messages)
    for consumer, ids in waiting.items():
        for batch in batched(ids, BATCH):
            send(consumer, list(batch))
    with prepared.cursor() as cursor:
        unsettled = list({pk for ids in waiting.values() for pk in ids})
        sent = [message.pk for message in messages]
        cursor.execute(COME_BACK, {"waiting": unsettled, "sent": sent, "pause": settings.OUTBOX_RESEND_SECONDS})
    return len(messages)


def _waiting_consumers(messages: Sequence[OutboxMessage]) -> dict[str, list[int]]:
    """Ids of the messages that each consumer has not acted on yet."""
    done = set(ConsumedMessage.objects.filter(message__in=messages).values_list("message_id", "consumer"))
    waiting: dict[str, list[int]] = defaultdict(list)
    for message in messages:
        for consumer in settings.OUTBOX.get(message.topic, []):
            if (message.pk, consumer) not in done:
                waiting[consumer].append(message.pk)
    return waiting


def consume(*, consumer: str, message_ids: Sequence[int], act: Act) -> None:
    """Let ``act`` take in the messages that this consumer has not taken in yet, in one transaction with the mark.

    If they fail together each is tried alone, so that one bad message holds nobody up; its error is raised at the end
    and the relay brings it again.
    """
    try:
        _consume_together(consumer, message_ids, act)
    except Exception:
        if len(message_ids) == 1:
            raise
        log.warning("messages_failed_together", consumer=consumer, messages=len(message_ids), exc_info=True)
    else:
        return
    failures = [error for pk in message_ids if (error := _consume_alone(consumer, pk, act))]
    if failures:
        raise ExceptionGroup(f"{consumer}: {len(failures)} messages failed", failures)


def _consume_alone(consumer: str, message_id: int, act: Act) -> Exception | None:
    try:
        _consume_together(consumer, [message_id], act)
    except Exception as error:  # noqa: BLE001 - collected and raised by the caller
        return error
    return None


@transaction.atomic
def _consume_together(consumer: str, message_ids: Sequence[int], act: Act) -> None:
    with prepared.cursor() as cursor:
        cursor.execute(CLAIM, {"consumer": consumer, "ids": list(message_ids)})
        claimed = [pk for (pk,) in cursor.fetchall()]
    messages = list(OutboxMessage.objects.filter(pk__in=claimed).order_by("id"))
    if messages:
        act(messages)
    _settle(message_ids)


def _settle(message_ids: Sequence[int]) -> None:
    """Take messages off the relay's list once every consumer of their topic has acted."""
    topics: dict[str, list[int]] = defaultdict(list)
    for pk, topic in OutboxMessage.objects.filter(pk__in=message_ids).values_list("id", "topic"):
        topics[topic].append(pk)
    with prepared.cursor() as cursor:
        for topic, ids in sorted(topics.items()):
            cursor.execute(SETTLE, {"ids": ids, "consumers": len(settings.OUTBOX.get(topic, []))})


def purge(*, before: datetime) -> int:
    """Delete messages that were settled and written before a moment, with their marks; how many."""
    with prepared.cursor() as cursor:
        cursor.execute(PURGE, [before])
        return int(cursor.rowcount)
