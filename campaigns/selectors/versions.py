"""The versions of campaigns that are in force."""

from django.db.models import QuerySet

from campaigns.models import Campaign, CampaignVersion
from core.models import Program


def newest_versions(program: Program, *states: Campaign.State) -> QuerySet[CampaignVersion]:
    """The newest version of every campaign in use that is in one of these states, with its campaign."""
    rows = CampaignVersion.objects.filter(
        campaign__program=program, campaign__retired=False, campaign__state__in=states
    )
    return rows.select_related("campaign").order_by("campaign_id", "-number").distinct("campaign_id")
