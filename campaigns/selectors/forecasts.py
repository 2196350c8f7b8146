"""What happened after a forecast: the same figures over the same length of time since launch."""

from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.models import CampaignStep, Forecast
from campaigns.rules.simulation_figures import Given, Sums

GIVEN = """
    SELECT b.unit, t.rule,
        t.amount - coalesce((SELECT sum(r.amount) FROM ledger_transfer r WHERE r.reverses_id = t.id), 0)
    FROM campaigns_event e JOIN ledger_transfer t ON t.event_id = e.id
    JOIN ledger_journal j ON j.id = t.journal_id JOIN ledger_account a ON a.id = t.dst_id
    JOIN ledger_book b ON b.id = a.book_id
    WHERE e.program_id = %s AND e.time >= %s AND e.time < %s AND j.kind = 'award' AND a.purpose IN ('wallet', 'pending')
        AND t.campaign_version_id IN (SELECT id FROM campaigns_campaignversion WHERE campaign_id = %s)
"""


def launched_at(forecast: Forecast) -> datetime | None:
    """When the campaign was first launched after the forecast was made."""
    steps = CampaignStep.objects.filter(
        campaign=forecast.version.campaign_id, to_state__in=["live", "scheduled"], at__gte=forecast.made_at
    )
    first = steps.order_by("pk").first()
    return first.at if first else None


def what_happened(forecast: Forecast) -> dict[str, Any] | None:
    """Awards as ``Forecast.figures`` has them, as long since launch as was forecast; None before it."""
    launch = launched_at(forecast)
    if launch is None:
        return None
    campaign = forecast.version.campaign
    until = launch + (forecast.until - forecast.since)
    sums = Sums()
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, [campaign.program_id, launch, until, campaign.pk])
        for unit, rule, amount in cursor.fetchall():
            sums.add(Given(campaign.code, rule, unit, int(amount)))
    return sums.body()
