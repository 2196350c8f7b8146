"""Reading events to work them again, and what was known of their members then; a fixed number of queries a chunk."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min

from campaigns.models import Contest, Event, InForce
from core.models import Program
from core.rules.arrays import array
from members.models import Member, MemberPast, SegmentPast, TierChange

COLUMNS = """
    e.id, e.member_id, e.event_type_id, e.source, e.key, e.time, e.day, e.amount_minor, e.currency,
    e.amount_base_minor, e.outlet_id, e.data, e.recorded_at, o.status, o.answer, o.revision, r.original_id,
    r.amount_minor
"""
JOINED = """
    FROM campaigns_event e JOIN campaigns_outcome o ON o.event_id = e.id
    LEFT JOIN campaigns_eventreversal r ON r.reversal_id = e.id
"""
NEXT = f"""
    SELECT {COLUMNS} {JOINED} WHERE e.program_id = %s AND e.id > %s AND e.id <= %s ORDER BY e.id LIMIT %s
"""
BEFORE = f"""
    SELECT {COLUMNS} {JOINED} WHERE e.member_id = ANY(%s::bigint[]) AND e.id < %s ORDER BY e.id
"""
TAKEN_BACK = """
    SELECT DISTINCT member_id FROM campaigns_event
    WHERE member_id = ANY(%s::bigint[]) AND event_type_id IS NULL
"""
# What the accounts had when an event came: what they have, less what moved for events from then on.
LEFT = """
    SELECT a.id, CASE WHEN a.floor IS NULL THEN NULL ELSE
        a.balance - a.floor + coalesce(m.gone, 0) - coalesce(m.back, 0) END
    FROM ledger_account a LEFT JOIN (
        SELECT account_id, sum(gone)::bigint AS gone, sum(back)::bigint AS back FROM (
            SELECT src_id AS account_id, amount AS gone, 0 AS back FROM ledger_transfer WHERE event_id >= %s
            UNION ALL SELECT dst_id, 0, amount FROM ledger_transfer WHERE event_id >= %s
            UNION ALL SELECT r.dst_id, 0, r.amount FROM ledger_transfer t JOIN ledger_transfer r ON r.reverses_id = t.id
                WHERE t.event_id >= %s AND r.event_id < %s  -- reversals that came before their original
        ) t WHERE account_id = ANY(%s::bigint[]) GROUP BY 1
    ) m ON m.account_id = a.id
    WHERE a.id = ANY(%s::bigint[])
"""
EFFECTS = """
    SELECT e.time, o.answer->'effects' FROM campaigns_event e JOIN campaigns_outcome o ON o.event_id = e.id
    WHERE e.program_id = %s AND e.id >= %s AND o.answer->'effects' <> '[]'
"""
TOTALS = """
    SELECT t.campaign_id, c.code, rule, per, bucket, unit, used
    FROM campaigns_totalcounter t JOIN campaigns_campaign c ON c.id = t.campaign_id WHERE c.program_id = %s
"""
SEGMENTS = """
    SELECT sm.member_id, s.code, sm.since FROM members_segmentmember sm JOIN members_segment s ON s.id = sm.segment_id
    WHERE sm.member_id = ANY(%s::bigint[]) AND s.kind = 'list' AND NOT s.retired
"""
# What moved in members' wallets for another reason than an event of theirs, and did not lapse on its own day.
MOVED = """
    SELECT a.owner, b.unit, j.occurred_at, t.amount * CASE WHEN t.dst_id = a.id THEN 1 ELSE -1 END, t.expires_on,
        j.kind = 'expire'
    FROM ledger_account a JOIN ledger_book b ON b.id = a.book_id
    JOIN ledger_transfer t ON t.src_id = a.id OR t.dst_id = a.id JOIN ledger_journal j ON j.id = t.journal_id
    WHERE a.owner = ANY(%s::uuid[]) AND a.purpose = 'wallet' AND b.unit <> 'status' AND t.event_id IS NULL
        AND j.kind NOT IN ('mature', 'settle')
        AND (j.kind <> 'expire' OR t.expires_on IS NULL OR t.expires_on >= j.effective_on) ORDER BY t.id
"""


class Stored(NamedTuple):
    """An event with its outcome; of a reversal that was worked, what it took back."""

    event_id: int
    member_id: int
    type_id: int | None
    source: str
    key: str
    time: datetime
    day: date
    amount_minor: int | None
    currency: str
    amount_base: int | None
    outlet_id: int
    data: Mapping[str, Any]
    recorded_at: datetime
    status: str
    answer: Mapping[str, Any]
    revision: int
    original_id: int | None
    reversed_minor: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """The events of an interval: first and last by sequence, how many; whether the program has earlier ones."""

    first: int
    last: int
    events: int
    has_earlier: bool


def span_of(program: Program, since: datetime, until: datetime) -> Span:
    """Where the events whose time lies from ``since`` to ``until`` (out) stand; ``events`` 0 = there are none."""
    mine = Event.objects.filter(program=program, time__gte=since, time__lt=until)
    found = mine.aggregate(first=Min("pk"), last=Max("pk"), events=Count("pk"))
    first = found["first"] or 0
    has_earlier = Event.objects.filter(program=program, pk__lt=first).exists()
    return Span(first, found["last"] or 0, found["events"], has_earlier)


def next_events(program_id: int, span: Span, after: int, most: int) -> list[Stored]:
    """The events that follow one, in sequence."""
    return _stored(NEXT, [program_id, after, span.last, most])


def earlier_events(member_ids: Collection[int], first: int) -> Iterator[Stored]:
    """All events of members before one, in sequence."""
    yield from _stored(BEFORE, [array(list(member_ids)), first])


def _stored(sql: str, parameters: Sequence[Any]) -> list[Stored]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [_event(*row) for row in cursor.fetchall()]


def _event(*row: Any) -> Stored:
    return Stored(*row)._replace(data=json.loads(row[11]), answer=json.loads(row[14]))


def with_reversals(member_ids: Collection[int]) -> set[int]:
    """Those of these members who ever had something taken back."""
    with connection.cursor() as cursor:
        cursor.execute(TAKEN_BACK, [array(list(member_ids))])
        return {pk for (pk,) in cursor.fetchall()}


def left_at(accounts: Collection[int], first: int) -> dict[int, int | None]:
    """What accounts had left when an event came, without what moved for it and later ones; None = no end."""
    ids = array(list(accounts))
    with connection.cursor() as cursor:
        cursor.execute(LEFT, [*[first] * 4, ids, ids])
        return dict(cursor.fetchall())


def totals_now(program_id: int) -> list[tuple[Any, ...]]:
    """The counters of all members: campaign, its code, rule, per, bucket, unit, used."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [program_id])
        return list(cursor.fetchall())


