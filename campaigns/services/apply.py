"""Writing what was decided: set-based, the members' own rows first, shared rows last, value by the ledger."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from campaigns.rules.answers import Body, milestone_name, outcome_body, stored_lines
from campaigns.rules.judgement import Award, Judgement, Payment
from campaigns.rules.kinds import THING
from campaigns.rules.limits import Tally
from campaigns.rules.state import MemberState
from campaigns.services.configuration import Configuration
from campaigns.services.goals import ghost_milestones, write_goals
from campaigns.services.open_offers import write_completed
from campaigns.services.state import Known
from campaigns.services.statements import event_message, execute
from campaigns.services.things import give_things
from core.services.outbox import publish
from ledger.rules.chart import owned_code
from ledger.services.accounts import AccountSpec, open_accounts
from ledger.services.posting import Entry, Movement, lock_accounts, send
from ledger.services.settling import settle
from members.models import TierChange
from members.rules.windows import DayEntry
from members.services.tiers import Move, move_members

OUTCOMES = """
    INSERT INTO campaigns_outcome (event_id, status, answer, fired, revision)
    SELECT event_id, status, answer::jsonb, fired::jsonb, %s
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS o(event_id, status, answer, fired)
    ON CONFLICT (event_id) DO UPDATE SET status = excluded.status, answer = excluded.answer, fired = excluded.fired,
        revision = excluded.revision
"""
TRACES = """
    INSERT INTO campaigns_trace (event_id, recorded_on, lines)
    SELECT event_id, %s, lines::jsonb FROM unnest(%s::bigint[], %s::text[]) AS t(event_id, lines)
"""
DAYS = """
    INSERT INTO members_memberday AS d
        (member_id, day, event_type_id, outlet_id, occurrences, events, amount_minor, status_points)
    SELECT * FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::bigint[],
        %s::bigint[])
    ON CONFLICT (member_id, day, event_type_id, outlet_id) DO UPDATE SET
        occurrences = d.occurrences + excluded.occurrences, events = d.events + excluded.events,
        amount_minor = d.amount_minor + excluded.amount_minor, status_points = d.status_points + excluded.status_points
"""
# Taking back is never an insert: the row is there, and a negative row would not pass its check.
DAYS_BACK = """
    UPDATE members_memberday d SET occurrences = d.occurrences + b.occurrences, events = d.events + b.events,
        amount_minor = d.amount_minor + b.amount_minor, status_points = d.status_points + b.status_points
    FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::bigint[])
        AS b(member_id, day, event_type_id, outlet_id, occurrences, events, amount_minor, status_points)
    WHERE d.member_id = b.member_id AND d.day = b.day AND d.event_type_id = b.event_type_id
        AND d.outlet_id = b.outlet_id
"""
TYPE_COUNTS = """
    INSERT INTO members_membertypecount AS c (member_id, event_type_id, occurrences, first_at, last_at)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[])
    ON CONFLICT (member_id, event_type_id) DO UPDATE SET
        occurrences = excluded.occurrences, first_at = excluded.first_at, last_at = excluded.last_at
"""
FACTS = """
    INSERT INTO members_memberfacts (member_id, rolled_on, last_active_on, events_30d, events_90d, events_12m,
        events_year, amount_30d, amount_90d, amount_12m, amount_year, status_points_12m, status_points_year)
    SELECT * FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::int[], %s::int[], %s::int[], %s::int[],
        %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    ON CONFLICT (member_id) DO UPDATE SET rolled_on = excluded.rolled_on, last_active_on = excluded.last_active_on,
        events_30d = excluded.events_30d, events_90d = excluded.events_90d, events_12m = excluded.events_12m,
        events_year = excluded.events_year, amount_30d = excluded.amount_30d, amount_90d = excluded.amount_90d,
        amount_12m = excluded.amount_12m, amount_year = excluded.amount_year,
        status_points_12m = excluded.status_points_12m, status_points_year = excluded.status_points_year
