"""What campaigns are at a moment, asked of the database: the same answer as ``versions.state_at``, for lists."""

from datetime import datetime
from typing import Any

from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from campaigns.models import CampaignVersion

OFFSET = "(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9.]+)?)$"  # such a text is an instant, any other wall time in each market


def _instant(name: str) -> str:
    """The instant of a start or end in a market; of wall time that comes twice the first, as Python has it."""
    text, wall = f"v.definition->>'{name}'", f"(v.definition->>'{name}')::timestamp"
    late = f"({wall} AT TIME ZONE m.timezone)"
    early = f"({late} - interval '1 hour')"
    return f"""CASE WHEN {text} ~ '{OFFSET}' THEN ({text})::timestamptz
        WHEN {early} AT TIME ZONE m.timezone = {wall} THEN {early} ELSE {late} END"""


MARKETS = """FROM core_market m WHERE m.program_id = campaigns_campaign.program_id AND NOT m.retired
    AND (coalesce(v.definition->'markets', 'null') IN ('null', '[]') OR v.definition->'markets' ? m.code)"""
SHOWN = f"""(
    SELECT CASE
        WHEN v.definition->>'ends' IS NOT NULL AND NOT EXISTS (SELECT {MARKETS} AND {_instant("ends")} > %s)
            THEN 'ended'
        WHEN campaigns_campaign.state = 'paused' THEN 'paused'
        WHEN EXISTS (SELECT {MARKETS} AND {_instant("starts")} <= %s) THEN 'live' ELSE 'scheduled' END
    FROM campaigns_campaignversion v WHERE v.campaign_id = campaigns_campaign.id ORDER BY v.number DESC LIMIT 1
)"""
STATE = f"""CASE WHEN campaigns_campaign.state IN ('scheduled', 'live', 'paused')
    THEN coalesce({SHOWN}, campaigns_campaign.state) ELSE campaigns_campaign.state END"""


def with_state(rows: QuerySet[Any], at: datetime) -> QuerySet[Any]:
    """Campaigns with ``shown``: the state that people read, which follows from their dates; to be filtered by."""
    shown = RawSQL(STATE, [at, at], output_field=CharField())  # noqa: S611  # the text is ours, moments are parameters
    found: QuerySet[Any] = rows.annotate(shown=shown)
    return found


def with_definition(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Campaigns with ``definition``: what the version in force does."""
    newest = CampaignVersion.objects.filter(campaign=OuterRef("pk")).order_by("-number")
    found: QuerySet[Any] = rows.annotate(definition=Subquery(newest.values("definition")[:1]))
    return found
