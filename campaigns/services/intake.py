"""The one door for events: read, find the member, keep each once, judge, write, answer.

A single event is a batch of one. Nothing invalid is half-stored; one bad event harms no other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from operator import itemgetter
from typing import Any

from django.db import IntegrityError

from campaigns.rules.answers import Body
from campaigns.services.configuration import Configuration, Outdated, current_configuration
from campaigns.services.processing import process, ran_short
from campaigns.services.reading import read_event, unknown_member, unknown_rate
from campaigns.services.work import Work
from core.models import Program
from core.refusals import Refusal
from core.rules.arrays import array
from core.services import prepared
from core.services.rounds import ending
from rewards.services.vouchers import StockShort

BATCH = 500  # events in one transaction

SUBJECTS = """
    SELECT external_id, id, market_id FROM members_member
    WHERE program_id = %s AND external_id = ANY(%s::text[]) AND status <> 'erased'
"""


@dataclass(slots=True)
class Answer:
    """What became of an event: ``body`` as in the API (and its trace when asked for), or why it was refused."""

    body: Body | None = None
    refusal: Refusal | None = None
    duplicate: bool = False
    trace: list[Body] = field(default_factory=list)

    @property
    def status(self) -> str:
        """``processed``, ``waiting`` or ``rejected``."""
        return str(self.body["status"]) if self.body else "rejected"


def take_in(
    *, program: Program, events: Sequence[Mapping[str, Any]], at: datetime, trace: bool = False
) -> list[Answer]:
    """Take events in and answer each, in the order given.

    An event that was seen before is answered with its stored outcome and changes nothing. Worked in transactions of
    at most 500 events, in the order of (time, source, id): after a crash, send the batch again.
    """
    configuration = current_configuration(program.pk)
    answers: list[Answer] = [Answer() for _event in events]
    work: list[Work] = []
    for place, raw in enumerate(events):
        try:
            work.append(Work(place, read_event(raw, configuration, at)))
        except Refusal as refusal:
            answers[place].refusal = refusal
    try:
        work = _with_members(configuration, work, answers)
    except Outdated:
        configuration = current_configuration(program.pk)
        work = _with_members(configuration, work, answers)
    for place, answer in _all_worked(configuration, work, at=at, trace=trace):
        answers[place] = answer
    return answers


def take_in_own(configuration: Configuration, work: Sequence[Work], *, at: datetime) -> list[Answer]:
    """Take in events that the platform derived, of members that are known; an answer for each, by place."""
    return [answer for _, answer in sorted(_all_worked(configuration, work, at=at, trace=False), key=itemgetter(0))]


def _all_worked(
    configuration: Configuration, work: Sequence[Work], *, at: datetime, trace: bool
) -> Iterator[tuple[int, Answer]]:
    """Answers by place, of events worked in order, at most so many in one transaction."""
    in_time = sorted(work, key=lambda one: (one.incoming.time, one.incoming.source, one.incoming.key))
    for batch in batched(_ordered(in_time), BATCH):
        yield from _worked(configuration, batch, at=at, trace=trace).items()


def _with_members(configuration: Configuration, work: list[Work], answers: list[Answer]) -> list[Work]:
    """Events of known members; one query."""
    subjects = list({one.incoming.subject for one in work})
    with prepared.cursor() as cursor:
        cursor.execute(SUBJECTS, [configuration.program.program_id, array(subjects)])
        members = {external_id: (pk, market) for external_id, pk, market in cursor.fetchall()}
    for one in work:
        one.member_id, one.market_id = members.get(one.incoming.subject, (0, 0))
        answers[one.place].refusal = _refusal(configuration, one)
    return [one for one in work if answers[one.place].refusal is None]


def _refusal(configuration: Configuration, one: Work) -> Refusal | None:
    """Why an event of this member, in its market, cannot be taken in."""
    if not one.member_id:
        return unknown_member()
    incoming, zone = one.incoming, configuration.markets[one.market_id].zone
    day = incoming.time.astimezone(zone).date()
    has_rate = not incoming.currency or configuration.program.rates.on(incoming.currency, day) is not None
    return None if has_rate or incoming.original else unknown_rate(incoming.currency, day)


def _ordered(work: Sequence[Work]) -> list[Work]:
    """By time, but a reversal after its original, even where its clock says otherwise."""
    waiting: dict[tuple[str, str], list[Work]] = {}
    names = {(one.incoming.source, one.incoming.key) for one in work}
    seen: set[tuple[str, str]] = set()
    ordered: list[Work] = []
    for one in work:
        original = one.incoming.original
        if original and original in names and original not in seen:
            waiting.setdefault(original, []).append(one)
            continue
        name = (one.incoming.source, one.incoming.key)
        seen.add(name)
        ordered += [one, *waiting.pop(name, [])]
    return ordered + [one for late in waiting.values() for one in late]


def _worked(configuration: Configuration, batch: Sequence[Work], *, at: datetime, trace: bool) -> dict[int, Answer]:
    """One transaction; answers by place."""
    try:
        done = _in_transaction(configuration, batch, at, trace=trace)
    except Outdated:  # a member's row, read under lock, is newer than the configuration
        current = current_configuration(configuration.program.program_id)
        done = _in_transaction(current, _afresh(batch), at, trace=trace)
    return {one.place: Answer(one.answer, one.refusal, duplicate=one.is_duplicate, trace=one.trace) for one in done}


def _in_transaction(configuration: Configuration, batch: Sequence[Work], at: datetime, *, trace: bool) -> list[Work]:
    """Judged with what is shared as read; where it did not suffice any more, all again with it held."""
    try:
        with ending() as last:
            return process(configuration, batch, last, at=at, trace=trace)
    except (IntegrityError, StockShort) as error:
        if not ran_short(error):
            raise
    with ending() as last:
        return process(configuration, _afresh(batch), last, at=at, trace=trace, held=True)


def _afresh(batch: Sequence[Work]) -> list[Work]:
    return [Work(one.place, one.incoming, one.member_id, one.market_id) for one in batch]