def effects_since(program_id: int, first: int) -> Iterator[tuple[datetime, list[dict[str, Any]]]]:
    """What events from one on gave, and when they were."""
    with connection.cursor() as cursor:
        cursor.execute(EFFECTS, [program_id, first])
        for time, effects in cursor.fetchall():
            yield time, json.loads(effects)


def in_force(program: Program) -> list[tuple[int, list[tuple[int, bool]]]]:
    """Versions of campaigns by the revision from which they were in force, oldest first."""
    rows = InForce.objects.filter(program=program).order_by("revision").values_list("revision", "versions")
    return [(revision, [(version, running) for version, running in versions]) for revision, versions in rows]


BY_EVENTS = {TierChange.Reason.UPGRADE, TierChange.Reason.GIVEN, TierChange.Reason.UNDONE}


def moves_by_events(program: Program, since: datetime, until: datetime) -> Counter[tuple[str, str]]:
    """How often events of an interval moved members who are still there between tiers, by (from, to) codes."""
    rows = TierChange.objects.filter(
        member__program=program, reason__in=BY_EVENTS, at__gte=since, at__lt=until
    ).exclude(member__status=Member.Status.ERASED)
    found = rows.values_list("from_tier__code", "to_tier__code").annotate(Count("pk"))
    return Counter({(before or "", after): number for before, after, number in found})


# -- what was known of members ----------------------------------------------------------------


def pasts(member_ids: Collection[int]) -> dict[int, list[MemberPast]]:
    """What members were before, oldest first."""
    found: defaultdict[int, list[MemberPast]] = defaultdict(list)
    for row in MemberPast.objects.filter(member__in=member_ids).order_by("pk"):
        found[row.member_id].append(row)
    return found


type Stay = tuple[str, datetime, datetime | None]  # a segment's code, from when, until when


def stays(member_ids: Collection[int]) -> dict[int, list[Stay]]:
    """When members were in list segments."""
    found: defaultdict[int, list[Stay]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(SEGMENTS, [array(list(member_ids))])
        for member_id, code, since in cursor.fetchall():
            found[member_id].append((code, since, None))
    over = SegmentPast.objects.filter(member__in=member_ids).values_list("member", "segment__code", "since", "until")
    for member_id, code, since, until in over:
        found[member_id].append((code, since, until))
    return found


def tier_changes(member_ids: Collection[int]) -> dict[int, list[TierChange]]:
    """How members came to their tiers, oldest first."""
    found: defaultdict[int, list[TierChange]] = defaultdict(list)
    for row in TierChange.objects.filter(member__in=member_ids).order_by("pk"):
        found[row.member_id].append(row)
    return found


class Moved(NamedTuple):
    """What moved in a wallet; ``lapsed``: the member was inactive too long, and the wallet lapsed with all it held."""

    unit: str
    at: datetime
    amount: int
    expires_on: date | None
    lapsed: bool


def moved_otherwise(owners: Collection[UUID]) -> dict[UUID, list[Moved]]:
    """What moved in members' wallets for another reason than events, oldest first."""
    found: defaultdict[UUID, list[Moved]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [array(list(owners))])
        for owner, *moved in cursor.fetchall():
            found[owner].append(Moved(*moved))
    return found


FUNDED = """
    SELECT a.id, j.recorded_at, t.amount * CASE WHEN t.dst_id = a.id THEN 1 ELSE -1 END
    FROM ledger_account a JOIN ledger_transfer t ON t.src_id = a.id OR t.dst_id = a.id
    JOIN ledger_journal j ON j.id = t.journal_id
    WHERE a.id = ANY(%s::bigint[]) AND a.floor IS NOT NULL AND t.event_id IS NULL ORDER BY j.recorded_at, t.id
"""


def closings(program_id: int) -> list[tuple[datetime, int]]:
    """When contests were closed as events knew it, the earliest first: moment and contest."""
    rows = Contest.objects.filter(board__program=program_id, closing_recorded_at__isnull=False)
    found = rows.order_by("closing_recorded_at", "pk").values_list("closing_recorded_at", "pk")
    return [(known_at, pk) for known_at, pk in found if known_at]


def funded(accounts: Collection[int]) -> list[tuple[int, datetime, int]]:
    """What accounts with an end received (or gave) for another reason than events: account, when, how much."""
    with connection.cursor() as cursor:
        cursor.execute(FUNDED, [array(list(accounts))])
        return list(cursor.fetchall())
