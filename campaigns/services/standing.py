"""What a reversal leaves of a member's facts and tier."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.db import connection

from campaigns.rules.state import JudgedEvent, MemberState
from campaigns.services.apply import execute, write_facts
from campaigns.services.configuration import Configuration
from campaigns.services.state import Members
from core.rules.arrays import columns
from members.models import TierChange
from members.rules.facts import local_date
from members.rules.tiers import Rung, highest_met
from members.selectors.windows import sum_windows
from members.services.tiers import Move, move_members

# Counters of a type after some of its events were taken back whole: first and last among those that remain.
RECOUNT = """
    UPDATE members_membertypecount c
    SET occurrences = c.occurrences - k.gone, first_at = left_.first_at, last_at = left_.last_at
    FROM (SELECT member_id, type_id, count(*) AS gone FROM unnest(%s::bigint[], %s::bigint[]) AS u(member_id, type_id)
        GROUP BY 1, 2) k
    CROSS JOIN LATERAL (
        SELECT min(e.time) AS first_at, max(e.time) AS last_at
        FROM campaigns_event e JOIN campaigns_outcome o ON o.event_id = e.id  -- not those that this batch still has
        WHERE e.member_id = k.member_id AND e.event_type_id = k.type_id
            AND NOT EXISTS (SELECT FROM campaigns_eventreversal r WHERE r.original_id = e.id AND r."full")
    ) left_
    WHERE c.member_id = k.member_id AND c.event_type_id = k.type_id
"""
LAST_ACTIVE = """
    SELECT f.member_id, f.rolled_on, (SELECT max(d.day) FROM members_memberday d
        WHERE d.member_id = f.member_id AND d.events > 0)
    FROM members_memberfacts f WHERE f.member_id = ANY(%s)
"""
DAYS_SINCE = """
    SELECT DISTINCT d.member_id, d.day FROM unnest(%s::bigint[], %s::date[]) AS f(member_id, day)
    JOIN members_memberday d ON d.member_id = f.member_id AND d.day >= f.day
"""


LIFTING = {TierChange.Reason.UPGRADE, TierChange.Reason.LADDER}


class Gone(Protocol):
    """An event of which nothing remains."""

    member_id: int
    type_id: int | None


def restore_facts(members: Members, gone: Sequence[Gone]) -> None:
    """Read the members' sums again from their days, and recount types that lost events."""
    execute(RECOUNT, [(event.member_id, event.type_id) for event in gone if event.type_id])
    with connection.cursor() as cursor:
        cursor.execute(LAST_ACTIVE, [list(members)])
        rows = cursor.fetchall()
    sums = sum_windows([(member_id, rolled_on) for member_id, rolled_on, _ in rows])
    for member_id, rolled_on, last_active_on in rows:
        member = members[member_id]
        member.last_active_on, member.latest_day = last_active_on, rolled_on
        member.sums = {rolled_on: sums[member_id, rolled_on]}
    write_facts(members.values(), set(members))


@dataclass(slots=True)
class Lift:
    """An upgrade that still holds: where the member came from, what was reached, on which local day."""

    before: Rung
    reached: Rung
    day: date
    change_id: int


type Lifts = dict[int, list[Lift]]  # by member, newest first
type Standing = dict[tuple[int, date], Rung | None]  # the highest tier met, by member and end of the window


def undo_tiers(
    configuration: Configuration, members: Members, reversals: Mapping[int, JudgedEvent], *, at: datetime
) -> dict[int, list[int]]:
    """Take back upgrades of members with reversals that nothing supports any more, at once and without grace.

    An upgrade stands when its tier is met in a window that ended with the upgrade, or on a day since. Returns the
    changes of tier that were taken back, by member.
    """
    lifts = _lifts(configuration, [members[member_id] for member_id in reversals])
    pairs = {(member_id, lift.day) for member_id, mine in lifts.items() for lift in mine}
    standing = _standing(configuration, pairs, members)
    doubtful = [pk for pk, mine in lifts.items() if not _stands(mine[0], _best(pk, mine[0].day, standing))]
    if not doubtful:
        return {}
    standing |= _standing(configuration, _days_since({pk: lifts[pk][-1].day for pk in doubtful}), members)
    before = {pk: members[pk].tier for pk in doubtful}
    undone = {pk: _fall_all(members[pk], lifts[pk], standing) for pk in doubtful}
    moves = _moves(before, members, reversals)
    move_members(program_id=configuration.program.program_id, moves=moves, at=at)
    return undone


