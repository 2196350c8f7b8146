"""Events, what was decided about them, and the campaigns that decide."""

from campaigns.models.badges import Badge, MemberBadge
from campaigns.models.budgets import BudgetAlert, BudgetLevel, BudgetRefusal
from campaigns.models.campaigns import Campaign, CampaignVersion
from campaigns.models.derived import CalendarDay, DerivedEvent
from campaigns.models.events import Event, Outcome, Trace
from campaigns.models.festivals import FestivalShift
from campaigns.models.goals import Contribution, Goal, Progress, ReachedMilestone
from campaigns.models.holdout import Exposure, GhostAward
from campaigns.models.leaderboards import Contest, ContestEntry, ContestResult, ContestScore, Leaderboard
from campaigns.models.limits import MemberCounter, TotalCounter
from campaigns.models.offers import Offer
from campaigns.models.reratings import Rerated, Rerating
from campaigns.models.reversals import EventReversal, WaitingReversal
from campaigns.models.simulations import Forecast, InForce
from campaigns.models.steps import CampaignStep

__all__ = [
    "Badge",
    "BudgetAlert",
    "BudgetLevel",
    "BudgetRefusal",
    "CalendarDay",
    "Campaign",
    "CampaignStep",
    "CampaignVersion",
    "Contest",
    "ContestEntry",
    "ContestResult",
    "ContestScore",
    "Contribution",
    "DerivedEvent",
    "Event",
    "EventReversal",
    "Exposure",
    "FestivalShift",
    "Forecast",
    "GhostAward",
    "Goal",
    "InForce",
    "Leaderboard",
    "MemberBadge",
    "MemberCounter",
    "Offer",
    "Outcome",
    "Progress",
    "ReachedMilestone",
    "Rerated",
    "Rerating",
    "TotalCounter",
    "Trace",
    "WaitingReversal",
]
