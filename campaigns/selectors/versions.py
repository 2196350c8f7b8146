"""The versions of campaigns that are in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.life import shown_state
from core.models import Market, Program


def newest_versions(program: Program, *states: Campaign.State) -> QuerySet[CampaignVersion]:
    """The newest version of every campaign in use that is in one of these states, with its campaign."""
    rows = CampaignVersion.objects.filter(
        campaign__program=program, campaign__retired=False, campaign__state__in=states
    )
    return rows.select_related("campaign").order_by("campaign_id", "-number").distinct("campaign_id")


def newest_of(campaigns: QuerySet[Campaign]) -> list[CampaignVersion]:
    """The newest version of each of these campaigns, with its campaign; one query."""
    rows = CampaignVersion.objects.filter(campaign__in=campaigns).select_related("campaign")
    return list(rows.order_by("campaign__code", "campaign_id", "-number").distinct("campaign__code", "campaign_id"))


def zones_of(program: Program) -> dict[str, ZoneInfo]:
    """Time zones of the program's markets, by code."""
    rows = Market.objects.filter(program=program, retired=False).values_list("code", "timezone")
    return {code: ZoneInfo(zone) for code, zone in rows}


def zones_in(definition: Mapping[str, Any], zones: Mapping[str, ZoneInfo]) -> list[ZoneInfo]:
    """Those of the markets that a campaign runs in."""
    markets = definition.get("markets")
    return [zone for code, zone in zones.items() if not markets or code in markets]


def state_at(campaign: Campaign, at: datetime) -> Campaign.State:
    """What a campaign is at a moment, as people read it."""
    version = campaign.versions.order_by("-number").first()
    definition = version.definition if version else {}
    zones = zones_in(definition, zones_of(campaign.program))
    return Campaign.State(shown_state(campaign.state, definition, zones, at) if definition else campaign.state)
