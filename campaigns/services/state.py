"""Reading what the rules need to know of a batch: a fixed number of queries, whatever the batch."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from campaigns.rules.definitions import Per
from campaigns.rules.limits import CounterKey, Tally, bucket
from campaigns.rules.state import JudgedEvent, MemberState, Shared, TypeCount
from campaigns.services.configuration import Configuration
from campaigns.services.goals import goal_readers
from campaigns.services.open_offers import offer_readers
from core.rules.arrays import array
from core.services import prepared
from core.services.rounds import Question, Reader, read
from members.rules.facts import Vehicle, year_start
from members.rules.windows import Sums
from members.selectors.windows import WINDOWS, window_columns
from rewards.selectors.stock import stock_left

type Members = dict[int, MemberState]
LAPS = 200  # an event may complete so many laps of goals, and be given a code for each

MEMBERS = """
    SELECT id, uuid, external_id, kind, status, market_id, region_id, language, kyc, kyc_at, enrolled_at, attributes,
        tier_id
    FROM members_member WHERE id = ANY(%s::bigint[]) AND status <> 'erased'
"""
# The lock that guards all that belongs to a member; taken in the order of ids, after the keys of events.
LOCKED = f"{MEMBERS} ORDER BY id FOR NO KEY UPDATE"
FACTS = """
    SELECT member_id, last_active_on, rolled_on, events_30d, events_90d, events_12m, events_year,
        amount_30d, amount_90d, amount_12m, amount_year, status_points_12m, status_points_year
    FROM members_memberfacts WHERE member_id = ANY(%s::bigint[])
"""
TYPE_COUNTS = """
    SELECT c.member_id, c.event_type_id, c.occurrences, c.first_at, c.last_at
    FROM unnest(%s::bigint[], %s::bigint[]) AS w(member_id, event_type_id)
    JOIN members_membertypecount c ON c.member_id = w.member_id AND c.event_type_id = w.event_type_id
"""
# Lots add up to the balance: of an empty account none needs to be asked.
# A lot past its last good day is never spendable, swept or not; a pending one whose day has come is.
WALLETS = """
    SELECT a.owner, b.unit, a.purpose, a.id, a.balance,
        CASE WHEN a.lots AND a.balance > 0 THEN (SELECT coalesce(sum(l.remaining), 0)::bigint FROM ledger_lot l
            WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_on < %s) ELSE 0 END,
        CASE WHEN a.purpose = 'pending' AND a.balance > 0 THEN (
            SELECT coalesce(sum(l.remaining), 0)::bigint FROM ledger_lot l
            WHERE l.account_id = a.id AND l.remaining > 0 AND l.available_on <= %s
            AND (l.expires_on IS NULL OR l.expires_on >= %s)) ELSE 0 END
    FROM ledger_account a JOIN ledger_book b ON b.id = a.book_id
    WHERE a.owner = ANY(%s::uuid[]) AND b.unit <> 'status'
"""
COUNTERS = """
    SELECT member_id, campaign_id, rule, per, bucket, unit, offer_id, used FROM campaigns_membercounter
    WHERE member_id = ANY(%s::bigint[]) AND bucket = ANY(%s::date[])
"""
TOTALS = """
    SELECT 0, t.campaign_id, rule, per, bucket, unit, 0, used
    FROM campaigns_totalcounter t JOIN campaigns_campaign c ON c.id = t.campaign_id
    WHERE c.program_id = %s AND bucket = ANY(%s::date[])
"""
LEFT = """
    SELECT id, CASE WHEN floor IS NULL THEN NULL ELSE balance - floor END FROM ledger_account
    WHERE id = ANY(%s::bigint[])
"""
VISITS = """
    SELECT p.member_id, p.day, array_agg(DISTINCT d.outlet_id)
    FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS p(member_id, day, since)
    JOIN members_memberday d ON d.member_id = p.member_id AND d.day BETWEEN p.since AND p.day
    WHERE d.outlet_id <> 0 AND d.events > 0 GROUP BY 1, 2
"""
PREVIOUS = """
    SELECT p.member_id, p.type_id, p.day, (SELECT max(d.day) FROM members_memberday d
        WHERE d.member_id = p.member_id AND d.day < p.day AND d.event_type_id = p.type_id AND d.occurrences > 0)
    FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS p(member_id, type_id, day)
