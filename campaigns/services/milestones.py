"""What a reversal takes from goals: what the event had added, and the milestones that are no longer reached."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from campaigns.rules.definitions import CampaignRules, Goal, Kind, Rule
from campaigns.rules.gates import holds_out
from campaigns.rules.goal_losses import affected, left, lose
from campaigns.rules.goal_standing import standings
from campaigns.rules.goal_state import GoalState
from campaigns.rules.judgement import GoalStanding, window_name
from campaigns.rules.kinds import NAMES, THING
from campaigns.rules.offers import OpenOffer
from campaigns.rules.state import MemberState, Program
from campaigns.rules.takebacks import Cut, Taken, ghost_effect, is_final, taken_whole
from campaigns.services.compiled import program_compiler
from campaigns.services.configuration import Configuration
from campaigns.services.goals import OpenWindow, read_windows
from campaigns.services.statements import execute
from core.rules.arrays import columns
from core.services import prepared
from core.services.rounds import read
from members.rules.windows import DayEntry

CONTRIBUTIONS = """
    SELECT c.event_id, c.progress_id, c.value, p.goal_id, p.member_id, p.offer_id, p.start, p.key,
        o.until, o.state = 'held_out'
    FROM campaigns_contribution c JOIN campaigns_progress p ON p.id = c.progress_id
    LEFT JOIN campaigns_offer o ON o.id = p.offer_id AND p.offer_id <> 0
    WHERE c.event_id = ANY(%s) ORDER BY p.member_id, p.goal_id, p.offer_id, p.start, p.key
"""
DEFINITIONS = """
    SELECT g.id, g.measure, r.definition
    FROM campaigns_goal g JOIN campaigns_campaignversion v ON v.campaign_id = g.campaign_id
    CROSS JOIN LATERAL jsonb_array_elements(v.definition->'rules') AS r(definition)
    WHERE g.id = ANY(%s) AND r.definition->>'code' = g.rule AND jsonb_exists(r.definition, 'goal')
    ORDER BY v.number
"""
HIGHEST = """
    SELECT progress_id, max(value) FROM campaigns_contribution
    WHERE progress_id = ANY(%s) GROUP BY 1
"""
SHRINK = """
    WITH cut AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS c(event_id, progress_id, value)),
    gone AS (DELETE FROM campaigns_contribution c USING cut
        WHERE c.event_id = cut.event_id AND c.progress_id = cut.progress_id AND cut.value = 0)
    UPDATE campaigns_contribution c SET value = cut.value FROM cut
    WHERE c.event_id = cut.event_id AND c.progress_id = cut.progress_id AND cut.value > 0
"""
TALLIES = """
    UPDATE campaigns_progress p SET value = t.value
    FROM unnest(%s::bigint[], %s::bigint[]) AS t(id, value) WHERE p.id = t.id
"""
ROWS = """
    SELECT r.event_id, r.number, r.member_id, r.goal_id, r.offer_id, r.start, r.by, r.places
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::bigint[], %s::int[])
        AS l(member_id, goal_id, offer_id, start, by, reach, times)
    CROSS JOIN LATERAL (
        SELECT * FROM campaigns_reachedmilestone m WHERE m.member_id = l.member_id AND m.goal_id = l.goal_id
            AND m.offer_id = l.offer_id AND m.start = l.start AND m.by = l.by AND m.reach = l.reach
        ORDER BY m.stays, m.event_id DESC, m.number DESC LIMIT l.times
    ) r WHERE NOT r.stays
"""
ANSWERS = """
    SELECT e.id, e.event_type_id, e.time, e.day, e.outlet_id, o.answer
    FROM campaigns_event e JOIN campaigns_outcome o ON o.event_id = e.id WHERE e.id = ANY(%s)
"""
FORGET = """
    DELETE FROM campaigns_reachedmilestone r USING unnest(%s::bigint[], %s::int[]) AS l(event_id, number)
    WHERE r.event_id = l.event_id AND r.number = l.number
"""
STAY = """
    UPDATE campaigns_reachedmilestone r SET stays = true FROM unnest(%s::bigint[], %s::int[]) AS l(event_id, number)
    WHERE r.event_id = l.event_id AND r.number = l.number
