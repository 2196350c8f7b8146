"""Goals in the store: known by number, read for a batch in two questions, written in two statements."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from campaigns.models import Goal as GoalRow
from campaigns.rules.definitions import CampaignRules, Goal, Rule, Window
from campaigns.rules.goal_windows import firing_days, window_days, window_start
from campaigns.rules.judgement import Judgement
from campaigns.rules.state import JudgedEvent, MemberState, Program
from core.rules.arrays import array, columns
from core.services import prepared
from core.services.rounds import Reader

SPANS = "unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::date[])"
PROGRESS = f"""
    SELECT p.member_id, p.goal_id, p.offer_id, p.start, array_agg(p.key), array_agg(p.value)
    FROM {SPANS} AS w(member_id, goal_id, offer_id, since, until)
    JOIN campaigns_progress p ON p.member_id = w.member_id AND p.goal_id = w.goal_id AND p.offer_id = w.offer_id
        AND p.start BETWEEN w.since AND w.until
    GROUP BY 1, 2, 3, 4
"""
REACHED = f"""
    SELECT r.member_id, r.goal_id, r.offer_id, r.start, r.by, r.reach, count(*)
    FROM {SPANS} AS w(member_id, goal_id, offer_id, since, until)
    JOIN campaigns_reachedmilestone r ON r.member_id = w.member_id AND r.goal_id = w.goal_id
        AND r.offer_id = w.offer_id AND r.start BETWEEN w.since AND w.until
    GROUP BY 1, 2, 3, 4, 5, 6
"""
# Tallies hold what the member's state holds after the batch: its row is locked. Contributions name their tally.
ADD = """
    WITH moved AS (
        INSERT INTO campaigns_progress (member_id, goal_id, offer_id, start, key, value)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::bigint[])
        ON CONFLICT (member_id, goal_id, offer_id, start, key) DO UPDATE SET value = excluded.value
        RETURNING id, member_id, goal_id, offer_id, start, key
    )
    INSERT INTO campaigns_contribution (event_id, progress_id, value)
    SELECT a.event_id, m.id, a.value
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::bigint[])
        AS a(event_id, member_id, goal_id, offer_id, start, key, value)
    JOIN moved m ON m.member_id = a.member_id AND m.goal_id = a.goal_id AND m.offer_id = a.offer_id
        AND m.start = a.start AND m.key = a.key
"""
REACH = """
    INSERT INTO campaigns_reachedmilestone (event_id, number, member_id, goal_id, offer_id, start, by, reach, places)
    SELECT event_id, number, member_id, goal_id, offer_id, start, by, reach, places::smallint[]
    FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::text[],
        %s::bigint[], %s::text[]) AS r(event_id, number, member_id, goal_id, offer_id, start, by, reach, places)
"""

type Members = Mapping[int, MemberState]
type Span = tuple[int, int, int, date, date]  # member, goal, offer, first and last day


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """A member's window of a goal, by its first day; of an offer it has another (``offer_id``, 0 = none)."""

    member_id: int
    goal: Goal
    start: date
    offer_id: int = 0


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


def number_goals(campaigns: Sequence[CampaignRules], unknown: dict["Name", int]) -> list[CampaignRules]:
    """The same without writing: goals that are not there yet get negative numbers, which ``unknown`` remembers."""
    known = _numbers(campaigns)
    for campaign in campaigns:
        for rule in campaign.rules:
            if rule.goal and (name := _name(campaign, rule)) not in known:
                known[name] = unknown.setdefault(name, -1 - len(unknown))
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
        for campaign, rule in program.rules.get(event.type_code, ()):
            if (goal := rule.goal) is None or campaign.offer:  # those of offers are read with the offers
                continue
            start = window_start(goal.window, day=event.day, at=event.time, enrolled_at=enrolled_at)
            if start:
                found[event.member_id, goal.goal_id, start] = OpenWindow(event.member_id, goal, start)
    return list(found.values())


def read_windows(members: Members, windows: Collection[OpenWindow]) -> list[Reader]:
    """Read progress and milestones of members in these windows into their states."""
    return [read_progress(members, windows), _reached(members, _spans(windows, firing_days))]


def read_progress(members: Members, windows: Collection[OpenWindow]) -> Reader:
    """Read progress alone."""
    return _progress(members, _spans(windows, window_days))


def _spans(windows: Collection[OpenWindow], days: Callable[[Window, date], tuple[date, date]]) -> list[Span]:
    """The days under which is kept what counts in these windows; no two spans of a member's goal share a day."""
    apart: set[Span] = set()
    rolling: dict[tuple[int, int, int], tuple[date, date]] = {}
    for one in windows:
        first, last = days(one.goal.window, one.start)
        whose = (one.member_id, one.goal.goal_id, one.offer_id)
        if one.goal.window.rolling_days:
            known = rolling.get(whose, (first, last))
            rolling[whose] = (min(first, known[0]), max(last, known[1]))
        else:
            apart.add((*whose, first, last))
    return sorted(apart.union((*key, *span) for key, span in rolling.items()))


def _progress(members: Members, spans: Sequence[Span]) -> Reader:
    for member_id, goal_id, offer_id, start, keys, values in (yield PROGRESS, columns(spans)):
        members[member_id].goal(goal_id, offer_id).tallies[start] = dict(zip(keys, values, strict=True))


def _reached(members: Members, spans: Sequence[Span]) -> Reader:
    for member_id, goal_id, offer_id, start, by, reach, times in (yield REACHED, columns(spans)):
        members[member_id].goal(goal_id, offer_id).reached.setdefault(start, {})[by, reach] = times


# -- writing ----------------------------------------------------------------------------------


def write_goals(members: Members, judgements: Sequence[Judgement]) -> None:
    """Write what events added, and which milestones they reached."""
    tallies: dict[tuple[int, int, int, date, str], int] = {}
    parts: list[tuple[Any, ...]] = []
    for judgement in judgements:
        event = judgement.event
        for one in judgement.added:
            key = (event.member_id, one.goal.goal_id, one.offer_id, one.start, one.key)
            state = members[event.member_id].goals[one.goal.goal_id, one.offer_id]
            tallies[key] = state.tallies[one.start][one.key]
            parts.append((event.event_id, *key, one.value))
    if parts:
        with prepared.cursor() as cursor:
            rows = sorted((*key, value) for key, value in tallies.items())
            cursor.execute(ADD, [*columns(rows), *columns(parts)])
    reached = [row for judgement in judgements for row in _reached_rows(judgement)]
    if reached:
        with prepared.cursor() as cursor:
            cursor.execute(REACH, columns(reached))


def _reached_rows(judgement: Judgement) -> Iterator[tuple[Any, ...]]:
    """The milestones that an event reached, with the places of their effects in its answer."""
    event = judgement.event
    for number, one in enumerate(judgement.reached):
        places = [place for place, award in enumerate(judgement.awards) if award.reached is one]
        offer_id = one.offer.offer_id if one.offer else 0
        head = (event.event_id, number, event.member_id, one.goal.goal_id, offer_id, one.start, one.by)
        yield (*head, one.milestone.reach, array(places))


def ghost_milestones(judgement: Judgement) -> Iterator[int | None]:
    """The number of the milestone behind each ghost award."""
    numbers = {id(one): number for number, one in enumerate(judgement.reached)}
    yield from (numbers.get(id(ghost.reached)) for ghost in judgement.ghosts)
