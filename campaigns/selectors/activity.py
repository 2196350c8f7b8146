"""What happened to a member's value, as the member reads it: events with what they moved, and what moved by itself."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Q, QuerySet

from campaigns.models import Event, EventReversal, Outcome
from campaigns.selectors.holdings import known_books
from core.models import Program
from core.rules.arrays import array
from core.services import prepared
from ledger.selectors.entries import (
    NEWEST,
    LedgerEntry,
    Position,
    entries_of_events,
    member_entries,
    outgoing_entries,
)
from members.models import EventType, Member

ENTRIES_PER_ROW = 3  # an event moves points, their extras, a debt
ENTRIES_OF_LATEST = 8  # a night may let many lots lapse, which are one line
TOLD_OF_EVENTS = ("id", "event_type_id", "time", "outlet_id", "recorded_at")  # in the order of the model
TOLD = """
    SELECT e.id, e.event_type_id, e.time, e.outlet_id, e.recorded_at,
           o.id, o.event_type_id, o.time, o.outlet_id, o.recorded_at
      FROM campaigns_event e LEFT JOIN campaigns_eventreversal r ON r.reversal_id = e.id
      LEFT JOIN campaigns_event o ON o.id = r.original_id
     WHERE e.id = ANY(%s::bigint[])
"""


class Shown(StrEnum):
    """Which part of the activity."""

    ALL = "all"
    EARNED = "earned"
    SPENT = "spent"
    EXPIRED = "expired"


class Bookmark(NamedTuple):
    """Where a page ended: the last event and the last movement that it took."""

    event: int
    entry: int


@dataclass(frozen=True, slots=True)
class Movement:
    """Value that moved, in smallest units of ``unit``."""

    unit: str
    entry: LedgerEntry


class Waiting(NamedTuple):
    """Value that becomes usable on a day, in smallest units of ``unit``."""

    on: date
    unit: str
    amount: int


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the activity. ``kind`` is ``event``, ``reversal``, or the ledger's word; ``answer`` the outcome."""

    kind: str
    at: datetime
    recorded_at: datetime
    event: Event | None
    movements: Sequence[Movement]
    original: Event | None = None

    def total(self, unit: str) -> int:
        """What came and went of a unit; what repaid a debt did come."""
        return sum(m.entry.amount for m in self.movements if m.unit == unit and m.entry.kind != "repay")

    @property
    def repaid(self) -> int:
        """Points that went straight to a debt."""
        return -sum(m.entry.amount for m in self.movements if m.unit == "points" and m.entry.kind == "repay")

    @property
    def units(self) -> list[str]:
        """Units that moved, points first."""
        return sorted({m.unit for m in self.movements}, key=lambda unit: (unit != "points", unit))

    @property
    def key(self) -> int:
        """A number of its own among all lines of its kind."""
        return self.event.pk if self.event else self.movements[0].entry.id

    def last_good_day(self) -> date | None:
        """When the first of the awarded points lapse."""
        return min(
            (m.entry.expires_on for m in self.movements if m.entry.expires_on and m.entry.amount > 0), default=None
        )

    def waiting(self, today: date) -> list[Waiting]:
        """What of it is still on the way, by unit and day, first to come first."""
        parts: Counter[tuple[date, str]] = Counter()
        for unit, entry in ((m.unit, m.entry) for m in self.movements):
            if entry.amount > 0 and entry.available_on and entry.available_on > today:
                parts[entry.available_on, unit] += entry.amount
        return [Waiting(on, unit, amount) for (on, unit), amount in sorted(parts.items())]


def member_activity(
    *, program: Program, member: Member, limit: int, shown: Shown = Shown.ALL, after: Bookmark | None = None
) -> tuple[list[Happening], Bookmark | None]:
    """A page of a member's activity, newest first, and where the next one begins; four queries at any depth.

    Two streams are merged, each in its own order: events, and movements that no event caused. A page ends where
    the first of them does. Pages follow each other as the books took things; on a page they stand as they happened.
    """
    events = _events(program, member, shown, after, limit)
    entries = _entries(program, member, shown, after, limit * ENTRIES_PER_ROW)
    floor = max(_floor(events, limit), _floor(entries, limit * ENTRIES_PER_ROW))
    taken = [event for event in events if event.recorded_at >= floor][:limit]
    loose = [entry for entry in entries if entry.recorded_at >= floor][: limit * ENTRIES_PER_ROW]
    rows = [*_of_events(program, member, taken), *_of_entries(program, loose, shown)]
    more = len(taken) < len(events) or len(loose) < len(entries)
    return _newest_first(rows), _bookmark(after, taken, loose) if more else None


def latest_activity(*, program: Program, member: Member, limit: int) -> list[Happening]:
    """The latest lines in which value moved; two queries."""
    entries, _ = member_entries(books=known_books(program), owner=member.uuid, limit=limit * ENTRIES_OF_LATEST)
    events = _events_with_originals({entry.event_id for entry in entries if entry.event_id})
    units = _units(program)
    by_event: dict[int, list[Movement]] = {}
    rows: list[Happening] = []
    for entry in entries:
        movement = Movement(units[entry.book_id], entry)
        if found := events.get(entry.event_id or 0):
            event, original = found
            if event.pk not in by_event:
                by_event[event.pk] = []
                rows.append(_of_event(event, by_event[event.pk], original))
            by_event[event.pk].append(movement)
        elif entry.kind != "mature":
            rows.append(_alone(movement))
    return _newest_first(rows)[:limit]


