"""How often budgets did not pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from campaigns.models import BudgetRefusal, Campaign
from core.models import Program


@dataclass(frozen=True, slots=True)
class Refusals:
    """Awards of a campaign in a unit that budgets did not pay: how many, and what they meant to give."""

    campaign: Campaign
    unit: str
    refusals: int
    desired: int


def refused_since(*, program: Program, since: date) -> Sequence[Refusals]:
    """By campaign and unit from a day of the program's on, most often first; two queries."""
    rows = BudgetRefusal.objects.filter(campaign__in=Campaign.objects.filter(program=program), day__gte=since)
    sums = rows.values("campaign", "unit").annotate(refusals=Sum("refusals"), wanted=Sum("desired"))
    found = list(sums.order_by("-refusals", "campaign", "unit"))
    campaigns = Campaign.objects.in_bulk({row["campaign"] for row in found})
    return [Refusals(campaigns[row["campaign"]], row["unit"], row["refusals"], row["wanted"]) for row in found]
