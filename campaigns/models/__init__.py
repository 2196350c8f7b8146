"""Events, what was decided about them, and the campaigns that decide."""

from campaigns.models.badges import Badge, MemberBadge
from campaigns.models.campaigns import Campaign, CampaignVersion
from campaigns.models.derived import CalendarDay, DerivedEvent
from campaigns.models.events import Event, Outcome, Trace
from campaigns.models.festivals import FestivalShift
from campaigns.models.goals import Contribution, Goal, Progress, ReachedMilestone
from campaigns.models.holdout import GhostAward
from campaigns.models.limits import MemberCounter, TotalCounter
from campaigns.models.reversals import EventReversal, WaitingReversal
from campaigns.models.steps import CampaignStep

__all__ = [
    "Badge",
    "CalendarDay",
    "Campaign",
    "CampaignStep",
    "CampaignVersion",
    "Contribution",
    "DerivedEvent",
    "Event",
    "EventReversal",
    "FestivalShift",
    "GhostAward",
    "Goal",
    "MemberBadge",
    "MemberCounter",
    "Outcome",
    "Progress",
    "ReachedMilestone",
    "TotalCounter",
    "Trace",
    "WaitingReversal",
]
