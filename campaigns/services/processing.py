"""One transaction's worth of events: keys first, then the members' locks, then wave by wave."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from datetime import date, datetime

from django.db import IntegrityError, transaction

from campaigns.rules.answers import Body, line_body
from campaigns.rules.evaluate import judge
from campaigns.rules.judgement import Judgement
from campaigns.rules.state import JudgedEvent, Shared
from campaigns.rules.waves import Step, loose_waves, strict_waves
from campaigns.services.apply import answer_of, write
from campaigns.services.configuration import Configuration
from campaigns.services.keys import answer_repeats, answer_seen, first_of_each, take_keys
from campaigns.services.reading import unknown_member
from campaigns.services.referrals import note_events
from campaigns.services.reversals import reverse
from campaigns.services.sharing import hold_shared
from campaigns.services.state import Known, Members, lock_members, locking, read_shared, read_state
from campaigns.services.takebacks import Reversal
from campaigns.services.waiting import Waiting, followers, waiting_for
from campaigns.services.work import Work, forget
from core.services.rounds import read, together
from ledger.services.posting import could_not_pay
from rewards.services.vouchers import StockShort


class Short(Exception):  # no error: a reason to go strictly one by one
    """Something shared ran out while waves had changed the order of events."""


def process(
    configuration: Configuration,
    batch: Sequence[Work],
    last: ExitStack,
    *,
    at: datetime,
    trace: bool,
    held: bool = False,
) -> list[Work]:
    """Work a batch inside the caller's transaction and return every event with its answer or refusal.

    ``last`` takes the round that ends the transaction (``core.services.rounds.ending``). What is shared is judged as it
    was read, unless it is ``held``: where it does not suffice any more the transaction fails, and ``ran_short`` tells.
    """
    first = first_of_each(batch)
    fresh = take_keys(configuration, first)
    answer_seen(configuration, [one for one in first if one.event is None])
    members, waiting = _hold(configuration, fresh)
    fresh = _still_there(fresh, members)
    note_events(configuration, members, fresh, at=at)
    steps = _steps(fresh, followers(configuration, waiting, fresh, members))
    if any(is_reversal for is_reversal, _ in steps):
        _in_waves(configuration, steps, members, at)
    elif steps:
        _at_once(configuration, [one for _, one in steps], members, at, last, held=held)
    answer_repeats(batch, first)
    if trace:
        _fill_traces(configuration, fresh)
    return list(batch)


def _hold(configuration: Configuration, fresh: Sequence[Work]) -> tuple[Members, list[Waiting]]:
    """Lock the members of these events, and see which reversals waited for them; one round trip."""
    members: Members = {}
    waiting: list[Waiting] = []
    if fresh:
        ids = {one.member_id for one in fresh}
        read([locking(configuration, members, ids), waiting_for(configuration, fresh, waiting)])
    return members, waiting


def _still_there(fresh: Sequence[Work], members: Members) -> list[Work]:
    """Refuse events of members that were erased a moment ago."""
    gone = [one for one in fresh if one.member_id not in members]
    for one in gone:
        one.refusal = unknown_member()
    forget(gone)
    return [one for one in fresh if one.member_id in members]


def _steps(fresh: Sequence[Work], waiting: Mapping[tuple[str, str], Sequence[Work]]) -> list[Step[Work]]:
    """Events and reversals in order; reversals that waited for one of these originals follow it."""
    steps: list[Step[Work]] = []
    for one in fresh:
        steps.append((one.incoming.original is not None, one))
        steps += [(True, late) for late in waiting.get((one.incoming.source, one.incoming.key), [])]
    return steps


def _at_once(
    configuration: Configuration,
    work: Sequence[Work],
    members: Members,
    at: datetime,
    last: ExitStack,
    *,
    held: bool,
) -> None:
    """Judge and write events, none of them a reversal, and wait for nothing from then on."""
    today = at.astimezone(configuration.program.zone).date()
    if held:
        hold_shared(configuration, _events(work), ())
    known = read_state(configuration, members, _events(work), today, held=held)
    judged = _judge(configuration, known, work, today)
    last.enter_context(together())
    write(configuration, known, judged, at=at)


def _in_waves(configuration: Configuration, steps: Sequence[Step[Work]], members: Members, at: datetime) -> None:
    """Work all members' first events, then their first reversals, and so on: each member's own order is kept.

    The order of members among each other matters only where something shared runs out: then strictly one by one.
    What is shared is held from the beginning, so that a later wave cannot ask for it in another order than others do.
    """
    waves = loose_waves(steps)
    if len(waves) > 1:
        hold_shared(configuration, _events([one for _, one in steps]), [one.incoming.original for _, one in steps])
    try:
        with transaction.atomic():
            _run(configuration, waves, members, at, strict=False)
    except Short:
        fresh = lock_members(configuration, members)
        _run(configuration, strict_waves(steps), fresh, at, strict=True)


def _run(
    configuration: Configuration,
    waves: Sequence[Sequence[Step[Work]]],
    members: Members,
    at: datetime,
    *,
    strict: bool,
) -> None:
    events = _events([one for wave in waves for is_reversal, one in wave if not is_reversal])
    earlier = None if strict or len(waves) == 1 else read_shared(configuration, events, [])
    for wave in waves:
        is_reversal = wave[0][0]
        work = [one for _, one in wave]
        members = lock_members(configuration, {one.member_id for one in work}) if len(waves) > 1 else members
        if is_reversal:
            _reverse(configuration, work, members, at)
            continue
        is_short, shared = _judge_and_write(configuration, work, members, at, earlier, held=len(waves) > 1)
        if is_short and not strict:
            raise Short
        earlier = None if strict else shared


# -- judging ----------------------------------------------------------------------------------


def _judge_and_write(
    configuration: Configuration,
    work: Sequence[Work],
    members: Members,
    at: datetime,
    earlier: Shared | None,
    *,
    held: bool,
) -> tuple[bool, Shared]:
    """Judge with shared balances as read, write; where they do not cover it any more, judge again with locks held.

    Returns whether something shared ran out, and what is left of it. ``earlier``: what earlier waves left, which must
    do, though reversals gave back some of it: one by one, those might have come later.
    """
    today = at.astimezone(configuration.program.zone).date()
    known = read_state(configuration, members, _events(work), today, held=held)
    if earlier:
        known.shared.forget_credits(earlier)
    judged = _judge(configuration, known, work, today)
    try:
        # A savepoint costs two round trips: only where something can run short.
        with transaction.atomic() if _may_run_short(known.shared, judged) else nullcontext(), together():
            write(configuration, known, judged, at=at)
    except (IntegrityError, StockShort) as error:
        if not ran_short(error):
            raise
        members = lock_members(configuration, members)
        hold_shared(configuration, _events(work), ())
        known = read_state(configuration, members, _events(work), today, held=True)
        judged = _judge(configuration, known, work, today)
        with together():
            write(configuration, known, judged, at=at)
    return any(judgement.is_short for judgement, _ in judged), known.shared


def ran_short(error: IntegrityError | StockShort) -> bool:
    """Whether this says that something shared does not suffice: stock, a total limit, or an account."""
    return isinstance(error, StockShort) or could_not_pay(error) or "total_limit_kept" in str(error)


def _may_run_short(shared: Shared, judged: Sequence[tuple[Judgement, Body]]) -> bool:
    """Whether these judgements take of anything shared that has an end."""
    if shared.stock or any(not key.member_id for key in shared.tally.moved):
        return True
    payments = (p for judgement, _ in judged for award in judgement.awards for p in award.payments)
    return any(shared.left[payment.account_id] is not None for payment in payments)


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
