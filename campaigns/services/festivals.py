"""Days of festivals: kept with the versions of campaigns, fixed once a campaign has begun, shifted by operators."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignVersion, FestivalShift
from campaigns.rules.festive import (
    MOST_SHIFTED,
    Place,
    Shifts,
    Stored,
    festival_of,
    festive_days,
    has_begun,
    stored,
)
from campaigns.selectors.versions import newest_versions
from core.models import Market, Program
from core.refusals import FieldError, Invalid
from core.rules.festivals import occurrences

LAUNCHED = (Campaign.State.SCHEDULED, Campaign.State.LIVE, Campaign.State.PAUSED)


def settle_festivals(*, program: Program, at: datetime) -> None:
    """Keep with every launched campaign the days of its festival; where it has begun already, they stay.

    A new version is a new launch: its days are those that are known now.
    """
    versions = [row for row in newest_versions(program, *LAUNCHED) if festival_of(row.definition)]
    if not versions:
        return
    places, shifts = places_of(program), shifts_of(program)
    changed = []
    for version in versions:
        settled = _settled(version, places, shifts, at)
        if settled != version.festival_days:
            version.festival_days = settled
            changed.append(version)
    CampaignVersion.objects.bulk_update(changed, ["festival_days"])


def _settled(version: CampaignVersion, places: Sequence[Place], shifts: Shifts, at: datetime) -> Stored:
    kept: Stored = version.festival_days or {}
    begun = {p.code for p in places if p.code in kept and has_begun(version.definition, ZoneInfo(p.timezone), at)}
    return resolve(version, [p for p in places if p.code not in begun], shifts) | {code: kept[code] for code in begun}


def resolve(version: CampaignVersion, places: Sequence[Place], shifts: Shifts) -> Stored:
    """The days of a version's festival in its markets, by what is known now."""
    markets = version.definition.get("markets")
    mine = [place for place in places if not markets or place.code in markets]
    return stored({place.code: festive_days(version.definition, place, shifts) for place in mine})


def places_of(program: Program) -> list[Place]:
    """The program's markets."""
    rows = Market.objects.filter(program=program, retired=False)
    return [Place(*row) for row in rows.values_list("code", "timezone")]


def shifts_of(program: Program) -> Shifts:
    """The program's shifts."""
    rows = FestivalShift.objects.filter(program=program)
    columns = rows.values_list("market__code", "festival", "falls_on", "days")
    return {(market, festival, falls_on): days for market, festival, falls_on, days in columns}


@transaction.atomic
def shift_festival(*, market: Market, festival: str, falls_on: date, days: int, at: datetime) -> FestivalShift | None:
    """Say that a festival comes some days later (or earlier) to a market than calculated; 0 takes that back.

    Campaigns that have begun in the market keep their days. Raises Invalid.
    """
    check_shift(market, festival, falls_on, days)
    shift = None
    which: dict[str, Any] = {"program": market.program, "market": market, "festival": festival, "falls_on": falls_on}
    if days:
        shift, _made = FestivalShift.objects.update_or_create(**which, defaults={"days": days})
    else:
        FestivalShift.objects.filter(**which).delete()
    settle_festivals(program=market.program, at=at)
    return shift


def check_shift(market: Market, festival: str, falls_on: date, days: int) -> None:
    """Demand that a festival comes to a market on a day, and moves by a week at most. Raises Invalid."""
    if abs(days) > MOST_SHIFTED:
        detail = _("A festival moves by a week at most.")
        raise Invalid(detail, errors=[FieldError("/days", "invalid", detail)])
    country = Place(market.code, market.timezone).country
    year = {"begin": date(falls_on.year, 1, 1), "end": date(falls_on.year, 12, 31)}
    try:
        firsts = [found.first for found in occurrences(festival, country=country, **year)]
    except LookupError:
        firsts = []
    if falls_on not in firsts:
        detail = _("The festival is not calculated for this day; in that year it begins on: %(days)s") % {
            "days": ", ".join(day.isoformat() for day in firsts) or "–"
        }
        raise Invalid(detail, errors=[FieldError("/falls_on", "invalid", detail)])
