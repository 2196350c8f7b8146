"""Goals in the store: known by number, read for a batch in two questions, written in two statements."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection

from campaigns.models import Goal as GoalRow
from campaigns.rules.definitions import CampaignRules, Goal, Rule, Window
from campaigns.rules.goal_state import GoalState
from campaigns.rules.goal_windows import firing_days, window_days, window_start
from campaigns.rules.judgement import Judgement
from campaigns.rules.state import JudgedEvent, MemberState, Program
from core.rules.arrays import array, columns
from core.services.rounds import Reader

PROGRESS = """
    SELECT p.member_id, p.goal_id, p.start, array_agg(p.key), array_agg(p.value)
    FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[]) AS w(member_id, goal_id, since, until)
    JOIN campaigns_progress p
        ON p.member_id = w.member_id AND p.goal_id = w.goal_id AND p.start BETWEEN w.since AND w.until
    GROUP BY 1, 2, 3
"""
REACHED = """
    SELECT r.member_id, r.goal_id, r.start, r.by, r.reach, count(*)
    FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[]) AS w(member_id, goal_id, since, until)
    JOIN campaigns_reachedmilestone r
        ON r.member_id = w.member_id AND r.goal_id = w.goal_id AND r.start BETWEEN w.since AND w.until
    GROUP BY 1, 2, 3, 4, 5
"""
# Tallies hold what the member's state holds after the batch: its row is locked. Contributions name their tally.
ADD = """
    WITH moved AS (
        INSERT INTO campaigns_progress (member_id, goal_id, start, key, value)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::bigint[])
        ON CONFLICT (member_id, goal_id, start, key) DO UPDATE SET value = excluded.value
        RETURNING id, member_id, goal_id, start, key
    )
    INSERT INTO campaigns_contribution (event_id, progress_id, value)
    SELECT a.event_id, m.id, a.value
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::bigint[])
        AS a(event_id, member_id, goal_id, start, key, value)
    JOIN moved m ON m.member_id = a.member_id AND m.goal_id = a.goal_id AND m.start = a.start AND m.key = a.key
"""
REACH = """
    INSERT INTO campaigns_reachedmilestone (event_id, number, member_id, goal_id, start, by, reach, places)
    SELECT event_id, number, member_id, goal_id, start, by, reach, places::smallint[]
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::bigint[], %s::text[])
        AS r(event_id, number, member_id, goal_id, start, by, reach, places)
"""

type Members = Mapping[int, MemberState]
type Span = tuple[int, int, date, date]  # member, goal, first and last day


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """A member's window of a goal, by its first day."""

    member_id: int
    goal: Goal
    start: date


def open_goals(campaigns: Sequence[CampaignRules]) -> list[CampaignRules]:
    """The same campaigns, their goals with the numbers that progress is kept under; new goals get theirs."""
    wanted = {_name(campaign, rule) for campaign in campaigns for rule in campaign.rules if rule.goal}
    known = _numbers(campaigns) if wanted else {}
    if missing := sorted(wanted - known.keys()):
        rows = [GoalRow(campaign_id=campaign, rule=rule, measure=measure) for campaign, rule, measure in missing]
        GoalRow.objects.bulk_create(rows, ignore_conflicts=True)
        known = _numbers(campaigns)
    return [
        replace(campaign, rules=tuple(_numbered(campaign, rule, known) for rule in campaign.rules))
        for campaign in campaigns
    ]


type Name = tuple[int, str, str]  # campaign, rule, measure


def _name(campaign: CampaignRules, rule: Rule) -> Name:
    return (campaign.campaign_id, rule.code, rule.goal.measure if rule.goal else "")


def _numbers(campaigns: Sequence[CampaignRules]) -> dict[Name, int]:
    rows = GoalRow.objects.filter(campaign__in=[campaign.campaign_id for campaign in campaigns])
    return {(row.campaign_id, row.rule, row.measure): row.pk for row in rows}


def _numbered(campaign: CampaignRules, rule: Rule, known: Mapping[Name, int]) -> Rule:
    if rule.goal is None:
        return rule
    return replace(rule, goal=replace(rule.goal, goal_id=known[_name(campaign, rule)]))


# -- reading ----------------------------------------------------------------------------------


