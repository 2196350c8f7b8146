"""The yardstick of the intake: the rows that the engine wrote, once more, by one plain INSERT (or UPDATE) a table.

What the engine wrote for a range of events is read back and shaped as PostgreSQL's array literals, with new ids and
keys, 500 events a transaction as the engine works them. Then only these statements are timed: nothing is judged,
locked, looked up or adapted.
"""

import time
from dataclasses import dataclass

from django.db import connection, transaction

from campaigns.services.intake import BATCH

IN_RANGE = "BETWEEN %(first)s AND %(last)s"
EVENTS = f"FROM campaigns_event WHERE id {IN_RANGE}"
TOUCHED = f"(SELECT DISTINCT member_id {EVENTS})"
COUNTED = f"""SELECT t.member_id, v.campaign_id FROM ledger_transfer t
    JOIN campaigns_campaignversion v ON v.id = t.campaign_version_id WHERE t.event_id {IN_RANGE}
    UNION SELECT g.member_id, v.campaign_id FROM campaigns_ghostaward g
    JOIN campaigns_campaignversion v ON v.id = g.version_id WHERE g.event_id {IN_RANGE}
    UNION SELECT e.member_id, b.campaign_id FROM campaigns_contestentry e
    JOIN campaigns_contest c ON c.id = e.contest_id JOIN campaigns_leaderboard b ON b.id = c.board_id
    WHERE e.event_id {IN_RANGE}"""
# The days under which limits count that these events moved: the day, its month, and all time.
BUCKETS = f"""SELECT day {EVENTS} UNION SELECT date_trunc('month', day)::date {EVENTS}
    UNION SELECT date '1970-01-01'"""