"""
GHOSTS = """
    DELETE FROM campaigns_ghostaward g
    USING unnest(%s::bigint[], %s::int[]) AS l(event_id, number), campaigns_campaignversion v, campaigns_campaign c
    WHERE g.event_id = l.event_id AND g.milestone = l.number AND v.id = g.version_id AND c.id = v.campaign_id
    RETURNING g.event_id, g.milestone, c.code, g.rule, CASE WHEN g.kind = ANY(%s) THEN %s ELSE g.unit END, g.amount
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """A milestone that is no longer reached, with the event that had reached it and what it had given.

    ``once`` names its window, for things that are given once in each; it was the ``number``-th that the event reached.
    ``is_final``: its value is the member's for good, so that it is not lost at all.
    """

    member_id: int
    event_id: int
    type_id: int
    time: datetime
    day: date
    outlet_id: int
    once: str
    number: int
    goal_id: int
    offer_id: int
    takings: Sequence[Taken]
    is_final: bool
    ghosts: list[Taken] = field(default_factory=list)

    def entry(self) -> DayEntry:
        """What the day of the event that had reached it loses."""
        points = sum(one.amount for one in self.takings if one.effect["kind"] in {"points", "status_points"})
        return DayEntry(self.day, self.type_id, self.outlet_id, 0, 0, 0, -points)


@dataclass(slots=True)
class Window:
    """A member's window of a goal that something is taken from: what remains under each key.

    Of an offer's own window ``until`` is the offer's end, and it may be ``held_out``.
    """

    member_id: int
    goal: Goal
    start: date
    offer_id: int = 0
    until: datetime | None = None
    held_out: bool = False
    cuts: dict[str, int] = field(default_factory=dict)  # what goes, by key
    rows: dict[str, int] = field(default_factory=dict)  # ids of the tallies, by key

    def remaining(self, state: GoalState, highest: Mapping[int, int]) -> dict[str, int]:
        """The tallies after it: levels fall to the highest of what remains."""
        if self.goal.kind is Kind.LEVEL:
            return {key: highest.get(row, 0) for key, row in self.rows.items()}
        tallies = state.tallies[self.start]
        return {key: tallies[key] - gone for key, gone in self.cuts.items()}


def lose_progress(
    configuration: Configuration, members: Mapping[int, MemberState], cuts: Mapping[int, Cut], today: date
) -> tuple[list[Window], list[Lost]]:
    """Take from goals what is taken of events (``cuts`` by event), and find what is reached no more.

    The members are locked. A fixed number of queries. The members' states know the goals afterwards as they are then;
    ``give_up`` then says which milestones really go.
    """
    rows = _ask(CONTRIBUTIONS, list(cuts))
    goals = _goals(configuration, {row[3] for row in rows})
    windows: dict[tuple[int, int, int, date], Window] = {}
    smaller: list[tuple[int, int, int]] = []
    for event_id, progress_id, value, goal_id, member_id, offer_id, start, key, *of in rows:
        remains = left(goals[goal_id], value, cuts[event_id])
        if remains == value:
            continue
        smaller.append((event_id, progress_id, remains))
        whose = (member_id, goal_id, offer_id, start)
        window = windows.setdefault(whose, Window(member_id, goals[goal_id], start, offer_id, *of))
        window.cuts[key], window.rows[key] = value - remains, progress_id
    if not windows:
        return [], []
    execute(SHRINK, smaller)
    lost = _lose(members, list(windows.values()))
    return list(windows.values()), _lost(lost, configuration.program.reversal, today) if lost else []


def _lose(members: Mapping[int, MemberState], windows: Sequence[Window]) -> list[tuple[Any, ...]]:
    read(read_windows(members, [one for window in windows for one in _affected(window)]))
    levels = [row for window in windows if window.goal.kind is Kind.LEVEL for row in window.rows.values()]
    highest = dict(_ask(HIGHEST, levels)) if levels else {}
    tallies: list[tuple[int, int]] = []
    lost: list[tuple[Any, ...]] = []
    for window in windows:
        state = members[window.member_id].goal(window.goal.goal_id, window.offer_id)
        remaining = window.remaining(state, highest)
        tallies += [(window.rows[key], value) for key, value in remaining.items()]
        gone = lose(window.goal, state, window.start, remaining)
        whose = (window.member_id, window.goal.goal_id, window.offer_id)
        lost += [(*whose, *key, times) for key, times in gone.items()]
    execute(TALLIES, tallies)
    return lost


