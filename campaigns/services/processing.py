"""One transaction's worth of events: keys first, then the members' locks, then wave by wave."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from campaigns.rules.answers import Body, line_body
from campaigns.rules.evaluate import judge
from campaigns.rules.judgement import Judgement, Line
from campaigns.rules.state import JudgedEvent, Shared
from campaigns.services.apply import answer_of, write
from campaigns.services.configuration import Configuration
from campaigns.services.reading import Incoming, unknown_member
from campaigns.services.reversals import Reversal, refuse_foreign, reverse
from campaigns.services.sharing import hold_shared
from campaigns.services.state import Known, Members, lock_members, read_state
from core.refusals import EventConflict, Refusal
from core.rules.arrays import columns
from core.rules.money import convert
from ledger.services.posting import FloorReached

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
STORED = """
    SELECT e.source, e.key, e.fingerprint, o.answer
    FROM unnest(%s::text[], %s::text[]) AS k(source, key)
    JOIN campaigns_event e ON e.program_id = %s AND e.source = k.source AND e.key = k.key
    JOIN campaigns_outcome o ON o.event_id = e.id
"""
WAITING = """
    SELECT w.reversal_id, w.source, w.key, e.member_id, e.source, e.key, e.time, e.data
    FROM unnest(%s::text[], %s::text[]) AS k(source, key)
    JOIN campaigns_waitingreversal w ON w.program_id = %s AND w.source = k.source AND w.key = k.key
    JOIN campaigns_event e ON e.id = w.reversal_id ORDER BY w.reversal_id
"""


@dataclass(slots=True, eq=False)
class Work:
    """An event on its way through: where it stood in the request, what was read, what became of it."""

    place: int
    incoming: Incoming
    member_id: int = 0
    market_id: int = 0
    event: JudgedEvent | None = None
    answer: Body | None = None
    refusal: Refusal | None = None
    is_duplicate: bool = False
    lines: list[Line] = field(default_factory=list)
    trace: list[Body] = field(default_factory=list)


class Short(Exception):  # no error: a reason to go strictly one by one
    """Something shared ran out while waves had changed the order of events."""


def process(configuration: Configuration, batch: Sequence[Work], *, at: datetime, trace: bool) -> list[Work]:
    """Work a batch inside the caller's transaction and return every event with its answer or refusal."""
    first = _first_of_each(batch)
    fresh = _take_keys(configuration, first)
    _answer_seen(configuration, [one for one in first if one.event is None])
    members = lock_members(configuration, {one.member_id for one in fresh})
    fresh = _still_there(fresh, members)
    steps = _steps(configuration, fresh, members)
    if any(is_reversal for is_reversal, _ in steps):
        _in_waves(configuration, steps, members, at)
    elif steps:
        _run(configuration, steps, members, at, strict=True)
    _answer_repeats(batch, first)
    if trace:
        _fill_traces(configuration, fresh)
    return list(batch)


# -- keys -------------------------------------------------------------------------------------


def _first_of_each(batch: Sequence[Work]) -> list[Work]:
    """The first event of each key; the same key again in one batch is a repeat."""
    first: dict[tuple[str, str], Work] = {}
    for one in batch:
        first.setdefault((one.incoming.source, one.incoming.key), one)
    return list(first.values())


def _take_keys(configuration: Configuration, batch: Sequence[Work]) -> list[Work]:
    """Store the events that are new; those whose key was taken before have no ``event`` afterwards."""
    events = [_judged(configuration, one) for one in batch]
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [*columns(map(_row, batch, events)), configuration.program.program_id])
        ids = {(source, key): pk for pk, source, key in cursor.fetchall()}
    fresh = []
    for one, event in zip(batch, events, strict=True):
        if pk := ids.get((event.source, event.key)):
            one.event = _numbered(event, pk)
            fresh.append(one)
    return fresh


def _judged(configuration: Configuration, one: Work) -> JudgedEvent:
    """The event in the shape that rules read, still without its number."""
    incoming, program = one.incoming, configuration.program
    local = incoming.time.astimezone(configuration.markets[one.market_id].zone)
    kind = incoming.type
    return JudgedEvent(
        event_id=0,
        source=incoming.source,
        key=incoming.key,
        type_code=kind.code if kind else "event.reversed",
        type_id=kind.type_id if kind else 0,
        qualifying=bool(kind and kind.qualifying),
        member_id=one.member_id,
        time=incoming.time,
        local=local,
        day=local.date(),
        program_day=incoming.time.astimezone(program.zone).date(),
        amount_minor=incoming.amount_minor,
        currency=incoming.currency,
        amount_base=_base(configuration, incoming, local.date()),
        outlet=incoming.outlet,
        data=incoming.data,
    )


