"""What holdouts show: members counted and measured by the database, one pass for each campaign."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from campaigns.models import Campaign
from campaigns.rules.estimates import Sample
from campaigns.rules.holdout import DAYS, MEASURES, NOBODY, Comparison, Side, compare
from campaigns.rules.ratio import Split
from campaigns.rules.state import PROGRAM_WIDE
from campaigns.selectors.states import with_definition, with_state
from core.models import Program

# Each member's own days: from the first one on, as many for everybody; only windows whose last day is over in the
# member's market, so that nobody is measured for less.
MEASURED = """
    SELECT campaign_id, held_out, hundredths, count(*), count(*) FILTER (WHERE over),
        avg(events) FILTER (WHERE over), var_samp(events) FILTER (WHERE over),
        avg(amount) FILTER (WHERE over), var_samp(amount) FILTER (WHERE over)
    FROM (
        SELECT e.campaign_id, e.held_out, e.hundredths,
            e.day + %(days)s <= (%(at)s AT TIME ZONE k.timezone)::date AS over,
            coalesce(sum(d.events), 0)::float8 AS events, coalesce(sum(d.amount_minor), 0)::float8 AS amount
        FROM campaigns_exposure e
        JOIN members_member m ON m.id = e.member_id JOIN core_market k ON k.id = m.market_id
        LEFT JOIN members_memberday d ON d.member_id = e.member_id AND d.day >= e.day AND d.day < e.day + %(days)s
            AND (%(dealer)s::text IS NULL OR d.outlet_id IN (
                SELECT o.id FROM dealers_outlet o JOIN dealers_dealer r ON r.id = o.dealer_id
                WHERE r.program_id = %(program)s AND r.code = %(dealer)s::text
            ))
        WHERE e.campaign_id = ANY(%(campaigns)s::bigint[]) AND m.program_id = %(program)s
            AND e.day >= coalesce(%(since)s::date, '-infinity') AND e.day < coalesce(%(until)s::date, 'infinity')
            AND k.code = coalesce(%(market)s::text, k.code)
        GROUP BY e.campaign_id, e.member_id, e.held_out, e.hundredths, e.day, k.timezone
    ) members GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Holdout:
    """The holdout of a campaign, or of the whole program (no campaign), with what it shows. ``percent``: promised."""

    campaign: Campaign | None
    percent: Decimal
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who is compared: members who came up from ``since`` on and before ``until`` (local days), of a ``market``.

    With a ``dealer`` they are the same members, by what they did at its outlets: choosing those who came there would
    choose by what the campaign may have changed. Market and dealer by code.
    """

    since: date | None = None
    until: date | None = None
    market: str | None = None
    dealer: str | None = None


EVERYBODY = Cohort()


def holdouts(
    *, program: Program, at: datetime, campaign: Campaign | None = None, cohort: Cohort = EVERYBODY
) -> list[Holdout]:
    """The program's holdout and those of its campaigns, or of one campaign; three queries whatever their number.

    Promises are left out, unless asked for: they are for everybody. So are drafts.
    """
    rows = _campaigns(program, at, campaign)
    wanted = [row.pk for row in rows] + ([] if campaign else [PROGRAM_WIDE])
    sides = _sides(program, wanted, at, cohort)
    found = [_holdout(row, Decimal(str((row.definition or {}).get("holdout") or 0)), sides) for row in rows]
    if campaign is None and (program.holdout_percent or sides[PROGRAM_WIDE]):
        found.insert(0, _holdout(None, program.holdout_percent, sides))
    return found


def _campaigns(program: Program, at: datetime, campaign: Campaign | None) -> list[Any]:
    """Campaigns, each with its ``definition``."""
    rows = with_definition(with_state(Campaign.objects.filter(program=program).select_related("program"), at))
    if campaign is not None:
        return list(rows.filter(pk=campaign.pk))
    shown = rows.exclude(shown__in=[Campaign.State.DRAFT, Campaign.State.IN_REVIEW]).order_by("code")
    return [row for row in shown if not (row.definition or {}).get("promise")]


type Sides = dict[int, list[tuple[Any, ...]]]


def _sides(program: Program, campaigns: Sequence[int], at: datetime, cohort: Cohort) -> Sides:
    """What was measured, by campaign: held out, percentage, members, whole windows, means and variances."""
    named: dict[str, Any] = {"program": program.pk, "campaigns": list(campaigns), "at": at, "days": DAYS}
    named |= {"since": cohort.since, "until": cohort.until, "market": cohort.market, "dealer": cohort.dealer}
    sides: Sides = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(MEASURED, named)
        for campaign_id, *measured in cursor.fetchall():
            sides[campaign_id].append(tuple(measured))
    return sides


def _holdout(campaign: Campaign | None, percent: Decimal, sides: Sides) -> Holdout:
    rows = sides.get(campaign.pk if campaign else PROGRAM_WIDE, [])
    comparison = compare(
        exposed=_side([row for row in rows if not row[0]]),
        held_out=_side([row for row in rows if row[0]]),
        splits=_splits(rows),
        randomised=percent > 0,
    )
    return Holdout(campaign, percent, comparison)


def _splits(rows: Sequence[tuple[Any, ...]]) -> list[Split]:
    members: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for is_held_out, hundredths, count, *_ in rows:
        members[hundredths][0] += count
        members[hundredths][1] += count if is_held_out else 0
    return [Split(hundredths, *counts) for hundredths, counts in sorted(members.items())]


def _side(rows: Sequence[tuple[Any, ...]]) -> Side:
    """One side; parts that came up under different percentages are put together."""
    if not rows:
        return NOBODY
    parts = {
        measure: [Sample(row[3], row[4 + 2 * place], row[5 + 2 * place] or 0.0) for row in rows if row[3]]
        for place, measure in enumerate(MEASURES)
    }
    samples = {measure: _together(found) for measure, found in parts.items() if found}
    return Side(sum(row[2] for row in rows), sum(row[3] for row in rows), samples)


def _together(parts: Sequence[Sample]) -> Sample:
    """The sample that parts make together."""
    count = sum(part.count for part in parts)
    mean = sum(part.count * part.mean for part in parts) / count
    squares = sum((part.count - 1) * part.variance + part.count * (part.mean - mean) ** 2 for part in parts)
    return Sample(count, mean, squares / (count - 1) if count > 1 else 0.0)
