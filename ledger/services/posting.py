"""Posting: the one way in which value moves. N entries of one book, one call of the database."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import IntegrityError
from django.utils.translation import gettext as _

from core.models import Program
from core.refusals import NotAvailable
from core.rules.arrays import array
from core.services import prepared
from ledger.models import Book


@dataclass(frozen=True, slots=True)
class Movement:
    """``amount`` smallest units from account ``src`` to ``dst`` (ids).

    Into an account with lots, ``available_on``, ``expires_on`` (last good day) and ``funder`` (who paid; default
    ``src``) name the lot. Out of one, a ``funder`` names the lot to take from first; else first to expire first.
    ``reverses`` is the transfer being undone; ``expires_on`` then says until when what comes back is good at least.
    """

    src: int
    dst: int
    amount: int
    expires_on: date | None = None
    available_on: date | None = None
    funder: int | None = None
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One business fact and what it moves; ``key`` is used once in a book for ever.

    ``kind`` is one of ``ledger.rules.chart.KINDS``. The ids are kept for reading. ``content`` is what makes two
    requests the same; without it the movements do (pass it when they depend on the moment, as repayments do).
    """

    key: str
    kind: str
    occurred_at: datetime
    movements: Sequence[Movement]
    member_id: int | None = None
    campaign_version_id: int | None = None
    rule: str | None = None
    event_id: int | None = None
    content: str | None = None


class Posting(NamedTuple):
    """What became of an entry: ``posted``, ``replayed``, ``mismatch`` (key used with other content) or ``refused``."""

    key: str
    status: str
    journal_id: int | None


class FloorReached(Exception):
    """An account cannot pay (``account_ids``), or an original was already reversed (no ids); nothing was posted."""

    def __init__(self, account_ids: Sequence[int]) -> None:
        super().__init__(f"accounts {list(account_ids)} cannot pay")
        self.account_ids = tuple(account_ids)


def post(*, book: Book, entries: Sequence[Entry], all_or_nothing: bool = False) -> list[Posting]:
    """Post each entry, in order, exactly once; one round trip.

    An entry that would push an account below its floor, or reverse more than there was, is ``refused`` and the
    others stand, as if posted one by one. With ``all_or_nothing`` such an entry raises FloorReached instead:
    call it inside ``transaction.atomic`` then. Raises NotAvailable for spending from a halted book. The
    caller holds the member rows' locks (see ``docs/ledger.md``).
    """
    if not entries:
        return []
    with prepared.cursor() as cursor:
        try:
            cursor.execute(POST if all_or_nothing else POST_EACH, _parameters(book, entries))
            journal_ids, statuses = cursor.fetchone()  # where statements travel together, a failure shows here
        except IntegrityError as error:
            _translate(error)
            raise
    return [
        Posting(entry.key, status, journal_id or None)
        for entry, journal_id, status in zip(entries, journal_ids, statuses, strict=True)
    ]


def send(*, book: Book, entries: Sequence[Entry]) -> None:
    """Post all these new entries, or none, without waiting for the answer: in a round, before the commit.

    So that nobody waits for shared accounts longer than the database works. What cannot be posted fails the round
    (``core.services.rounds.together``) with an IntegrityError; ``could_not_pay`` tells whether that was the cause.
    """
    if entries:
        with prepared.cursor() as cursor:
            cursor.execute(POST, _parameters(book, entries))


def could_not_pay(error: IntegrityError) -> bool:
    """Whether a round failed because an account would have gone below its floor."""
    return _constraint(error) in FLOORS


def lock_accounts(account_ids: Iterable[int]) -> None:
    """Lock accounts in the product's one order: book by book, members' own before shared ones, by id."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_account WHERE id = ANY(%s) ORDER BY book_id, shared, id FOR NO KEY UPDATE",
            [list(account_ids)],
        )


def lock_shared_accounts(program: Program) -> None:
    """Lock all accounts of a program that are nobody's own, in the same order: before several of its books move."""
    with prepared.cursor() as cursor:
        cursor.execute(
            "SELECT a.id FROM ledger_account a JOIN ledger_book b ON b.id = a.book_id"
            " WHERE b.program_id = %s AND a.shared ORDER BY a.book_id, a.id FOR NO KEY UPDATE OF a",
            [program.pk],
        )


CALL = """SELECT journal_ids, statuses FROM {}(%s, %s::text[], %s::bytea[], %s::text[], %s::timestamptz[],
    %s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::bigint[],
    %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::bigint[], %s::bigint[])"""
POST = CALL.format("ledger_post")
POST_EACH = CALL.format("ledger_post_each")
FLOORS = {"account_floor", "reversals_within_original"}
SHORT_OF = re.compile(r"Failing row contains \((\d+)")


def _translate(error: IntegrityError) -> None:
    """Raise what the broken constraint means."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None and diagnosis.constraint_name == "book_is_not_halted":
        raise NotAvailable(_("Points cannot be spent at the moment")) from error
    if diagnosis is None or diagnosis.constraint_name not in {"account_floor", "reversals_within_original"}:
        return
    short = SHORT_OF.search(diagnosis.message_detail or "")
    raise FloorReached([int(short[1])] if short else []) from error


def _constraint(error: IntegrityError) -> str | None:
    """The constraint that refused, where one did."""
    name: str | None = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return name


def _parameters(book: Book, entries: Sequence[Entry]) -> list[Any]:
    return [book.pk, *_entry_columns(entries), *_movement_columns(entries)]


def _entry_columns(entries: Sequence[Entry]) -> list[object]:
    names = list({e.rule for e in entries if e.rule is not None})
    numbers: dict[str | None, int] = {None: 0, **{name: number for number, name in enumerate(names, 1)}}
    return [
        array([e.key for e in entries]),
        array([fingerprint(e) for e in entries]),
        array([e.kind for e in entries]),
        _array([e.occurred_at for e in entries]),
        _array([e.member_id for e in entries]),
        _array([e.campaign_version_id for e in entries]),
        array(names),
        array([numbers[e.rule] for e in entries]),
        _array([e.event_id for e in entries]),
    ]


def _movement_columns(entries: Sequence[Entry]) -> list[object]:
    moves = [m for e in entries for m in e.movements]
    return [
        _array([n for n, e in enumerate(entries, 1) for _ in e.movements]),
        _array([m.src for m in moves]),
        _array([m.dst for m in moves]),
        _array([m.amount for m in moves]),
        _array([m.expires_on for m in moves]),
        _array([m.available_on for m in moves]),
        _array([m.funder for m in moves]),
        _array([m.reverses for m in moves]),
    ]


def _array(values: Sequence[object]) -> str | None:
    """A column; None when it says nothing."""
    return None if all(value is None for value in values) else array(values)


@lru_cache(maxsize=1024)  # a batch says the same moment thousands of times
def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def fingerprint(entry: Entry) -> bytes:
    """Digest of what an entry says: the same for a replay, another for other content under its key."""
    content: object = entry.content
    if content is None:
        content = [
            (m.src, m.dst, m.amount, str(m.expires_on), str(m.available_on), m.funder or m.src, m.reverses)
            for m in entry.movements
        ]
    happened = _in_utc(entry.occurred_at)
    facts = (entry.kind, happened, entry.member_id, entry.campaign_version_id, entry.rule, entry.event_id, content)
    return hashlib.sha256(repr(facts).encode()).digest()