def _base(configuration: Configuration, incoming: Incoming, day: date) -> int | None:
    """The amount in the base currency at the rate of the event's local day, rounded half to even, once."""
    if incoming.amount_minor is None:
        return None
    program = configuration.program
    if incoming.currency == program.currency:
        return incoming.amount_minor
    rate = program.rates.on(incoming.currency, day)
    if rate is None:
        return None
    return convert(incoming.amount_minor, currency=incoming.currency, base=program.currency, rate=rate)


def _numbered(event: JudgedEvent, event_id: int) -> JudgedEvent:
    values = {name: getattr(event, name) for name in JudgedEvent.__slots__}
    return JudgedEvent(**(values | {"event_id": event_id}))


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
        json.dumps(event.data, separators=(",", ":"), ensure_ascii=False),
    )


def _answer_seen(configuration: Configuration, seen: Sequence[Work]) -> None:
    """Stored answers for events that were taken in before; other content under the same key is a conflict."""
    if not seen:
        return
    keys = columns((one.incoming.source, one.incoming.key) for one in seen)
    with connection.cursor() as cursor:
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


def _answer_repeats(batch: Sequence[Work], first: Sequence[Work]) -> None:
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


def _still_there(fresh: Sequence[Work], members: Members) -> list[Work]:
    """Refuse events of members that were erased a moment ago."""
    gone = [one for one in fresh if one.member_id not in members]
    for one in gone:
        one.refusal = unknown_member()
    forget(gone)
    return [one for one in fresh if one.member_id in members]


def forget(refused: Sequence[Work]) -> None:
    """Remove events that turned out to be refused: nothing refused stays stored."""
    ids = [one.event.event_id for one in refused if one.event]
    if ids:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM campaigns_event WHERE id = ANY(%s)", [ids])


# -- waves ------------------------------------------------------------------------------------

type Step = tuple[bool, Work]  # is it a reversal?


def _steps(configuration: Configuration, fresh: Sequence[Work], members: Members) -> list[Step]:
    """Events and reversals in order; reversals that waited for one of these originals follow it."""
    waiting = _waiting(configuration, fresh, members)
    steps: list[Step] = []
    for one in fresh:
        steps.append((one.incoming.original is not None, one))
        steps += [(True, late) for late in waiting.get((one.incoming.source, one.incoming.key), [])]
    return steps


def _waiting(
    configuration: Configuration, fresh: Sequence[Work], members: Members
) -> dict[tuple[str, str], list[Work]]:
    """Reversals that arrived before these events; those of other members are refused."""
    if not fresh:
        return {}
    keys = columns((one.incoming.source, one.incoming.key) for one in fresh)
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [*keys, configuration.program.program_id])
        rows = cursor.fetchall()
    found: dict[tuple[str, str], list[Work]] = {}
    for pk, source, key, member_id, *stored in rows:
        if member_id in members:
            late = _late(configuration, members, pk, (source, key), member_id, *stored)
            found.setdefault((source, key), []).append(late)
    refuse_foreign([pk for pk, _, _, member_id, *_ in rows if member_id not in members])
    return found


def _late(  # noqa: PLR0917  # the columns of a stored reversal
    configuration: Configuration,
    members: Members,
    pk: int,
    original: tuple[str, str],
    member_id: int,
    source: str,
    key: str,
    time: datetime,
    data: str,
) -> Work:
    """A stored reversal, ready to be worked."""
    values = json.loads(data)
    member = members[member_id]
    incoming = Incoming(
        source=source,
        key=key,
        subject=member.external_id,
        time=time,
        type=None,
        amount_minor=None,
        currency="",
        outlet=None,
        data=values,
        original=original,
        amount_text=values.get("amount", ""),
        fingerprint=b"",
    )
    late = Work(-1, incoming, member_id, member.market.market_id)
    late.event = _numbered(_judged(configuration, late), pk)
    return late


def _in_waves(configuration: Configuration, steps: Sequence[Step], members: Members, at: datetime) -> None:
    """Work all members' first events, then their first reversals, and so on: each member's own order is kept.

    The order of members among each other matters only where something shared runs out: then strictly one by one.
    What is shared is held from the beginning, so that a later wave cannot ask for it in another order than others do.
    """
    if len(steps) > 1:
        hold_shared(configuration, _events([one for _, one in steps]), [one.incoming.original for _, one in steps])
    try:
        with transaction.atomic():
            _run(configuration, steps, members, at, strict=False)
    except Short:
        fresh = lock_members(configuration, members)
        _run(configuration, steps, fresh, at, strict=True)


