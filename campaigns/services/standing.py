"""What a reversal leaves of a member's facts and tier."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from campaigns.rules.lifts import Change, Lift, best_since, fall_all, lifts_of, stands
from campaigns.rules.state import JudgedEvent, MemberState
from campaigns.services.apply import write_facts
from campaigns.services.configuration import Configuration
from campaigns.services.state import Members
from campaigns.services.statements import execute
from core.rules.arrays import columns
from core.services import prepared
from members.models import TierChange
from members.rules.facts import local_date
from members.rules.tiers import Rung, highest_met
from members.selectors.grants import running_grants
from members.selectors.windows import sum_windows
from members.services.grants import hold_granted
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


LIFTING = {TierChange.Reason.UPGRADE, TierChange.Reason.GIVEN, TierChange.Reason.LADDER}


class Gone(Protocol):
    """An event of which nothing remains."""

    member_id: int
    type_id: int | None


def restore_facts(members: Members, gone: Sequence[Gone]) -> None:
    """Read the members' sums again from their days, and recount types that lost events."""
    execute(RECOUNT, [(event.member_id, event.type_id) for event in gone if event.type_id])
    with prepared.cursor() as cursor:
        cursor.execute(LAST_ACTIVE, [list(members)])
        rows = cursor.fetchall()
    sums = sum_windows([(member_id, rolled_on) for member_id, rolled_on, _ in rows])
    for member_id, rolled_on, last_active_on in rows:
        member = members[member_id]
        member.last_active_on, member.latest_day = last_active_on, rolled_on
        member.sums = {rolled_on: sums[member_id, rolled_on]}
    write_facts(members.values(), set(members))


type Lifts = dict[int, list[Lift]]  # by member, newest first
type Standing = dict[tuple[int, date], Rung | None]  # the highest tier met, by member and end of the window


def undo_tiers(
    configuration: Configuration, members: Members, reversals: Mapping[int, JudgedEvent], *, at: datetime
) -> dict[int, list[int]]:
    """Take back upgrades of members with reversals that nothing supports any more, at once and without grace.

    An upgrade stands when its tier is met in a window that ended with the upgrade, or on a day since, or while a grant
    of it runs. Returns the changes of tier that were taken back, by member.
    """
    lifts = _lifts(configuration, [members[member_id] for member_id in reversals])
    pairs = {(member_id, lift.day) for member_id, mine in lifts.items() for lift in mine}
    standing = _standing(configuration, pairs, members) | _granted(configuration, list(lifts))
    met = {pk: _met(pk, standing) for pk in lifts}
    doubtful = [pk for pk, mine in lifts.items() if not stands(mine[0], best_since(mine[0].day, met[pk]))]
    if not doubtful:
        return {}
    standing |= _standing(configuration, _days_since({pk: lifts[pk][-1].day for pk in doubtful}), members)
    before = {pk: members[pk].tier for pk in doubtful}
    undone = {}
    for pk in doubtful:
        members[pk].tier, undone[pk] = fall_all(members[pk].tier, lifts[pk], _met(pk, standing))
    moves = _moves(before, members, reversals)
    move_members(program_id=configuration.program.program_id, moves=moves, at=at)
    hold_granted(lifts)
    return undone


def _granted(configuration: Configuration, ids: Collection[int]) -> Standing:
    """The highest tier that running grants give each member, for ever as far as can be told."""
    found: Standing = {}
    for member_id, grants in running_grants(ids).items() if ids else ():
        rungs = [rung for grant in grants if (rung := configuration.rungs.get(grant.tier_id))]
        if rungs:
            found[member_id, date.max] = max(rungs, key=lambda rung: rung.rank)
    return found


def _lifts(configuration: Configuration, members: Sequence[MemberState]) -> Lifts:
    """Each member's upgrades that were not taken back since."""
    if not configuration.program.ladder:
        return {}
    zones = {member.member_id: member.market.zone for member in members}
    changes: dict[int, list[Change]] = {}
    for row in TierChange.objects.filter(member_id__in=list(zones)).order_by("id"):
        changes.setdefault(row.member_id, []).append(change_of(configuration, row, zones[row.member_id]))
    found = {member_id: lifts_of(mine) for member_id, mine in changes.items()}
    return {member_id: lifts for member_id, lifts in found.items() if lifts}


def change_of(configuration: Configuration, row: TierChange, zone: ZoneInfo) -> Change:
    """A stored change of tier as rules read it."""
    return Change(
        before=configuration.rungs.get(row.from_tier_id or 0, configuration.program.ladder[0]),
        reached=configuration.rungs.get(row.to_tier_id),
        enrolled=row.reason == TierChange.Reason.ENROLLED,
        lifting=row.reason in LIFTING,
        day=local_date(row.at, zone),
        change_id=row.pk,
    )


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
    with prepared.cursor() as cursor:
        cursor.execute(DAYS_SINCE, columns(first.items()))
        return list(cursor.fetchall())


def _met(member_id: int, standing: Standing) -> dict[date, Rung | None]:
    """What one member meets, by the end of the window."""
    return {day: rung for (pk, day), rung in standing.items() if pk == member_id}


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
