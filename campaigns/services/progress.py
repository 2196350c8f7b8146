"""The goals that a member may see, with how far each of them is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from campaigns.rules.answers import Body, goal_body, shown, shown_reach
from campaigns.rules.definitions import CampaignRules, Goal, Kind, Period, Rule
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.gates import Gates
from campaigns.rules.goal_standing import standings
from campaigns.rules.goal_windows import midnight, period_end, period_start, window_start
from campaigns.rules.goals import Tallies, alive, due, runs, streak_of
from campaigns.rules.judgement import GoalStanding
from campaigns.rules.offers import OpenOffer
from campaigns.rules.state import JudgedEvent, MemberState, no_event
from campaigns.services.configuration import Configuration, current_configuration
from campaigns.services.goals import OpenWindow, read_progress
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
    moment = no_event(state, configuration.program.zone, at)
    read_state(configuration, {member.pk: state}, [moment], moment.program_day)
    return goals_of(configuration=configuration, state=state, at=at)


def goals_of(
    *, configuration: Configuration, state: MemberState, at: datetime, campaigns: Mapping[int, Campaign] | None = None
) -> list[MemberGoal]:
    """The same for a member whose facts are known, and perhaps the campaigns by id: one query, or two."""
    moment = no_event(state, configuration.program.zone, at)
    found = list(_shown(configuration, state, moment))
    if not found:
        return []
    pk = state.member_id
    read([read_progress({pk: state}, [OpenWindow(pk, one.goal, one.start, one.offer_id) for one in found])])
    named = campaigns or Campaign.objects.in_bulk({one.campaign.campaign_id for one in found})
    return [
        _member_goal(named[one.campaign.campaign_id], standing, state, one.start, moment.day)
        for one in found
        for standing in _standings(one, state, moment.day)
    ]


@dataclass(frozen=True, slots=True)
class _Open:
    """A goal that is open, the window that it is in, and the offer that it belongs to."""

    campaign: CampaignRules
    rule: Rule
    goal: Goal
    start: date
    offer: OpenOffer | None

    @property
    def offer_id(self) -> int:
        """0 = no offer."""
        return self.offer.offer_id if self.offer else 0


def _shown(configuration: Configuration, member: MemberState, moment: JudgedEvent) -> Iterator[_Open]:
    """Goals that are open, one for each offer that is."""
    types = {name: kind for by_name in configuration.fact_types.values() for name, kind in by_name.items()}
    gates = Gates(moment, member, configuration.program, EventFacts(moment, member, configuration.program, types))
    rules = [pair for pairs in configuration.program.rules.values() for pair in pairs if pair[1].goal]
    for campaign, rule in sorted(rules, key=lambda pair: (-pair[0].priority, pair[0].code, pair[1].index)):
        if (goal := rule.goal) is None:
            continue
        start = window_start(goal.window, day=moment.day, at=moment.time, enrolled_at=member.enrolled_at)
        if start:
            yield from (_Open(campaign, rule, goal, start, offer) for offer in _offers(campaign, gates))


def _offers(campaign: CampaignRules, gates: Gates) -> list[OpenOffer | None]:
    """The offers under which a campaign is open: none, for one that pays by itself."""
    if campaign.offer is None:
        return [None] if gates.shows(campaign) else []
    is_live = gates(campaign).reason != "not-live"
    return [offer for offer in gates.offers(campaign) if is_live and not offer.held_out]


def _standings(one: _Open, member: MemberState, day: date) -> list[GoalStanding]:
    """One, of levels one for each vehicle that was seen; of levels without any an empty one."""
    owners = member.goal(one.goal.goal_id, one.offer_id).gathered(one.goal, one.start) or [""]
    return standings(one.campaign, one.rule, one.goal, member, start=one.start, day=day, owners=owners, offer=one.offer)


def _member_goal(campaign: Campaign, standing: GoalStanding, member: MemberState, start: date, day: date) -> MemberGoal:
    goal = standing.goal
    tallies = member.goal(goal.goal_id, standing.offer_id).gathered(goal, start)
    if goal.repeat:
        reached = frozenset(m.reach for m in goal.milestones if m.reach <= standing.progress.progress)
    else:
        reached = frozenset(reach for reach, times in due(goal, tallies, standing.by).items() if times)
    return MemberGoal(campaign, standing, reached, streak_period(goal, tallies, member.market.zone, day))


def streak_period(goal: Goal, tallies: Tallies, zone: ZoneInfo, day: date) -> StreakPeriod | None:
    """The period of a streak in which a local day lies; None of other goals."""
    if goal.kind is not Kind.STREAK:
        return None
    streak = streak_of(goal)
    run = alive(streak, runs(streak, tallies), day)
    return StreakPeriod(
        period=streak.period,
        has=tallies.get(period_start(streak.period, day).isoformat(), 0),
        needs=streak.need,
        ends_at=midnight(period_end(streak.period, day), zone),
        freezes=run.freezes if run else streak.freezes,
    )
