"""What a reversal leaves of a member's facts and tier."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from django.db import connection

from campaigns.rules.state import JudgedEvent, MemberState
from campaigns.services.apply import TIERS, execute, write_facts
from campaigns.services.configuration import Configuration
from campaigns.services.state import Members
from core.services.outbox import Message, publish
from members.models import TierChange
from members.rules.facts import local_date
from members.rules.tiers import Progress, Rung, highest_met
from members.selectors.windows import sum_windows

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


def undo_tiers(configuration: Configuration, members: Members, reversals: Mapping[int, JudgedEvent]) -> None:
    """Take back upgrades that nothing supports any more, at once and without grace.

    An upgrade stands when its tier is met in the window that ended with the upgrade, or in the latest one.
    """
    upgrades = _upgrades(configuration, members)
    pairs = {(member.member_id, day) for member in members.values() for _, day in upgrades.get(member.member_id, ())}
    sums = sum_windows(pairs)
    changes = []
    yearly = configuration.program.calendar_year
    for member in members.values():
        before = member.tier
        for change, day in upgrades.get(member.member_id, ()):
            standing = [sums[member.member_id, day].progress(calendar_year=yearly)]
            standing += [s.progress(calendar_year=yearly) for s in member.sums.values()]
            if not _fall(configuration, member, change, standing):
                break
        if member.tier is not before and before and member.tier:
            changes.append(_change(member, before, member.tier, reversals[member.member_id]))
    _write(configuration, changes)


def _upgrades(configuration: Configuration, members: Members) -> dict[int, list[tuple[TierChange, date]]]:
    """Each member's latest run of upgrades, newest first, with the local day of each."""
    found: dict[int, list[tuple[TierChange, date]]] = {}
    ended: set[int] = set()
    if not configuration.program.ladder:
        return found
    for change in TierChange.objects.filter(member_id__in=list(members)).order_by("-id"):
        if change.reason != TierChange.Reason.UPGRADE or change.from_tier_id is None:
            ended.add(change.member_id)
        if change.member_id not in ended:
            zone = members[change.member_id].market.zone
            found.setdefault(change.member_id, []).append((change, local_date(change.at, zone)))
    return found


def _fall(configuration: Configuration, member: MemberState, change: TierChange, standing: Sequence[Progress]) -> bool:
    """Whether an upgrade falls whole; the member goes where its best window leads, not below where it came from."""
    reached = configuration.rungs.get(change.to_tier_id)
    before = configuration.rungs.get(change.from_tier_id or 0)
    if reached is None or before is None or member.tier is not reached:
        return False
    best = _best(configuration.program.ladder, standing)
    if best.rank >= reached.rank:
        return False
    member.tier = best if best.rank > before.rank else before
    return member.tier is before


def _best(ladder: Sequence[Rung], standing: Collection[Progress]) -> Rung:
    met = [highest_met(ladder, progress) for progress in standing]
    return max((rung for rung in met if rung), key=lambda rung: rung.rank, default=ladder[0])


def _change(member: MemberState, before: Rung, after: Rung, reversal: JudgedEvent) -> TierChange:
    return TierChange(
        member_id=member.member_id,
        from_tier_id=before.tier_id,
        to_tier_id=after.tier_id,
        reason=TierChange.Reason.UNDONE,
        at=reversal.time,
        event_id=reversal.event_id,
    )


def _write(configuration: Configuration, changes: Sequence[TierChange]) -> None:
    if not changes:
        return
    TierChange.objects.bulk_create(changes)
    execute(TIERS, [(change.member_id, change.to_tier_id, change.at) for change in changes])
    rungs = configuration.rungs
    publish(
        [
            Message(
                "tier.changed",
                configuration.program.program_id,
                {
                    "member": change.member_id,
                    "event": change.event_id,
                    "time": change.at.isoformat(),
                    "tier": rungs[change.to_tier_id].code,
                    "before": rungs[change.from_tier_id or 0].code,
                },
            )
            for change in changes
        ]
    )