# Messages of a transaction follow each other; those that tell of notices do not name an event.
TOLD = f"""SELECT min(id) AS first, max(id) AS last FROM core_outboxmessage
    WHERE id >= %(messages)s AND (payload ->> 'event')::bigint {IN_RANGE}"""


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows of one table: ``columns`` with types, ``rows`` that yields them, and what happens to those that exist.

    ``update``: how the rows, joined as ``u``, change rows that are there, where nothing is inserted.
    """

    table: str
    columns: str
    rows: str
    conflict: str = ""
    update: str = ""


COPIES = (
    Copy(
        "campaigns_event",
        "id bigint, program_id bigint, member_id bigint, event_type_id bigint, source text, key text,"
        " fingerprint bytea, time timestamptz, day date, amount_minor bigint, currency text,"
        " amount_base_minor bigint, outlet_id bigint, data jsonb",
        "SELECT id + %(events)s, program_id, member_id, event_type_id, source, key || '-again', fingerprint, time, day,"
        f" amount_minor, currency, amount_base_minor, outlet_id, data {EVENTS}",
    ),
    Copy(
        "campaigns_outcome",
        "event_id bigint, status text, answer jsonb, fired jsonb",
        f"SELECT event_id + %(events)s, status, answer, fired FROM campaigns_outcome WHERE event_id {IN_RANGE}",
    ),
    Copy(
        "campaigns_trace",
        "event_id bigint, recorded_on date, lines jsonb",
        f"SELECT event_id + %(events)s, recorded_on, lines FROM campaigns_trace WHERE event_id {IN_RANGE}",
    ),
    Copy(
        "members_memberday",
        "member_id bigint, day date, event_type_id bigint, outlet_id bigint, occurrences int, events int,"
        " amount_minor bigint, status_points bigint",
        f"SELECT member_id, day, event_type_id, outlet_id, count(*), 0, 0, 0 {EVENTS} GROUP BY 1, 2, 3, 4",
        "(member_id, day, event_type_id, outlet_id) DO UPDATE SET occurrences = t.occurrences + excluded.occurrences,"
        " events = t.events + excluded.events, amount_minor = t.amount_minor + excluded.amount_minor,"
        " status_points = t.status_points + excluded.status_points",
    ),
    Copy(
        "members_membertypecount",
        "member_id bigint, event_type_id bigint, occurrences int, first_at timestamptz, last_at timestamptz",
        "SELECT member_id, event_type_id, occurrences, first_at, last_at FROM members_membertypecount"
        f" WHERE (member_id, event_type_id) IN (SELECT member_id, event_type_id {EVENTS})",
        "(member_id, event_type_id) DO UPDATE SET occurrences = excluded.occurrences, first_at = excluded.first_at,"
        " last_at = excluded.last_at",
    ),
    Copy(
        "members_memberfacts",
        "member_id bigint, rolled_on date, events_30d int, events_90d int, events_12m int, events_year int,"
        " amount_30d bigint, amount_90d bigint, amount_12m bigint, amount_year bigint, status_points_12m bigint,"
        " status_points_year bigint, last_active_on date",
        "SELECT member_id, rolled_on, events_30d, events_90d, events_12m, events_year, amount_30d, amount_90d,"
        " amount_12m, amount_year, status_points_12m, status_points_year, last_active_on FROM members_memberfacts"
        f" WHERE member_id IN {TOUCHED}",
        "(member_id) DO UPDATE SET rolled_on = excluded.rolled_on, events_30d = excluded.events_30d,"
        " events_90d = excluded.events_90d, events_12m = excluded.events_12m, events_year = excluded.events_year,"
        " amount_30d = excluded.amount_30d, amount_90d = excluded.amount_90d, amount_12m = excluded.amount_12m,"
        " amount_year = excluded.amount_year, status_points_12m = excluded.status_points_12m,"
        " status_points_year = excluded.status_points_year, last_active_on = excluded.last_active_on",
    ),
    Copy(
        "campaigns_ghostaward",
        "event_id bigint, member_id bigint, version_id bigint, rule text, kind text, unit text, judged bigint,"
        " amount bigint",
        "SELECT event_id + %(events)s, member_id, version_id, rule, kind, unit, judged, amount"
        f" FROM campaigns_ghostaward WHERE event_id {IN_RANGE}",
    ),
    Copy(
        "members_tierchange",
        "member_id bigint, from_tier_id bigint, to_tier_id bigint, reason text, at timestamptz, event_id bigint",
        "SELECT member_id, from_tier_id, to_tier_id, reason, at, event_id + %(events)s"
        f" FROM members_tierchange WHERE event_id {IN_RANGE}",
    ),
    Copy(
        "members_member",
        "id bigint, tier_id bigint, tier_since timestamptz",
        "SELECT id, tier_id, tier_since FROM members_member"
        f" WHERE id IN (SELECT member_id FROM members_tierchange WHERE event_id {IN_RANGE})",
        update="tier_id = u.tier_id, tier_since = u.tier_since WHERE t.id = u.id",
    ),
    Copy(
        "members_notice",
        'member_id bigint, kind text, key text, "values" jsonb, at timestamptz',
        "SELECT n.member_id, n.kind, n.key || '-again', n.\"values\", n.at FROM members_tierchange c"
        f" JOIN members_notice n ON n.member_id = c.member_id AND n.key = 'tier:' || c.id WHERE c.event_id {IN_RANGE}",
    ),
    Copy(
        "campaigns_memberbadge",
        "member_id bigint, badge_id bigint, event_id bigint, earned_at timestamptz, once text",
        "SELECT member_id, badge_id, event_id + %(events)s, earned_at, once || '-again'"
        f" FROM campaigns_memberbadge WHERE event_id {IN_RANGE}",
    ),
    Copy(
        "campaigns_contestentry",
        "event_id bigint, place int, contest_id bigint, member_id bigint, value bigint, time timestamptz",
        "SELECT event_id + %(events)s, place, contest_id, member_id, value, time"
        f" FROM campaigns_contestentry WHERE event_id {IN_RANGE}",
    ),
    Copy(
        "campaigns_contestscore",
        "contest_id bigint, member_id bigint, score bigint, reached_at timestamptz",
        "SELECT contest_id, member_id, sum(value), max(time)"
        f" FROM campaigns_contestentry WHERE event_id {IN_RANGE} GROUP BY 1, 2",
        "(member_id, contest_id) DO UPDATE SET score = t.score + excluded.score,"
        " reached_at = greatest(t.reached_at, excluded.reached_at)",
    ),
    Copy(
        "campaigns_progress",
        "member_id bigint, goal_id bigint, offer_id bigint, start date, key text, value bigint",
        "SELECT member_id, goal_id, offer_id, start, key, value FROM campaigns_progress"
        f" WHERE id IN (SELECT progress_id FROM campaigns_contribution WHERE event_id {IN_RANGE})",
        "(member_id, goal_id, offer_id, start, key) DO UPDATE SET value = excluded.value",
    ),
    Copy(
        "campaigns_contribution",
        "event_id bigint, progress_id bigint, value bigint",
        f"SELECT event_id + %(events)s, progress_id, value FROM campaigns_contribution WHERE event_id {IN_RANGE}",
    ),
    Copy(
        "campaigns_reachedmilestone",
        "event_id bigint, number int, member_id bigint, goal_id bigint, offer_id bigint, start date, by text,"
        " reach bigint, places smallint[]",
        "SELECT event_id + %(events)s, number, member_id, goal_id, offer_id, start, by, reach, places"
        f" FROM campaigns_reachedmilestone WHERE event_id {IN_RANGE}",
    ),
    Copy(
        "campaigns_offer",
        "id bigint, completed_at timestamptz",
        f"SELECT id, completed_at FROM campaigns_offer WHERE completed_by {IN_RANGE}",
        update="completed_at = u.completed_at WHERE t.id = u.id",
    ),
    Copy(
        "core_outboxmessage",
        "topic text, program_id bigint, payload jsonb, attempts int, due_at timestamptz",
        f"SELECT m.topic, m.program_id, m.payload, 0, m.due_at FROM ({TOLD}) AS told"
        " JOIN core_outboxmessage m ON m.id BETWEEN told.first AND told.last",
    ),
    Copy(
        "campaigns_membercounter",
        "member_id bigint, campaign_id bigint, rule text, per text, bucket date, unit text, offer_id bigint,"
        " used bigint",
        "SELECT c.member_id, c.campaign_id, c.rule, c.per, c.bucket, c.unit, c.offer_id, 0"
        " FROM campaigns_membercounter c"
        f" WHERE (c.member_id, c.campaign_id) IN ({COUNTED}) AND c.bucket IN ({BUCKETS})",
        "(member_id, campaign_id, rule, per, bucket, unit, offer_id) DO UPDATE SET used = t.used + excluded.used",
    ),
    Copy(
        "campaigns_totalcounter",
        "campaign_id bigint, rule text, per text, bucket date, unit text, used bigint, most bigint",
        "SELECT campaign_id, rule, per, bucket, unit, 0, most FROM campaigns_totalcounter"
        f" WHERE campaign_id IN (SELECT campaign_id FROM ({COUNTED}) AS p) AND bucket IN ({BUCKETS})",
        "(campaign_id, rule, per, bucket, unit) DO UPDATE SET used = t.used + excluded.used",
    ),
)
# Journals are looked up one by one: the planner would rather read a whole book.
MOVED = f"""(SELECT * FROM ledger_transfer WHERE event_id {IN_RANGE} OFFSET 0) AS t
    CROSS JOIN LATERAL (SELECT * FROM ledger_journal WHERE id = t.journal_id OFFSET 0) AS j"""
BOOKS = f"SELECT DISTINCT j.book_id FROM {MOVED}"
JOURNALS = Copy(
    "ledger_journal",
    "id bigint, book_id bigint, key text, fingerprint bytea, kind text, occurred_at timestamptz, effective_on date",
    "SELECT DISTINCT j.id + %(journals)s, j.book_id, j.key || '-again', j.fingerprint, j.kind, j.occurred_at,"
    f" j.effective_on FROM {MOVED} WHERE j.book_id = %(book)s",
)
TRANSFERS = Copy(
    "ledger_transfer",
    "journal_id bigint, src_id bigint, dst_id bigint, amount bigint, expires_on date, available_on date,"
    " funder_id bigint, member_id bigint, campaign_version_id bigint, rule text, event_id bigint",
    "SELECT t.journal_id + %(journals)s, t.src_id, t.dst_id, t.amount, t.expires_on, t.available_on, t.funder_id,"
    " t.member_id, t.campaign_version_id, t.rule, t.event_id + %(events)s"
    f" FROM {MOVED} WHERE j.book_id = %(book)s ORDER BY t.id",
)

AS_TEXT = {"jsonb", "smallint[]"}  # within an array literal

type Statement = tuple[str, tuple[str, ...]]


def rows_again(*, first: int, last: int) -> float:
    """Events a second at which the rows of the events ``first`` to ``last`` can be written plainly, once more."""
    shifts = {
        "events": _reserve("campaigns_event", first),
        "journals": _reserve("ledger_journal", _journal(first)),
        "messages": _message(first),
    }
    starts = range(first, last + 1, BATCH)
    prepared = [_prepare({**shifts, "first": a, "last": min(a + BATCH - 1, last)}) for a in starts]
    start = time.perf_counter()
    for statements in prepared:
        _write(statements)
    return (last + 1 - first) / (time.perf_counter() - start)


def _write(statements: list[Statement]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, arrays in statements:
            cursor.execute(sql, arrays)


def _journal(event_id: int) -> int:
    """The first journal of the events from this one on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(journal_id) FROM ledger_transfer WHERE event_id >= %s", [event_id])
        return int(cursor.fetchone()[0])