def _affected(window: Window) -> list[OpenWindow]:
    """The windows to read: the first and the last that the tallies count in; those between are read with them."""
    days = affected(window.goal, window.start)
    return [OpenWindow(window.member_id, window.goal, day, window.offer_id) for day in dict.fromkeys(days)]


def _lost(lost: Sequence[tuple[Any, ...]], policy: str, today: date) -> list[Lost]:
    """Milestones, the latest first, and what they had given; those that stay since an earlier loss are no loss."""
    with prepared.cursor() as cursor:
        cursor.execute(ROWS, columns(lost))
        rows = cursor.fetchall()
    answers = {pk: rest for pk, *rest in _ask(ANSWERS, list({row[0] for row in rows}))}
    found = {}
    for event_id, number, member_id, goal_id, offer_id, start, by, places in rows:
        type_id, time, day, outlet_id, answer = answers[event_id]
        takings = taken_whole(json.loads(answer)["effects"], places)
        final = any(one.amount and is_final(one.effect, policy, today) for one in takings)
        once = window_name(goal_id, start, by, offer_id)
        of_event = (member_id, event_id, type_id, time, day, outlet_id)
        found[event_id, number] = Lost(*of_event, once, number, goal_id, offer_id, takings, final)
    if not found:
        return []
    with prepared.cursor() as cursor:
        cursor.execute(GHOSTS, [*columns(found), list(NAMES), THING])
        for event_id, number, campaign, rule, unit, amount in cursor.fetchall():
            one = found[event_id, number]
            one.ghosts.append(Taken(-1, ghost_effect(campaign, rule, one.offer_id), unit, amount))
    return list(found.values())


def give_up(lost: Sequence[Lost], staying: Sequence[Lost]) -> None:
    """Forget milestones that were taken back whole; of others something is with the member, and they stay reached."""
    execute(FORGET, [(one.event_id, one.number) for one in lost])
    execute(STAY, [(one.event_id, one.number) for one in staying])


def _ask(sql: str, ids: list[int], *more: Any) -> list[tuple[Any, ...]]:
    with prepared.cursor() as cursor:
        cursor.execute(sql, [ids, *more])
        return list(cursor.fetchall())


def _goals(configuration: Configuration, ids: Collection[int]) -> dict[int, Goal]:
    """Goals as they are in force; of campaigns and rules that are not any more, as they were last."""
    rules = [rule for rules in configuration.program.rules.values() for _, rule in rules]
    found = {rule.goal.goal_id: rule.goal for rule in rules if rule.goal}
    if missing := set(ids) - found.keys():
        compiler = program_compiler(configuration.row, configuration.catalogue)
        for goal_id, measure, definition in _ask(DEFINITIONS, list(missing)):
            goal = compiler.goal(json.loads(definition))
            if goal.measure == measure:
                found[goal_id] = replace(goal, goal_id=goal_id)
    return found


def goals_after(
    configuration: Configuration, member: MemberState, windows: Sequence[Window], day: date
) -> list[GoalStanding]:
    """How far goals in force are after a loss; what a member is held out of stays unseen."""
    by_goal: defaultdict[int, list[Window]] = defaultdict(list)
    for window in windows:
        by_goal[window.goal.goal_id].append(window)
    found: list[GoalStanding] = []
    for rules in configuration.program.rules.values() if by_goal else ():
        for campaign, rule in rules:
            for window in by_goal.get(rule.goal.goal_id, ()) if rule.goal else ():
                if not _is_hidden(configuration.program, campaign, member, window):
                    found += _standings(campaign, rule, member, window, day)
    return found


def _is_hidden(program: Program, campaign: CampaignRules, member: MemberState, window: Window) -> bool:
    if window.offer_id:
        return window.held_out
    return holds_out(campaign, program=program.code, percent=program.holdout, member=member.uuid)


def _standings(
    campaign: CampaignRules, rule: Rule, member: MemberState, window: Window, day: date
) -> list[GoalStanding]:
    offer = None
    if window.offer_id and window.until:
        offer = OpenOffer(window.offer_id, campaign.campaign_id, at=window.until, until=window.until)
    owners = window.rows
    return standings(campaign, rule, window.goal, member, start=window.start, day=day, owners=owners, offer=offer)