def goal_readers(program: Program, members: Members, events: Sequence[JudgedEvent]) -> list[Reader]:
    """Read what members have of all goals that these events may move; nothing where no goal listens."""
    windows = _windows(program, members, events)
    return read_windows(members, windows) if windows else []


def _windows(program: Program, members: Members, events: Sequence[JudgedEvent]) -> list[OpenWindow]:
    """The windows of goals in which these events fall."""
    found: dict[tuple[int, int, date], OpenWindow] = {}
    for event in events:
        enrolled_at = members[event.member_id].enrolled_at
        for _, rule in program.rules.get(event.type_code, ()):
            if (goal := rule.goal) is None:
                continue
            start = window_start(goal.window, day=event.day, at=event.time, enrolled_at=enrolled_at)
            if start:
                found[event.member_id, goal.goal_id, start] = OpenWindow(event.member_id, goal, start)
    return list(found.values())


def read_windows(members: Members, windows: Collection[OpenWindow]) -> list[Reader]:
    """Read progress and milestones of members in these windows into their states."""
    return [
        _progress(members, _spans(windows, window_days)),
        _reached(members, _spans(windows, firing_days)),
    ]


def _spans(windows: Collection[OpenWindow], days: Callable[[Window, date], tuple[date, date]]) -> list[Span]:
    """The days under which is kept what counts in these windows; no two spans of a member's goal share a day."""
    apart: set[Span] = set()
    rolling: dict[tuple[int, int], tuple[date, date]] = {}
    for one in windows:
        first, last = days(one.goal.window, one.start)
        if one.goal.window.rolling_days:
            known = rolling.get((one.member_id, one.goal.goal_id), (first, last))
            rolling[one.member_id, one.goal.goal_id] = (min(first, known[0]), max(last, known[1]))
        else:
            apart.add((one.member_id, one.goal.goal_id, first, last))
    return sorted(apart.union((*key, *span) for key, span in rolling.items()))


def _progress(members: Members, spans: Sequence[Span]) -> Reader:
    for member_id, goal_id, start, keys, values in (yield PROGRESS, columns(spans)):
        _state(members[member_id], goal_id).tallies[start] = dict(zip(keys, values, strict=True))


def _reached(members: Members, spans: Sequence[Span]) -> Reader:
    for member_id, goal_id, start, by, reach, times in (yield REACHED, columns(spans)):
        _state(members[member_id], goal_id).reached.setdefault(start, {})[by, reach] = times


def _state(member: MemberState, goal_id: int) -> GoalState:
    return member.goals.setdefault(goal_id, GoalState())


# -- writing ----------------------------------------------------------------------------------


def write_goals(members: Members, judgements: Sequence[Judgement]) -> None:
    """Write what events added, and which milestones they reached."""
    tallies: dict[tuple[int, int, date, str], int] = {}
    parts: list[tuple[Any, ...]] = []
    for judgement in judgements:
        event = judgement.event
        for one in judgement.added:
            key = (event.member_id, one.goal.goal_id, one.start, one.key)
            tallies[key] = members[event.member_id].goals[one.goal.goal_id].tallies[one.start][one.key]
            parts.append((event.event_id, *key, one.value))
    if parts:
        with connection.cursor() as cursor:
            rows = sorted((*key, value) for key, value in tallies.items())
            cursor.execute(ADD, [*columns(rows), *columns(parts)])
    reached = [row for judgement in judgements for row in _reached_rows(judgement)]
    if reached:
        with connection.cursor() as cursor:
            cursor.execute(REACH, columns(reached))


def _reached_rows(judgement: Judgement) -> Iterator[tuple[Any, ...]]:
    """The milestones that an event reached, with the places of their effects in its answer."""
    event = judgement.event
    for number, one in enumerate(judgement.reached):
        places = [place for place, award in enumerate(judgement.awards) if award.reached is one]
        head = (event.event_id, number, event.member_id, one.goal.goal_id, one.start, one.by)
        yield (*head, one.milestone.reach, array(places))


def ghost_milestones(judgement: Judgement) -> Iterator[int | None]:
    """The number of the milestone behind each ghost award."""
    numbers = {id(one): number for number, one in enumerate(judgement.reached)}
    yield from (numbers.get(id(ghost.reached)) for ghost in judgement.ghosts)