def _message(event_id: int) -> int:
    """The first message of the events from this one on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(min(id), 0) FROM core_outboxmessage WHERE (payload ->> 'event')::bigint >= %s", [event_id]
        )
        return int(cursor.fetchone()[0])


def _reserve(table: str, first: int) -> int:
    """How far ids from ``first`` on are moved, to be new; the sequence goes on behind them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) + 1 - %s, 2 * max(id) + 1 - %s FROM {table}", [first, first])
        shift, end = cursor.fetchone()
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, end])
        return int(shift)


def _prepare(parameters: dict[str, int]) -> list[Statement]:
    """Every insert of one transaction, members' rows first and value last, as the engine does."""
    with connection.cursor() as cursor:
        cursor.execute(BOOKS, parameters)
        books = sorted(book for (book,) in cursor.fetchall())
    plain = [_statement(copy, parameters) for copy in COPIES]
    value = [_statement(copy, {**parameters, "book": book}) for book in books for copy in (JOURNALS, TRANSFERS)]
    return [statement for statement in plain + value if statement[1][0]]


def _statement(copy: Copy, parameters: dict[str, int]) -> Statement:
    """The insert of a table's rows, and its arrays as the database itself writes them."""
    columns = [column.split() for column in copy.columns.split(", ")]
    names = ", ".join(name for name, _ in columns)
    selected = ", ".join(f"array_agg({name}::text)::text" for name, _ in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {selected} FROM ({copy.rows}) AS r({names})", parameters)
        arrays = cursor.fetchone()
    given = ", ".join(f"%s::{'text' if kind in AS_TEXT else kind}[]" for _, kind in columns)
    values = ", ".join(f"{name}::{kind}" if kind in AS_TEXT else name for name, kind in columns)
    source = f"unnest({given}) AS u({names})"
    if copy.update:
        return f"UPDATE {copy.table} AS t SET {copy.update.replace('WHERE', f'FROM {source} WHERE')}", arrays
    conflict = f" ON CONFLICT {copy.conflict}" if copy.conflict else ""
    return f"INSERT INTO {copy.table} AS t ({names}) SELECT {values} FROM {source}{conflict}", arrays