"""
VEHICLES = "SELECT member_id, bought_on, warranty_until FROM members_vehicle WHERE member_id = ANY(%s::bigint[])"
MERCHANTS = """
    SELECT member_id, category, partner_type, agent, preferred FROM members_merchantprofile
    WHERE member_id = ANY(%s::bigint[])
"""
BIRTHS = """
    SELECT member_id, extract(month FROM birth_date)::int FROM members_memberidentity
    WHERE member_id = ANY(%s::bigint[]) AND birth_date IS NOT NULL
"""
BADGES = """
    SELECT mb.member_id, b.code, mb.once FROM campaigns_memberbadge mb JOIN campaigns_badge b ON b.id = mb.badge_id
    WHERE mb.member_id = ANY(%s::bigint[])
"""
SEGMENTS = """
    SELECT sm.member_id, s.code FROM members_segmentmember sm JOIN members_segment s ON s.id = sm.segment_id
    WHERE sm.member_id = ANY(%s::bigint[]) AND s.kind = 'list' AND NOT s.retired
"""
OPEN_CONTESTS = """
    SELECT id FROM campaigns_contest WHERE id = ANY(%s::bigint[]) AND closed_at IS NULL ORDER BY id FOR KEY SHARE
"""


@dataclass(slots=True)
class Known:
    """A batch's members under lock, what they share, and the ids of their ledger accounts by (owner, unit, purpose)."""

    members: Members
    shared: Shared
    accounts: dict[tuple[int, str, str], int]
    facts_days: dict[int, date]  # the day of the stored facts row, where there is one


def lock_members(configuration: Configuration, ids: Collection[int]) -> Members:
    """Hold the rows of these members and read them; erased ones are not there."""
    return _members(configuration, LOCKED, ids)


def locking(configuration: Configuration, members: Members, ids: Collection[int]) -> Reader:
    """The same among the questions of a round."""
    for row in (yield _question(LOCKED, list(ids))):
        members[row[0]] = _member(configuration, row)


def read_members(configuration: Configuration, ids: Collection[int]) -> Members:
    """Read members without holding them; erased ones are not there."""
    return _members(configuration, MEMBERS, ids)


def read_profiles(configuration: Configuration, members: Members) -> None:
    """Read what rules may ask of members besides what they did: birthday, merchant, vehicles; one round trip."""
    ids = list(members)
    read([ask(configuration, members, ids, ()) for ask in (_births, _merchants, _vehicles)])


def _members(configuration: Configuration, sql: str, ids: Collection[int]) -> Members:
    with prepared.cursor() as cursor:
        cursor.execute(*_question(sql, list(ids)))
        return {row[0]: _member(configuration, row) for row in cursor.fetchall()}


def _member(configuration: Configuration, row: Sequence[Any]) -> MemberState:
    (pk, uuid, external_id, kind, status, market, region, language, kyc, kyc_at, enrolled_at, attributes, tier) = row
    return MemberState(
        member_id=pk,
        uuid=uuid,
        external_id=external_id,
        kind=kind,
        status=status,
        market=configuration.markets[market],
        region=configuration.regions.get(region, ""),
        language=language,
        kyc=kyc,
        kyc_at=kyc_at,
        enrolled_at=enrolled_at,
        attributes=json.loads(attributes),
        tier=configuration.rungs.get(tier),
    )


def read_state(
    configuration: Configuration, members: Members, events: Sequence[JudgedEvent], today: date, *, held: bool = False
) -> Known:
    """Everything else that judging these events may ask for, in two round trips; the members are locked.

    ``held``: what members share is locked as well, and then only what this transaction holds is counted of stock.
    """
    ids = list(members)
    known = Known(members, Shared({}, configuration.purses.payers, Tally()), {}, {})
    read(
        [
            _facts(configuration, known, ids, events),
            *_shared(configuration, known.shared, events, ids, held=held),
            _type_counts(configuration, members, events),
            _wallets(known, today),
            *goal_readers(configuration.program, members, events),
            *_contests(configuration, known, events),
            *(offer_readers(members, events) if configuration.uses_offers else ()),
            *(ask(configuration, members, ids, events) for needed, ask in _optional(configuration) if needed),
        ]
    )
    return known


