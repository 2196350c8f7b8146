"""How far a member's goals are, for answers."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from campaigns.rules.definitions import CampaignRules, Goal, Kind, Rule
from campaigns.rules.gates import instant
from campaigns.rules.goal_state import GoalState
from campaigns.rules.goal_windows import window_end
from campaigns.rules.goals import progress
from campaigns.rules.judgement import GoalStanding
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
) -> list[GoalStanding]:
    """A member's standing on a local day in the window of ``start``: one, of levels one for each of ``owners``."""
    tallies = member.goals.get(goal.goal_id, GoalState()).gathered(goal, start)
    ends_at = _ends_at(campaign, goal, start, member.market.zone, member.enrolled_at)
    whose = sorted(owners) if goal.kind is Kind.LEVEL else [""]
    return [GoalStanding(campaign, rule, goal, by, progress(goal, tallies, by, day), ends_at) for by in whose]


def _ends_at(
    campaign: CampaignRules, goal: Goal, start: date, zone: ZoneInfo, enrolled_at: datetime
) -> datetime | None:
    """The end of the window or of the campaign, whichever comes first."""
    ends = [window_end(goal.window, start, zone=zone, enrolled_at=enrolled_at)]
    if campaign.ends:
        ends.append(instant(campaign.ends, zone))
    return min((end for end in ends if end), default=None)
