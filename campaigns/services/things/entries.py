"""Entries on leaderboards: each event's own, and the score that they add up to.

A score was reached at the time of the latest event that still counts in it, so that neither the order in which events
come nor what is taken back in between makes a difference.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.services.configuration import Configuration
from campaigns.services.statements import execute
from campaigns.services.things.keeping import Given, Gone
from core.rules.arrays import columns
from core.services import prepared

ENTER = """
    WITH entry AS (
        SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])
            AS e(event_id, place, contest_id, member_id, value, time)
    ), kept AS (
        INSERT INTO campaigns_contestentry (event_id, place, contest_id, member_id, value, time) SELECT * FROM entry
    )
    INSERT INTO campaigns_contestscore AS s (contest_id, member_id, score, reached_at)
    SELECT contest_id, member_id, sum(value), max(time) FROM entry GROUP BY contest_id, member_id
    ON CONFLICT (member_id, contest_id) DO UPDATE
        SET score = s.score + excluded.score, reached_at = greatest(s.reached_at, excluded.reached_at)
"""
# A contest that is about to be closed is waited for, and then nothing of it is found.
OPEN = """
    SELECT e.event_id, e.place, least(e.value, t.amount), e.contest_id, e.member_id
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS t(event_id, place, amount)
    JOIN campaigns_contestentry e ON e.event_id = t.event_id AND e.place = t.place
    JOIN campaigns_contest c ON c.id = e.contest_id WHERE c.closed_at IS NULL FOR KEY SHARE OF c
"""
SHRINK = """
    WITH cut AS (SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[]) AS c(event_id, place, amount)),
    gone AS (DELETE FROM campaigns_contestentry e USING cut
        WHERE e.event_id = cut.event_id AND e.place = cut.place AND e.value <= cut.amount)
    UPDATE campaigns_contestentry e SET value = e.value - cut.amount FROM cut
    WHERE e.event_id = cut.event_id AND e.place = cut.place AND e.value > cut.amount
"""
LOWER = """
    WITH cut AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS c(contest_id, member_id, amount)),
    gone AS (DELETE FROM campaigns_contestscore s USING cut
        WHERE s.contest_id = cut.contest_id AND s.member_id = cut.member_id AND s.score <= cut.amount)
    UPDATE campaigns_contestscore s SET score = s.score - cut.amount, reached_at = (SELECT max(e.time)
        FROM campaigns_contestentry e WHERE e.member_id = cut.member_id AND e.contest_id = cut.contest_id)
    FROM cut WHERE s.contest_id = cut.contest_id AND s.member_id = cut.member_id AND s.score > cut.amount
"""


def give(configuration: Configuration, given: Sequence[Given], _at: datetime, /) -> None:
    """Enter scores in the contests of the members' markets."""
    rows: list[tuple[Any, ...]] = []
    for judgement, place, award in given:
        event, wish = judgement.event, award.wish
        course = configuration.program.boards[wish.code].courses[str(wish.more["market"] or "")]
        rows.append((event.event_id, place, course.contest_id, event.member_id, wish.more["amount"], event.time))
    execute(ENTER, rows)


def take(_configuration: Configuration, gone: Sequence[Gone], _at: datetime, /) -> Sequence[Gone]:
    """Lower scores by what events lose; in contests that are closed everything stays."""
    wanted = [(one.event_id, one.taking.place, one.taking.amount) for one in gone]
    with prepared.cursor() as cursor:
        cursor.execute(OPEN, columns(wanted))
        found = cursor.fetchall()
    execute(SHRINK, [row[:3] for row in found])
    lowered: defaultdict[tuple[int, int], int] = defaultdict(int)
    for _event, _place, amount, contest_id, member_id in found:
        lowered[contest_id, member_id] += amount
    execute(LOWER, [(*key, amount) for key, amount in lowered.items()])
    taken = {(event_id, place) for event_id, place, *_ in found}
    return [one for one in gone if (one.event_id, one.taking.place) not in taken]


def told(_effect: Mapping[str, object], /, *, stays: bool) -> Mapping[str, object]:
    """Of a score in a contest that is closed nothing is taken."""
    return {"amount": 0} if stays else {}
