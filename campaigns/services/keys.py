"""Keeping each event once: new keys are taken, known ones are answered from the store."""

import json
from collections.abc import Sequence
from typing import Any

from campaigns.rules.answers import Body
from campaigns.rules.state import JudgedEvent
from campaigns.services.configuration import Configuration
from campaigns.services.work import Work, judged_event, numbered
from core.refusals import EventConflict
from core.rules.arrays import columns
from core.services import prepared

# Ids are given in the order of the batch, rows are taken in the order of keys, so that two batches cannot deadlock.
TAKE = """
    WITH given AS (
        SELECT nextval(pg_get_serial_sequence('campaigns_event', 'id')) AS id, e.*
        FROM (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bytea[], %s::timestamptz[],
            %s::date[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
            AS u(member_id, event_type_id, source, key, fingerprint, time, day, amount_minor, currency,
                amount_base_minor, outlet_id, data)) e
    )
    INSERT INTO campaigns_event (id, program_id, member_id, event_type_id, source, key, fingerprint, time, day,
        amount_minor, currency, amount_base_minor, outlet_id, data)
    SELECT id, %s, member_id, event_type_id, source, key, fingerprint, time, day, amount_minor, currency,
        amount_base_minor, outlet_id, data::jsonb FROM given ORDER BY source, key
    ON CONFLICT (program_id, source, key) DO NOTHING RETURNING id, source, key
"""
ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
STORED = """
    SELECT e.source, e.key, e.fingerprint, o.answer
    FROM unnest(%s::text[], %s::text[]) AS k(source, key)
    JOIN campaigns_event e ON e.program_id = %s AND e.source = k.source AND e.key = k.key
    JOIN campaigns_outcome o ON o.event_id = e.id
"""


def first_of_each(batch: Sequence[Work]) -> list[Work]:
    """The first event of each key; the same key again in one batch is a repeat."""
    first: dict[tuple[str, str], Work] = {}
    for one in batch:
        first.setdefault((one.incoming.source, one.incoming.key), one)
    return list(first.values())


def take_keys(configuration: Configuration, batch: Sequence[Work]) -> list[Work]:
    """Store the events that are new; those whose key was taken before have no ``event`` afterwards."""
    events = [judged_event(configuration, one) for one in batch]
    with prepared.cursor() as cursor:
        cursor.execute(TAKE, [*columns(map(_row, batch, events)), configuration.program.program_id])
        ids = {(source, key): pk for pk, source, key in cursor.fetchall()}
    fresh = []
    for one, event in zip(batch, events, strict=True):
        if pk := ids.get((event.source, event.key)):
            one.event = numbered(event, pk)
            fresh.append(one)
    return fresh


def _row(one: Work, event: JudgedEvent) -> tuple[Any, ...]:
    return (
        event.member_id,
        event.type_id or None,
        event.source,
        event.key,
        one.incoming.fingerprint,
        event.time,
        event.day,
        event.amount_minor,
        event.currency,
        event.amount_base,
        event.outlet.outlet_id if event.outlet else 0,
        ENCODER.encode(event.data),
    )


def answer_seen(configuration: Configuration, seen: Sequence[Work]) -> None:
    """Stored answers for events that were taken in before; other content under the same key is a conflict."""
    if not seen:
        return
    keys = columns((one.incoming.source, one.incoming.key) for one in seen)
    with prepared.cursor() as cursor:
        cursor.execute(STORED, [*keys, configuration.program.program_id])
        stored = {(source, key): (bytes(print_), answer) for source, key, print_, answer in cursor.fetchall()}
    for one in seen:
        fingerprint, answer = stored[one.incoming.source, one.incoming.key]
        _answer_again(one, fingerprint, json.loads(answer))


def _answer_again(one: Work, fingerprint: bytes, answer: Body) -> None:
    if fingerprint != one.incoming.fingerprint:
        one.refusal = EventConflict()
    else:
        one.answer, one.is_duplicate = answer | {"duplicate": True}, True


def answer_repeats(batch: Sequence[Work], first: Sequence[Work]) -> None:
    """The same key again in one request is answered from the first."""
    by_key = {(one.incoming.source, one.incoming.key): one for one in first}
    for one in batch:
        earlier = by_key[one.incoming.source, one.incoming.key]
        if one is earlier:
            continue
        if earlier.answer is None:
            one.refusal = earlier.refusal
        else:
            _answer_again(one, earlier.incoming.fingerprint, earlier.answer)