def _lifts(configuration: Configuration, members: Sequence[MemberState]) -> Lifts:
    """Each member's upgrades that were not taken back since."""
    found: Lifts = {}
    if not configuration.program.ladder:
        return found
    zones = {member.member_id: member.market.zone for member in members}
    for change in TierChange.objects.filter(member_id__in=list(zones)).order_by("id"):
        reached = configuration.rungs.get(change.to_tier_id)
        before = configuration.rungs.get(change.from_tier_id or 0, configuration.program.ladder[0])
        lifts = found.setdefault(change.member_id, [])
        if reached is None or change.reason == TierChange.Reason.ENROLLED:
            lifts.clear()
        elif change.reason in LIFTING and reached.rank > before.rank:
            lifts.append(Lift(before, reached, local_date(change.at, zones[change.member_id]), change.pk))
        else:
            _lower(lifts, reached)
    return {member_id: lifts[::-1] for member_id, lifts in found.items() if lifts}


def _lower(lifts: list[Lift], reached: Rung) -> None:
    """Of upgrades, oldest first, remains what leads no higher than ``reached``."""
    while lifts and lifts[-1].before.rank >= reached.rank:
        lifts.pop()
    if lifts and lifts[-1].reached.rank > reached.rank:
        lifts[-1].reached = reached


def _standing(configuration: Configuration, pairs: Collection[tuple[int, date]], members: Members) -> Standing:
    """What is met in windows that end with these days, and in the latest of each member."""
    program, sums = configuration.program, sum_windows(pairs)
    for member_id in {member_id for member_id, _ in pairs}:
        sums |= {(member_id, day): latest for day, latest in members[member_id].sums.items()}
    return {
        key: highest_met(program.ladder, one.progress(calendar_year=program.calendar_year)) for key, one in sums.items()
    }


def _days_since(first: Mapping[int, date]) -> list[tuple[int, date]]:
    """Every day on which these members did something since a day."""
    with connection.cursor() as cursor:
        cursor.execute(DAYS_SINCE, columns(first.items()))
        return list(cursor.fetchall())


def _stands(lift: Lift, best: Rung | None) -> bool:
    """Whether an upgrade is certainly still met."""
    return best is not None and best.rank >= lift.reached.rank


def _best(member_id: int, since: date, standing: Standing) -> Rung | None:
    """The highest tier met in a window that ends on a day or later."""
    met = {rung.rank: rung for (pk, day), rung in standing.items() if pk == member_id and day >= since and rung}
    return met[max(met)] if met else None


def _fall_all(member: MemberState, lifts: Sequence[Lift], standing: Standing) -> list[int]:
    """Let upgrades fall, newest first, until one stands at least in part; the changes that fell."""
    undone = []
    for lift in lifts:
        tier = member.tier
        is_whole = _fall(member, lift, _best(member.member_id, lift.day, standing))
        undone += [lift.change_id] if member.tier is not tier else []
        if not is_whole:
            break
    return undone


def _fall(member: MemberState, lift: Lift, best: Rung | None) -> bool:
    """Whether an upgrade falls whole; the member goes where its best window leads, not below where it came from."""
    if member.tier is None or member.tier.rank != lift.reached.rank or _stands(lift, best):
        return False
    member.tier = best if best and best.rank > lift.before.rank else lift.before
    return member.tier is lift.before


def _moves(before: Mapping[int, Rung | None], members: Members, reversals: Mapping[int, JudgedEvent]) -> list[Move]:
    """The moves of members who are not where they were."""
    return [
        Move(
            member_id=pk,
            before=tier,
            after=now,
            reason=TierChange.Reason.UNDONE,
            time=reversals[pk].time,
            event_id=reversals[pk].event_id,
        )
        for pk, tier in before.items()
        if tier and (now := members[pk].tier) and now is not tier
    ]