def _contests(configuration: Configuration, known: Known, events: Sequence[JudgedEvent]) -> list[Reader]:
    """Which contests are closed, where some rule enters one; the others stay open until the batch is written."""
    boards = {board for event in events for board in configuration.entered.get(event.type_code, ())}
    markets = {known.members[event.member_id].market.code for event in events} if boards else set()
    found = [configuration.program.boards.get(board) for board in boards]
    courses = [course for board in found if board for market in markets if (course := board.course(market))]
    return [_closed(known.shared, {course.contest_id for course in courses})] if courses else []


def _closed(shared: Shared, contests: set[int]) -> Reader:
    shared.closed = contests - {row[0] for row in (yield _question(OPEN_CONTESTS, sorted(contests)))}


def _type_counts(configuration: Configuration, members: Members, events: Sequence[JudgedEvent]) -> Reader:
    """Of the events' own types, and of those that their rules ask about."""
    pairs = {(event.member_id, event.type_id) for event in events}
    for event in events:
        pairs.update((event.member_id, asked) for asked in configuration.counted.get(event.type_code, ()))
    question = _question(TYPE_COUNTS, [member_id for member_id, _ in pairs], [type_id for _, type_id in pairs])
    for member_id, type_id, occurrences, first_at, last_at in (yield question):
        code = configuration.type_codes[type_id]
        members[member_id].type_counts[code] = TypeCount(occurrences, first_at, last_at)


def _optional(configuration: Configuration) -> list[tuple[bool, Callable[..., Reader]]]:
    """What is read only where some rule asks for it."""
    facts = configuration.facts
    return [
        (configuration.uses_badges, _badges),
        (configuration.uses_segments, _segments),
        (not facts.isdisjoint({"member.outlets_12m", "member.dealers_12m"}), _visits),
        ("event.days_since_previous" in facts, _previous),
        ("member.birthday_month" in facts, _births),
        (not facts.isdisjoint(MERCHANT_FACTS), _merchants),
        (not facts.isdisjoint(VEHICLE_FACTS), _vehicles),
    ]


MERCHANT_FACTS = {"member.category", "member.partner_type", "member.agent", "member.preferred"}
VEHICLE_FACTS = {"member.vehicles", "member.vehicle_age_months", "member.warranty_days_left"}


def _question(sql: str, *parameters: Any) -> Question:  # what PostgreSQL takes
    return sql, [array(value) if isinstance(value, list) else value for value in parameters]


def _facts(configuration: Configuration, known: Known, ids: list[int], events: Iterable[JudgedEvent]) -> Reader:
    """Sums of the stored day, and then of the other days that events fall on."""
    for member_id, last_active_on, rolled_on, *sums in (yield _question(FACTS, ids)):
        member = known.members[member_id]
        member.last_active_on = last_active_on
        member.latest_day = known.facts_days[member_id] = rolled_on
        member.sums[rolled_on] = Sums(rolled_on, *sums)
    if pairs := _open_windows(configuration, known, events):
        for member_id, day, *sums in (yield WINDOWS, window_columns(pairs)):
            known.members[member_id].sums[day] = Sums(day, *sums)


def _open_windows(configuration: Configuration, known: Known, events: Iterable[JudgedEvent]) -> set[tuple[int, date]]:
    """Windows that end on another day than the facts row's are summed from the days."""
    pairs = {(e.member_id, e.day) for e in events}
    if configuration.program.calendar_year:  # an event of last year may still lift a member
        pairs |= {(member_id, date(day.year, 12, 31)) for member_id, day in pairs}
    return {(member_id, day) for member_id, day in pairs if day not in known.members[member_id].sums}


def read_standing(configuration: Configuration, members: Members, at: datetime) -> None:
    """Wallets of members as they stand after value was moved."""
    for member in members.values():
        member.wallets.clear()
    today = at.astimezone(configuration.program.zone).date()
    read([_wallets(Known(members, Shared({}, {}, Tally()), {}, {}), today)])


def _wallets(known: Known, today: date) -> Reader:
    by_owner = {member.uuid.int: member for member in known.members.values()}  # a uuid's own hash is slow
    rows = yield _question(WALLETS, today, today, today, [member.uuid for member in known.members.values()])
    matured: dict[tuple[int, str], int] = {}  # due points repay debt when they mature, swept or not
    for owner, unit, purpose, account_id, balance, lapsed, due in rows:
        wallet = by_owner[owner.int].wallet(unit)
        known.accounts[owner.int, unit, purpose] = account_id
        match purpose:
            case "wallet":
                wallet.available += balance - lapsed
            case "pending":
                wallet.pending += balance - lapsed - due
                matured[owner.int, unit] = due
            case "debt":
                wallet.debt = -balance
    for (owner, unit), due in matured.items():
        wallet = by_owner[owner].wallet(unit)
        repaid = min(wallet.debt, due)
        wallet.debt -= repaid
        wallet.available += due - repaid


