"""Offers as people and programs read them: their state at a moment, and how far their goal is."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from campaigns.models import Campaign, CampaignVersion, Offer
from campaigns.rules.answers import Body, shown_reach
from campaigns.rules.definitions import CampaignRules, Goal, Kind, Rule
from campaigns.rules.goal_standing import goal_end
from campaigns.rules.goal_windows import window_start
from campaigns.rules.goals import Progress, Tallies, gathered, progress
from campaigns.rules.offers import COMPLETED, state_shown
from campaigns.selectors.glance import Kept
from campaigns.selectors.names import program_names
from campaigns.services.compiled import compile_version, program_compiler
from campaigns.services.configuration import Configuration
from campaigns.services.goals import open_goals
from campaigns.services.progress import StreakPeriod, streak_period
from core.rules.arrays import columns
from core.rules.moments import show_moment
from core.services import prepared
from members.models import Member
from members.rules.facts import local_date

TALLIES = """
    SELECT p.offer_id, p.goal_id, p.start, array_agg(p.key), array_agg(p.value)
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS w(member_id, goal_id, offer_id)
    JOIN campaigns_progress p ON p.member_id = w.member_id AND p.goal_id = w.goal_id AND p.offer_id = w.offer_id
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class OfferGoal:
    """How far an offer's goal is, until when it runs, and of a streak its period.

    Sums are minor units of the goal's currency.
    """

    rule: Rule
    goal: Goal
    progress: Progress
    ends_at: datetime | None
    streak: StreakPeriod | None


@dataclass(frozen=True, slots=True)
class OfferRecord:
    """An offer with its campaign and goals; ``state`` is what it is at the moment that was asked about."""

    offer: Offer
    campaign: Campaign
    rules: CampaignRules
    member: str
    state: str
    goals: Sequence[OfferGoal]

    @property
    def completed_at(self) -> datetime | None:
        """When it was completed; of one that stays open that is told in the end."""
        return self.offer.completed_at if self.state == COMPLETED else None

    def document(self) -> Body:
        """The offer as the API prints it, texts in the language that is active."""
        offer, completed = self.offer, self.completed_at
        return {
            "id": str(offer.pk),
            "campaign": self.campaign.code,
            "name": self.campaign.name,
            "text": self.campaign.text or None,
            "member": self.member,
            "state": self.state,
            "at": show_moment(offer.at),
            "until": show_moment(offer.until),
            **self._progress(),
            "completed_at": show_moment(completed) if completed else None,
            "reference": offer.reference or None,
        }

    def _progress(self) -> Body:
        """That of the first goal; an offer without any takes one firing."""
        if not self.goals:
            done = self.offer.completed_at is not None
            return {"progress": int(done), "target": None if done else 1}
        goal, (done_so_far, target) = self.goals[0].goal, self.goals[0].progress
        body: Body = {"progress": shown_reach(goal, done_so_far), "target": shown_reach(goal, target)}
        return body | ({"currency": goal.currency} if goal.kind is Kind.SUM else {})


def offer_records(
    *, configuration: Configuration, offers: Sequence[Offer], at: datetime, kept: Kept | None = None
) -> list[OfferRecord]:
    """Offers, each with its ``member`` and that one's market at hand, as of a moment; a fixed number of queries.

    ``kept`` are the tallies of their goals, if they are known.
    """
    if not offers:
        return []
    rules, names = _rules(configuration, {offer.campaign_id for offer in offers}), program_names(configuration.row)
    tallies = _kept(offers, rules) if kept is None else kept
    return [
        _record(offer, names.campaigns[offer.campaign_id], rules[offer.campaign_id], tallies, at) for offer in offers
    ]


def _rules(configuration: Configuration, ids: Collection[int]) -> dict[int, CampaignRules]:
    """Campaigns as they are in force; those that are not any more, as they were last."""
    in_force = [campaign for rules in configuration.program.rules.values() for campaign, _rule in rules]
    found = {campaign.campaign_id: campaign for campaign in in_force}
    if missing := set(ids) - found.keys():
        compiler = program_compiler(configuration.row, configuration.catalogue)
        versions = CampaignVersion.objects.filter(campaign__in=missing).select_related("campaign__program")
        newest = versions.order_by("campaign_id", "-number").distinct("campaign_id")
        found |= {one.campaign_id: one for one in open_goals([compile_version(compiler, v) for v in newest])}
    return found


def _kept(offers: Sequence[Offer], rules: Mapping[int, CampaignRules]) -> Kept:
    """The tallies of goals of offers, by the first day that they count under."""
    wanted = [
        (offer.member_id, rule.goal.goal_id, offer.pk)
        for offer in offers
        for rule in rules[offer.campaign_id].rules
        if rule.goal
    ]
    found: defaultdict[tuple[int, int], dict[date, Tallies]] = defaultdict(dict)
    if wanted:
        with prepared.cursor() as cursor:
            cursor.execute(TALLIES, columns(wanted))
            for offer_id, goal_id, start, keys, values in cursor.fetchall():
                found[offer_id, goal_id][start] = dict(zip(keys, values, strict=True))
    return found


def _record(offer: Offer, campaign: Campaign, rules: CampaignRules, kept: Kept, at: datetime) -> OfferRecord:
    goals = [
        _goal(rules, rule, goal, kept.get((offer.pk, goal.goal_id), {}), offer, at)
        for rule in rules.rules
        if (goal := rule.goal)
    ]
    state = state_shown(
        offer.state, completed=offer.completed_at is not None, closed=offer.is_closed, until=offer.until, at=at
    )
    return OfferRecord(offer, campaign, rules, offer.member.external_id, state, goals)


def _goal(  # noqa: PLR0917  # private: a goal, and what of which offer is kept for it
    rules: CampaignRules, rule: Rule, goal: Goal, kept: Mapping[date, Tallies], offer: Offer, at: datetime
) -> OfferGoal:
    """How far a goal is; of an offer that is over, how far it was in the end."""
    member: Member = offer.member
    zone, enrolled_at = ZoneInfo(member.market.timezone), member.enrolled_at
    last = min(at, offer.until, offer.completed_at or at)
    day = local_date(last, zone)
    start = window_start(goal.window, day=day, at=last, enrolled_at=enrolled_at)
    tallies = gathered(goal, kept, start) if start else {}
    by = max(tallies, key=lambda key: tallies[key], default="") if goal.kind is Kind.LEVEL else ""
    ends_at = goal_end(rules, goal, start or day, zone=zone, enrolled_at=enrolled_at, until=offer.until)
    return OfferGoal(rule, goal, progress(goal, tallies, by, day), ends_at, streak_period(goal, tallies, zone, day))
