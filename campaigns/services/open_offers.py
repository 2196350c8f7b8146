"""Members' open offers in the engine: read for a batch, written when one completes, open again after a reversal."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from campaigns.rules.judgement import Judgement
from campaigns.rules.offers import OpenOffer
from campaigns.rules.state import JudgedEvent, MemberState
from core.rules.arrays import array, columns
from core.services import prepared
from core.services.rounds import Reader

type Members = dict[int, MemberState]
type Loss = tuple[int, int, int, int]  # member, event; goal and offer of a milestone that went, 0 = the whole event

OPEN = "o.member_id = ANY(%s::bigint[]) AND NOT o.is_closed AND o.at <= %s AND o.until >= %s"
OFFERS = f"""
    SELECT o.member_id, o.id, o.campaign_id, o.at, o.until, o.state = 'held_out', o.seen_at IS NOT NULL,
        o.activated_at IS NOT NULL, o.completed_by, o.completed_goal
    FROM campaigns_offer o WHERE {OPEN} ORDER BY o.until, o.id
"""
# Offer by offer, by index: joined, all progress of everybody would be read.
GOALS = f"""(SELECT o.member_id, g.id AS goal_id, o.id AS offer_id
    FROM campaigns_offer o JOIN campaigns_goal g ON g.campaign_id = o.campaign_id WHERE {OPEN} OFFSET 0) o"""
MINE = "member_id = o.member_id AND goal_id = o.goal_id AND offer_id = o.offer_id"
PROGRESS = f"""
    SELECT o.member_id, o.goal_id, o.offer_id, p.* FROM {GOALS} CROSS JOIN LATERAL
        (SELECT start, array_agg(key), array_agg(value) FROM campaigns_progress WHERE {MINE} GROUP BY start) p
"""
REACHED = f"""
    SELECT o.member_id, o.goal_id, o.offer_id, r.* FROM {GOALS} CROSS JOIN LATERAL
        (SELECT start, by, reach, count(*) FROM campaigns_reachedmilestone WHERE {MINE} GROUP BY 1, 2, 3) r
"""
COMPLETE = """
    UPDATE campaigns_offer o SET completed_at = d.at, completed_by = d.event_id, completed_goal = d.goal_id,
        is_closed = d.closed, state = CASE WHEN d.closed AND o.state <> 'held_out' THEN 'completed' ELSE o.state END
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::boolean[])
        AS d(id, at, event_id, goal_id, closed) WHERE o.id = d.id
"""
REOPEN = """
    UPDATE campaigns_offer o SET completed_at = NULL, completed_by = NULL, completed_goal = NULL, is_closed = false,
        state = CASE WHEN o.state = 'held_out' THEN 'held_out' WHEN o.activated_at IS NOT NULL THEN 'activated'
            WHEN o.seen_at IS NOT NULL THEN 'seen' ELSE 'assigned' END
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS l(member_id, event_id, goal_id, offer_id)
    WHERE o.member_id = l.member_id AND o.completed_by = l.event_id AND coalesce(o.completed_goal, 0) = l.goal_id
        AND l.offer_id IN (0, o.id)
"""


def offer_readers(members: Members, events: Sequence[JudgedEvent]) -> list[Reader]:
    """Read the offers for which one of these events may count, with their progress; the members are locked."""
    if not events:
        return []
    times = [event.time for event in events]
    of = [array(list(members)), max(times), min(times)]
    return [_offers(members, of), _progress(members, of), _reached(members, of)]


def _offers(members: Members, of: Sequence[Any]) -> Reader:
    for member_id, pk, campaign_id, *rest in (yield OFFERS, of):
        members[member_id].offers.setdefault(campaign_id, []).append(OpenOffer(pk, campaign_id, *rest))


def _progress(members: Members, of: Sequence[Any]) -> Reader:
    for member_id, goal_id, offer_id, start, keys, values in (yield PROGRESS, of):
        members[member_id].goal(goal_id, offer_id).tallies[start] = dict(zip(keys, values, strict=True))


def _reached(members: Members, of: Sequence[Any]) -> Reader:
    for member_id, goal_id, offer_id, start, by, reach, times in (yield REACHED, of):
        members[member_id].goal(goal_id, offer_id).reached.setdefault(start, {})[by, reach] = times


def write_completed(judgements: Sequence[Judgement]) -> None:
    """Note which events completed which offers."""
    rows = [_completed(one, judgement.event.time) for judgement in judgements for one in judgement.completed]
    _update(COMPLETE, rows)


def _completed(offer: OpenOffer, time: datetime) -> tuple[Any, ...]:
    return (offer.offer_id, time, offer.completed_by, offer.completed_goal, offer.is_closed)


def reopen(losses: Collection[Loss]) -> None:
    """Open offers again that were completed by what is taken back: by an event as a whole, or by its milestone."""
    _update(REOPEN, list(losses))


def _update(sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with prepared.cursor() as cursor:
            cursor.execute(sql, columns(rows))