"""
COUNTERS = """
    INSERT INTO campaigns_membercounter AS c (member_id, campaign_id, rule, per, bucket, unit, offer_id, used)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::date[], %s::text[], %s::bigint[],
        %s::bigint[])
    ON CONFLICT (member_id, campaign_id, rule, per, bucket, unit, offer_id) DO UPDATE SET used = c.used + excluded.used
"""
# Sorted, so that two batches take the rows in one order; the check constraint is the last word.
TOTALS = """
    INSERT INTO campaigns_totalcounter AS c (campaign_id, rule, per, bucket, unit, used, most)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::text[], %s::bigint[], %s::bigint[])
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (campaign_id, rule, per, bucket, unit) DO UPDATE
        SET used = c.used + excluded.used, most = greatest(excluded.most, c.used)
"""
GHOSTS = """
    INSERT INTO campaigns_ghostaward
        (event_id, member_id, version_id, rule, kind, unit, judged, milestone, offer_id, amount)
    SELECT *, judged FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[],
        %s::bigint[], %s::int[], %s::bigint[])
        AS g(event_id, member_id, version_id, rule, kind, unit, judged, milestone, offer_id)
"""
EXPOSURES = """
    INSERT INTO campaigns_exposure (campaign_id, member_id, held_out, hundredths, day)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bool[], %s::int[], %s::date[])
    ON CONFLICT DO NOTHING
"""
# Only added, so that nobody waits for a row that others move; ``count_refusals`` adds them up.
REFUSALS = """
    INSERT INTO campaigns_budgetrefusal (campaign_id, account_id, unit, day, refusals, desired)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::date[], %s::int[], %s::bigint[])
"""


def write(
    configuration: Configuration, known: Known, judged: Sequence[tuple[Judgement, Body]], *, at: datetime
) -> None:
    """Write judgements with their answers: outcome, trace, days, facts, tiers, things, goals, counters, value last.

    Among statements that travel together (``core.services.rounds.together``), inside a transaction or savepoint that a
    failure can undo.
    """
    judgements = [judgement for judgement, _ in judged]
    _write_outcomes(configuration, judged, at)
    write_days([(judgement.event.member_id, judgement.entry) for judgement in judgements if judgement.entry])
    _write_type_counts(configuration, known, judgements)
    write_facts(known.members.values(), {judgement.event.member_id for judgement in judgements})
    _write_ghosts(judgements)
    write_exposures(known.members.values())
    _write_refusals(judgements)
    _write_tiers(configuration, judgements, at)
    give_things(configuration, judgements, at)
    _write_goals(configuration, known, judgements)
    write_completed(judgements)
    _write_counters(known.shared.tally)
    _post(configuration, known, judgements, at)


def _write_outcomes(configuration: Configuration, judged: Sequence[tuple[Judgement, Body]], at: datetime) -> None:
    outcomes, traces = [], []
    for judgement, answer in judged:
        lines = stored_lines(judgement, configuration.catalogue)
        event_id = judgement.event.event_id
        outcomes.append((event_id, "processed", _json(answer), _json(lines[True])))
        if lines[False]:
            traces.append((event_id, _json(lines[False])))
    execute(OUTCOMES, outcomes, configuration.row.revision)
    execute(TRACES, traces, at.date())


ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def _json(value: object) -> str:
    return ENCODER.encode(value)


def answer_of(judgement: Judgement, member: MemberState, configuration: Configuration) -> Body:
    """The answer as of this event; taken before the next event moves the member."""
    return outcome_body(judgement, member, configuration.program)


def write_days(entries: Iterable[tuple[int, DayEntry]]) -> None:
    """Add entries to their members' days."""
    execute(DAYS, _days(entries))


def take_days(entries: Iterable[tuple[int, DayEntry]]) -> None:
    """Take (negative) entries back from days that are there."""
    execute(DAYS_BACK, _days(entries))