def _events_with_originals(ids: Collection[int]) -> dict[int, tuple[Event, Event | None]]:
    """What a line says of events, and of what they took back; one query if there are any."""
    if not ids:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(TOLD, [array(list(ids))])
        return {
            row[0]: (_plain_event(*row[:5]), _plain_event(*row[5:]) if row[5] else None) for row in cursor.fetchall()
        }


def _plain_event(*values: int | datetime | None) -> Event:
    return Event.from_db(None, TOLD_OF_EVENTS, values)


def _newest_first(rows: Iterable[Happening]) -> list[Happening]:
    """By when they happened, what lapsed in one night as one line."""
    return _together(sorted(rows, key=lambda row: (row.at, row.recorded_at, row.key), reverse=True))


def _together(rows: Sequence[Happening]) -> list[Happening]:
    """What lapsed in one night is one line."""
    joined: list[Happening] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last and row.kind == last.kind == "expire" and row.at.date() == last.at.date():
            joined[-1] = replace(last, movements=[*last.movements, *row.movements])
        else:
            joined.append(row)
    return joined


type Recorded = Event | LedgerEntry


def _floor(rows: Sequence[Recorded], limit: int) -> datetime:
    """Down to where a stream was read: its end when there is no more of it."""
    return rows[limit - 1].recorded_at if len(rows) > limit else datetime.min.replace(tzinfo=UTC)


def _bookmark(after: Bookmark | None, events: Sequence[Event], entries: Sequence[LedgerEntry]) -> Bookmark:
    before = after or Bookmark(NEWEST, NEWEST)
    return Bookmark(
        events[-1].pk if events else before.event,
        entries[-1].id if entries else before.entry,
    )


def _events(program: Program, member: Member, shown: Shown, after: Bookmark | None, limit: int) -> list[Event]:
    if shown in {Shown.SPENT, Shown.EXPIRED}:
        return []
    rows = Event.objects.filter(member=member, pk__lt=after.event if after else NEWEST)
    rows = rows.filter(outcome__status=Outcome.Status.PROCESSED).select_related("outcome")
    return list(_told(rows, program, shown).order_by("-pk")[: limit + 1])


def _told(rows: QuerySet[Event], program: Program, shown: Shown) -> QuerySet[Event]:
    """What paid, and unless only that is asked for, what could have."""
    paid = ~Q(outcome__answer__effects=[])
    if shown is Shown.EARNED:
        return rows.filter(paid, event_type__isnull=False)
    told = EventType.objects.filter(Q(qualifying=True) | ~Q(amount=EventType.Amount.NONE), program=program)
    return rows.filter(paid | Q(event_type=None) | Q(event_type__in=told.values("pk")))


_OUTGOING = {Shown.SPENT: ("spend", "adjust", "transfer"), Shown.EXPIRED: ("expire",)}


def _entries(program: Program, member: Member, shown: Shown, after: Bookmark | None, limit: int) -> list[LedgerEntry]:
    books, before = known_books(program), after.entry if after else NEWEST
    if kinds := _OUTGOING.get(shown):
        return outgoing_entries(books=books, owner=member.uuid, kinds=kinds, before=before, limit=limit + 1)
    position = Position(before, {})
    entries, _ = member_entries(books=books, owner=member.uuid, limit=limit + 1, after=position)
    return entries


def _of_events(program: Program, member: Member, events: Sequence[Event]) -> Iterator[Happening]:
    ids = [event.pk for event in events]
    entries = entries_of_events(books=known_books(program), owner=member.uuid, events=ids)
    moved: dict[int, list[Movement]] = {}
    for movement in _movements(program, entries):
        moved.setdefault(movement.entry.event_id or 0, []).append(movement)
    originals = _originals([event.pk for event in events if event.event_type_id is None])
    for event in events:
        yield _of_event(event, moved.get(event.pk, []), originals.get(event.pk))


def _originals(reversals: Collection[int]) -> dict[int, Event]:
    if not reversals:
        return {}
    rows = EventReversal.objects.filter(pk__in=reversals).select_related("original")
    return {row.pk: row.original for row in rows}


def _of_event(event: Event, movements: Sequence[Movement], original: Event | None = None) -> Happening:
    kind = "event" if event.event_type_id else "reversal"
    return Happening(kind, event.time, event.recorded_at, event, movements, original)


def _of_entries(program: Program, entries: Iterable[LedgerEntry], shown: Shown) -> Iterator[Happening]:
    """Movements that no event caused; maturing is told by the award itself."""
    for movement in _movements(program, entries):
        entry = movement.entry
        unasked = shown is Shown.EARNED and (entry.amount < 0 or entry.kind == "expire")
        if entry.event_id is None and entry.kind != "mature" and not unasked:
            yield _alone(movement)


def _alone(movement: Movement) -> Happening:
    entry = movement.entry
    return Happening(entry.kind, entry.occurred_at, entry.recorded_at, None, [movement])


def _movements(program: Program, entries: Iterable[LedgerEntry]) -> Iterator[Movement]:
    units = _units(program)
    for entry in entries:
        yield Movement(units[entry.book_id], entry)


def _units(program: Program) -> dict[int, str]:
    return {book.pk: book.unit for book in known_books(program)}