def _run(configuration: Configuration, steps: Sequence[Step], members: Members, at: datetime, *, strict: bool) -> None:
    earlier: Shared | None = None
    for wave in _strict_waves(steps) if strict else _loose_waves(steps):
        is_reversal = wave[0][0]
        work = [one for _, one in wave]
        members = lock_members(configuration, {one.member_id for one in work}) if len(steps) > len(wave) else members
        if is_reversal:
            _reverse(configuration, work, members, at)
            continue
        is_short, shared = _judge_and_write(configuration, work, members, at, None if strict else earlier)
        if is_short and not strict:
            raise Short
        earlier = shared


def _strict_waves(steps: Iterable[Step]) -> list[list[Step]]:
    """Runs of events in order, each reversal alone."""
    waves: list[list[Step]] = []
    for step in steps:
        if waves and not step[0] and not waves[-1][0][0]:
            waves[-1].append(step)
        else:
            waves.append([step])
    return waves


def _loose_waves(steps: Iterable[Step]) -> list[list[Step]]:
    """Wave n holds each member's n-th run of events, or its next reversal; even waves events, odd ones reversals."""
    waves: dict[int, list[Step]] = {}
    at_wave: dict[int, int] = {}
    for is_reversal, one in steps:
        wave = _next_wave(at_wave.get(one.member_id, -1), is_reversal=is_reversal)
        at_wave[one.member_id] = wave
        waves.setdefault(wave, []).append((is_reversal, one))
    return [waves[wave] for wave in sorted(waves)]


def _next_wave(last: int, *, is_reversal: bool) -> int:
    """The wave after a member's last one; events go on in the same wave, each reversal has its own."""
    if is_reversal:
        return last + 1 + last % 2
    return last if last >= 0 and last % 2 == 0 else last + 1


# -- judging ----------------------------------------------------------------------------------


def _judge_and_write(
    configuration: Configuration, work: Sequence[Work], members: Members, at: datetime, earlier: Shared | None
) -> tuple[bool, Shared]:
    """Judge with shared balances as read, write; where they do not cover it any more, judge again with locks held.

    Returns whether something shared ran out, and what is left of it. ``earlier``: what earlier waves left, which must
    do, though reversals gave back some of it: one by one, those might have come later.
    """
    today = at.astimezone(configuration.program.zone).date()
    known = read_state(configuration, members, _events(work), today)
    if earlier:
        known.shared.forget_credits(earlier)
    try:
        with transaction.atomic():
            judged = _judge(configuration, known, work, today)
            write(configuration, known, judged, at=at)
    except (FloorReached, IntegrityError) as error:
        if isinstance(error, IntegrityError) and "total_limit_kept" not in str(error):
            raise
        members = lock_members(configuration, members)
        hold_shared(configuration, _events(work), ())
        known = read_state(configuration, members, _events(work), today)
        judged = _judge(configuration, known, work, today)
        write(configuration, known, judged, at=at)
    return any(judgement.is_short for judgement, _ in judged), known.shared


def _events(work: Sequence[Work]) -> list[JudgedEvent]:
    return [one.event for one in work if one.event]


def _judge(
    configuration: Configuration, known: Known, work: Sequence[Work], today: date
) -> list[tuple[Judgement, Body]]:
    judged = []
    for one, event in zip(work, _events(work), strict=True):
        member = known.members[event.member_id]
        judgement = judge(
            event,
            member,
            program=configuration.program,
            shared=known.shared,
            types=configuration.fact_types.get(event.type_code, {}),
            today=today,
        )
        one.answer = answer_of(judgement, member, configuration)
        one.lines = judgement.lines
        judged.append((judgement, one.answer))
    return judged


def _fill_traces(configuration: Configuration, work: Sequence[Work]) -> None:
    for one in work:
        code = one.event.type_code if one.event else ""
        one.trace = [line_body(line, code, configuration.catalogue) for line in one.lines]


# -- taking back ------------------------------------------------------------------------------


def _reverse(configuration: Configuration, work: Sequence[Work], members: Members, at: datetime) -> None:
    """Take events back; refused reversals leave no trace in the store, unless they had been accepted before."""
    reversals = [Reversal(one.event, one.incoming, is_late=one.place < 0) for one in work if one.event]
    reverse(configuration, members, reversals, at=at)
    for one, reversal in zip(work, reversals, strict=True):
        one.answer, one.refusal = reversal.answer, reversal.refusal
    forget([one for one in work if one.refusal])