def _days(entries: Iterable[tuple[int, DayEntry]]) -> list[tuple[Any, ...]]:
    """One row a member, day, type and outlet."""
    sums: defaultdict[tuple[int, date, int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for member_id, entry in entries:
        added = (entry.occurrences, entry.events, entry.amount, entry.status_points)
        total = sums[member_id, entry.day, entry.type_id, entry.outlet_id]
        for place, value in enumerate(added):
            total[place] += value
    return [(*key, *total) for key, total in sums.items()]


def _write_type_counts(configuration: Configuration, known: Known, judgements: Sequence[Judgement]) -> None:
    rows = []
    for member_id, code in {(j.event.member_id, j.event.type_code) for j in judgements}:
        count = known.members[member_id].type_counts[code]
        type_id = configuration.types[code].type_id
        rows.append((member_id, type_id, count.occurrences, count.first_at, count.last_at))
    execute(TYPE_COUNTS, rows)


def write_facts(members: Iterable[MemberState], touched: set[int]) -> None:
    """Store the sums of each member's latest day."""
    rows = []
    for member in members:
        if member.member_id in touched and (day := member.latest_day):
            s = member.sums[day]
            events = (s.events_30d, s.events_90d, s.events_12m, s.events_year)
            money = (s.amount_30d, s.amount_90d, s.amount_12m, s.amount_year)
            status = (s.status_points_12m, s.status_points_year)
            rows.append((member.member_id, day, member.last_active_on, *events, *money, *status))
    execute(FACTS, rows)


def _write_ghosts(judgements: Sequence[Judgement]) -> None:
    rows = [
        (
            judgement.event.event_id,
            judgement.event.member_id,
            ghost.campaign.version_id,
            ghost.rule.code,
            ghost.wish.kind,
            ghost.wish.code or ghost.wish.unit,
            ghost.amount,
            milestone,
            ghost.offer.offer_id if ghost.offer else 0,
        )
        for judgement in judgements
        for ghost, milestone in zip(judgement.ghosts, ghost_milestones(judgement), strict=True)
    ]
    execute(GHOSTS, rows)


def write_exposures(members: Iterable[MemberState]) -> None:
    """Keep on which side of holdouts members stand that just came up; what is known already stays."""
    rows = [
        (campaign_id, member.member_id, one.held_out, one.hundredths, one.day)
        for member in members
        for campaign_id, one in member.exposed.items()
    ]
    execute(EXPOSURES, rows)


def _write_refusals(judgements: Sequence[Judgement]) -> None:
    """What budgets did not pay, added up by campaign, account, unit and day."""
    sums: defaultdict[tuple[int, int | None, str, date], list[int]] = defaultdict(lambda: [0, 0])
    for judgement in judgements:
        for one in judgement.refused:
            if one.reason == "budget":
                unit, desired = one.wish.charge or (one.wish.unit, one.wish.desired or 0)
                key = (one.campaign.campaign_id, one.account, unit, judgement.event.program_day)
                sums[key][0] += 1
                sums[key][1] += desired
    execute(REFUSALS, [(*key, *total) for key, total in sums.items()])


def _write_tiers(configuration: Configuration, judgements: Sequence[Judgement], at: datetime) -> None:
    moves = [move for judgement in judgements for move in _moves(judgement)]
    move_members(program_id=configuration.program.program_id, moves=moves, at=at)


def _moves(judgement: Judgement) -> Iterator[Move]:
    """What was earned first, then what was given."""
    event, before = judgement.event, judgement.tier_before
    steps = [(judgement.tier, TierChange.Reason.UPGRADE), (judgement.lifted, TierChange.Reason.GIVEN)]
    for after, reason in steps:
        if after:
            yield Move(event.member_id, before, after, reason, event.time, event.event_id)
            before = after


def _write_goals(configuration: Configuration, known: Known, judgements: Sequence[Judgement]) -> None:
    write_goals(known.members, judgements)
    program_id = configuration.program.program_id
    messages = [
        event_message("goal.reached", program_id, judgement.event, **milestone_name(one), number=number)
        for judgement in judgements
        for number, one in enumerate(judgement.reached)
        if not one.ghost
    ]
    publish(messages)


def _write_counters(tally: Tally) -> None:
    own = [(*key, moved) for key, moved in tally.moved.items() if key.member_id and moved]
    execute(COUNTERS, own)
    totals = [(*key[1:-1], moved, tally.most[key]) for key, moved in tally.moved.items() if not key.member_id and moved]
    execute(TOTALS, totals)


# -- value ------------------------------------------------------------------------------------


def _post(configuration: Configuration, known: Known, judgements: Sequence[Judgement], at: datetime) -> None:
    """Post every award to its book, own journal each, books in one order; from the first on, nothing is waited for."""
    by_unit: defaultdict[str, list[tuple[Judgement, int, Award]]] = defaultdict(list)
    for judgement in judgements:
        for place, award in enumerate(judgement.awards):
            if award.wish.unit != THING or award.payments:
                by_unit[award.book].append((judgement, place, award))
    books = configuration.purses.books
    units = sorted(by_unit, key=lambda unit: books[unit].pk)
    for unit in units:
        _open_missing(configuration, known, unit, by_unit[unit])
    for unit in units:
        entries = [_entry(configuration, known, *award) for award in by_unit[unit]]
        lapsed = _lapsed(configuration, known, by_unit[unit], at)
        if lapsed:
            lock_accounts([configuration.purses.breakages[unit], *(m.src for e in entries for m in e.movements)])
        send(book=books[unit], entries=entries)
        if lapsed:  # swept at once, so that entries add up to what is available
            settle(book=books[unit], owners=lapsed, at=at, lapsed=True)


def _lapsed(
    configuration: Configuration, known: Known, awards: Sequence[tuple[Judgement, int, Award]], at: datetime
) -> list[UUID]:
    """Members whom an event of long ago gave points that are past their last good day already."""
    today = at.astimezone(configuration.program.zone).date()
    owners = {
        known.members[judgement.event.member_id].uuid
        for judgement, _, award in awards
        if award.wish.unit != THING and award.wish.expires_on and award.wish.expires_on < today
    }
    return sorted(owners)


def _open_missing(
    configuration: Configuration, known: Known, unit: str, awards: Sequence[tuple[Judgement, int, Award]]
) -> None:
    """Open the wallets that awards of a unit go to for the first time."""
    specs: dict[tuple[int, str, str], AccountSpec] = {}
    for judgement, _, award in awards:
        if award.wish.unit == THING:
            continue
        owner = known.members[judgement.event.member_id].uuid
        purpose = "pending" if award.wish.available_on else "wallet"
        if (owner.int, unit, purpose) not in known.accounts:
            specs[owner.int, unit, purpose] = AccountSpec(owned_code(purpose, owner), purpose, owner)
    if specs:
        ids = open_accounts(book=configuration.purses.books[unit], specs=list(specs.values()))
        known.accounts.update({key: ids[spec.code] for key, spec in specs.items()})


def _entry(configuration: Configuration, known: Known, judgement: Judgement, place: int, award: Award) -> Entry:
    """One award, with what it moves."""
    event = judgement.event
    owner, is_thing = known.members[event.member_id].uuid.int, award.wish.unit == THING
    moved = _cost(configuration, award) if is_thing else _value(configuration, known, owner, award)
    return Entry(
        key=f"award:{event.event_id}:{place}",
        kind="award",
        occurred_at=event.time,
        movements=moved,
        member_id=event.member_id,
        campaign_version_id=award.campaign.version_id,
        rule=award.rule.code,
        event_id=event.event_id,
    )


def _value(configuration: Configuration, known: Known, owner: int, award: Award) -> list[Movement]:
    """From the payers to the wallet, and on to the debt that it repays."""
    wish = award.wish
    target = known.accounts[owner, wish.unit, "pending" if wish.available_on else "wallet"]
    payments = award.payments or [Payment(configuration.purses.mints[wish.unit], award.amount)]
    movements = [
        Movement(payer, target, amount, expires_on=wish.expires_on, available_on=wish.available_on)
        for payer, amount in payments
    ]
    if award.repaid:
        movements.append(Movement(target, known.accounts[owner, wish.unit, "debt"], award.repaid))
    return movements


def _cost(configuration: Configuration, award: Award) -> list[Movement]:
    """What a reward costs its payers."""
    target = configuration.purses.redeemed[award.wish.code, award.book]
    return [Movement(payer, target, amount) for payer, amount in award.payments]
