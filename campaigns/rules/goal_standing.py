"""How far a member's goals are, for answers."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from campaigns.rules.definitions import CampaignRules, Goal, Kind, Rule
from campaigns.rules.gates import instant
from campaigns.rules.goal_windows import window_end
from campaigns.rules.goals import progress
from campaigns.rules.judgement import GoalStanding
from campaigns.rules.offers import OpenOffer
from campaigns.rules.state import MemberState


def standings(  # where the goal stands, and what of whom is asked
    campaign: CampaignRules,
    rule: Rule,
    goal: Goal,
    member: MemberState,
    *,
    start: date,
    day: date,
    owners: Iterable[str],
    offer: OpenOffer | None = None,
) -> list[GoalStanding]:
    """A member's standing on a local day in the window of ``start``: one, of levels one for each of ``owners``."""
    offer_id = offer.offer_id if offer else 0
    tallies = member.goal(goal.goal_id, offer_id).gathered(goal, start)
    ends_at = goal_end(
        campaign,
        goal,
        start,
        zone=member.market.zone,
        enrolled_at=member.enrolled_at,
        until=offer.until if offer else None,
    )
    whose = sorted(owners) if goal.kind is Kind.LEVEL else [""]
    return [GoalStanding(campaign, rule, goal, by, progress(goal, tallies, by, day), ends_at, offer_id) for by in whose]


def goal_end(
    campaign: CampaignRules,
    goal: Goal,
    start: date,
    *,
    zone: ZoneInfo,
    enrolled_at: datetime,
    until: datetime | None,
) -> datetime | None:
    """The end of the window, of the campaign or of the offer (``until``), whichever comes first."""
    ends = [window_end(goal.window, start, zone=zone, enrolled_at=enrolled_at), until]
    if campaign.ends:
        ends.append(instant(campaign.ends, zone))
    return min((end for end in ends if end), default=None)