def read_shared(configuration: Configuration, events: Sequence[JudgedEvent], ids: list[int]) -> Shared:
    """Balances of those who pay, read without lock, and the counters of limits."""
    shared = Shared({}, configuration.purses.payers, Tally())
    read(_shared(configuration, shared, events, ids, held=True))
    return shared


def _shared(
    configuration: Configuration, shared: Shared, events: Sequence[JudgedEvent], ids: list[int], *, held: bool
) -> list[Reader]:
    readers = [_balances(shared)]
    if needs := stock_needs(configuration, events):
        readers.append(_stock(shared, _question(stock_left(held=held), *map(list, zip(*needs.items(), strict=True)))))
    if configuration.has_limits:
        touched = {event.day for event in events} | {event.program_day for event in events}
        days = list({bucket(per, day) for per in Per for day in touched})
        own, totals = _question(COUNTERS, ids, days), _question(TOTALS, configuration.program.program_id, days)
        readers += [_counters(shared.tally, own), _counters(shared.tally, totals)]
    return readers


def _balances(shared: Shared) -> Reader:
    shared.left.update(dict((yield _question(LEFT, list(set(shared.payers.values()))))))


def stock_needs(configuration: Configuration, events: Iterable[JudgedEvent]) -> dict[int, int]:
    """How many codes of each reward in stock these events may take, by reward."""
    needs: Counter[int] = Counter()
    for event in events if configuration.stocked else ():
        needs.update(configuration.stocked.get(event.type_code, ()))
    return {reward_id: most + LAPS for reward_id, most in needs.items()}


def _stock(shared: Shared, question: Question) -> Reader:
    shared.stock.update(dict((yield question)))


def _counters(tally: Tally, question: Question) -> Reader:
    tally.counters.update({CounterKey(*key): used for *key, used in (yield question)})


def _badges(_: Configuration, members: Members, ids: list[int], __: object) -> Reader:
    for member_id, code, once in (yield _question(BADGES, ids)):
        members[member_id].badges.add((code, once))


def _segments(_: Configuration, members: Members, ids: list[int], __: object) -> Reader:
    segments: defaultdict[int, set[str]] = defaultdict(set)
    for member_id, code in (yield _question(SEGMENTS, ids)):
        segments[member_id].add(code)
    for member_id, codes in segments.items():
        members[member_id].segments = frozenset(codes)


def _visits(configuration: Configuration, members: Members, _: list[int], events: Sequence[JudgedEvent]) -> Reader:
    pairs = sorted({(event.member_id, event.day) for event in events})
    for member_id, day in pairs:
        members[member_id].visits[day] = (set(), set())
    ids, days = [list(column) for column in zip(*pairs, strict=True)]
    for member_id, day, outlets in (yield _question(VISITS, ids, days, [year_start(day) for day in days])):
        dealers = {configuration.dealers.get(outlet, "") for outlet in outlets}
        members[member_id].visits[day] = (set(outlets), dealers - {""})


def _previous(configuration: Configuration, members: Members, _: list[int], events: Sequence[JudgedEvent]) -> Reader:
    triples = sorted({(event.member_id, event.type_id, event.day) for event in events})
    columns = [list(column) for column in zip(*triples, strict=True)]
    for member_id, type_id, day, previous in (yield _question(PREVIOUS, *columns)):
        members[member_id].previous_on[configuration.type_codes[type_id], day] = previous or date.min


def _births(_: Configuration, members: Members, ids: list[int], __: object) -> Reader:
    for member_id, month in (yield _question(BIRTHS, ids)):
        members[member_id].birth_month = month


def _merchants(_: Configuration, members: Members, ids: list[int], __: object) -> Reader:
    for member_id, category, partner_type, agent, preferred in (yield _question(MERCHANTS, ids)):
        members[member_id].merchant = {"category": category, "partner_type": partner_type, "agent": agent}
        members[member_id].preferred = preferred


def _vehicles(_: Configuration, members: Members, ids: list[int], __: object) -> Reader:
    for member_id, bought_on, warranty_until in (yield _question(VEHICLES, ids)):
        members[member_id].vehicles += (Vehicle(bought_on, warranty_until),)
