"""The goals that a member may see, with how far each of them is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from campaigns.models import Campaign
from campaigns.rules.answers import Body, goal_body, shown, shown_reach
from campaigns.rules.definitions import CampaignRules, Goal, Kind, Period, Rule
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.gates import Gates
from campaigns.rules.goal_standing import standings
from campaigns.rules.goal_state import GoalState
from campaigns.rules.goal_windows import midnight, period_end, period_start, window_start
from campaigns.rules.goals import Tallies, alive, due, runs, streak_of
from campaigns.rules.judgement import GoalStanding
from campaigns.rules.state import JudgedEvent, MemberState
from campaigns.services.configuration import Configuration, current_configuration
from campaigns.services.goals import OpenWindow, read_windows
from campaigns.services.state import read_members, read_state
from core.rules.moments import show_moment
from core.services.rounds import read
from members.models import Member


@dataclass(frozen=True, slots=True)
class StreakPeriod:
    """The running period of a streak: what it has of what it needs, when it ends, and the freezes that are left."""

    period: Period
    has: int
    needs: int
    ends_at: datetime
    freezes: int


@dataclass(frozen=True, slots=True)
class MemberGoal:
    """A goal of a member. ``reached`` are the milestones of its window (of a goal that repeats: of the running lap).

    Sums, their milestones and amounts of a streak are minor units of ``standing.goal.currency``.
    """

    campaign: Campaign
    standing: GoalStanding
    reached: frozenset[int]
    streak: StreakPeriod | None

    def document(self) -> Body:
        """The goal as the API prints it, texts in the language that is active."""
        goal = self.standing.goal
        body: Body = {
            **goal_body(self.standing),
            "name": self.campaign.name,
            "text": self.campaign.text or None,
            "kind": goal.kind.value,
            "repeat": goal.repeat,
            "milestones": [
                {"reach": shown_reach(goal, m.reach), "reached": m.reach in self.reached} for m in goal.milestones
            ],
        }
        return body | ({"streak": _streak_body(self.streak, goal)} if self.streak else {})


def _streak_body(streak: StreakPeriod, goal: Goal) -> Body:
    body: Body = {
        "period": streak.period.value,
        "has": shown(streak.has, goal.currency),
        "needs": shown(streak.needs, goal.currency),
        "ends_at": show_moment(streak.ends_at),
        "freezes": streak.freezes,
    }
    return body | ({"currency": goal.currency} if goal.currency else {})


def member_goals(*, member: Member, at: datetime) -> list[MemberGoal]:
    """The goals of campaigns that are open to a member now, in order of judgement; a fixed number of queries."""
    configuration = current_configuration(member.program_id)
    state = read_members(configuration, [member.pk])[member.pk]
    moment = _moment(configuration, state, at)
    read_state(configuration, {member.pk: state}, [moment], moment.program_day)
    return goals_of(configuration=configuration, state=state, at=at)


def goals_of(
    *, configuration: Configuration, state: MemberState, at: datetime, campaigns: Mapping[int, Campaign] | None = None
) -> list[MemberGoal]:
    """The same for a member whose facts are known, and perhaps the campaigns by id: two queries, or three."""
    moment = _moment(configuration, state, at)
    found = list(_shown(configuration, state, moment))
    if not found:
        return []
    pk = state.member_id
    read(read_windows({pk: state}, [OpenWindow(pk, goal, start) for _, _, goal, start in found]))
    named = campaigns or Campaign.objects.in_bulk({campaign.campaign_id for campaign, *_ in found})
    return [
        _member_goal(named[campaign.campaign_id], standing, state, start, moment.day)
        for campaign, rule, goal, start in found
        for standing in _standings(campaign, rule, goal, state, start, moment.day)
    ]


def _shown(
    configuration: Configuration, member: MemberState, moment: JudgedEvent
) -> Iterator[tuple[CampaignRules, Rule, Goal, date]]:
    """Goals that are open, and the windows that they are in."""
    types = {name: kind for by_name in configuration.fact_types.values() for name, kind in by_name.items()}
    gates = Gates(moment, member, configuration.program, EventFacts(moment, member, configuration.program, types))
    rules = [pair for pairs in configuration.program.rules.values() for pair in pairs if pair[1].goal]
    for campaign, rule in sorted(rules, key=lambda pair: (-pair[0].priority, pair[0].code, pair[1].index)):
        if (goal := rule.goal) and gates.shows(campaign):
            start = window_start(goal.window, day=moment.day, at=moment.time, enrolled_at=member.enrolled_at)
            if start:
                yield campaign, rule, goal, start


def _standings(  # noqa: PLR0917  # private: where one goal stands
    campaign: CampaignRules, rule: Rule, goal: Goal, member: MemberState, start: date, day: date
) -> list[GoalStanding]:
    """One, of levels one for each vehicle that was seen; of levels without any an empty one."""
    owners = member.goals.get(goal.goal_id, GoalState()).gathered(goal, start) or [""]
    return standings(campaign, rule, goal, member, start=start, day=day, owners=owners)


def _member_goal(campaign: Campaign, standing: GoalStanding, member: MemberState, start: date, day: date) -> MemberGoal:
    goal = standing.goal
    tallies = member.goals.get(goal.goal_id, GoalState()).gathered(goal, start)
    if goal.repeat:
        reached = frozenset(m.reach for m in goal.milestones if m.reach <= standing.progress.progress)
    else:
        reached = frozenset(reach for reach, times in due(goal, tallies, standing.by).items() if times)
    return MemberGoal(campaign, standing, reached, _streak_period(goal, tallies, member, day))


def _streak_period(goal: Goal, tallies: Tallies, member: MemberState, day: date) -> StreakPeriod | None:
    if goal.kind is not Kind.STREAK:
        return None
    streak = streak_of(goal)
    run = alive(streak, runs(streak, tallies), day)
    return StreakPeriod(
        period=streak.period,
        has=tallies.get(period_start(streak.period, day).isoformat(), 0),
        needs=streak.need,
        ends_at=midnight(period_end(streak.period, day), member.market.zone),
        freezes=run.freezes if run else streak.freezes,
    )


def _moment(configuration: Configuration, member: MemberState, at: datetime) -> JudgedEvent:
    """Nothing that happened: what members' conditions are judged for."""
    local = at.astimezone(member.market.zone)
    return JudgedEvent(
        event_id=0,
        source="",
        key="",
        type_code="",
        type_id=0,
        qualifying=False,
        member_id=member.member_id,
        time=at,
        local=local,
        day=local.date(),
        program_day=at.astimezone(configuration.program.zone).date(),
        amount_minor=None,
        currency="",
        amount_base=None,
        outlet=None,
        data={},
    )
