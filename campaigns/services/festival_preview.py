"""What a shift of a festival would do, before anybody makes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.festive import Place, Stored, festival_of, has_begun
from campaigns.selectors.versions import newest_versions
from campaigns.services.festivals import LAUNCHED, check_shift, resolve, shifts_of
from core.models import Market
from core.rules.festivals import FESTIVALS, Days, occurrences

YEARS_AHEAD = 2
AROUND = timedelta(60)  # of a campaign's days, those that belong to this time


@dataclass(frozen=True, slots=True)
class Moved:
    """A campaign with its days around a festival in a market, as they are and as they would be; first and last.

    ``frozen``: it has begun there, so its days stay.
    """

    campaign: Campaign
    before: Sequence[tuple[date, date]]
    after: Sequence[tuple[date, date]]
    frozen: bool


def preview_shift(*, market: Market, festival: str, falls_on: date, days: int, at: datetime) -> list[Moved]:
    """The launched campaigns of a festival in a market, and what a shift would make of their days. Raises Invalid.

    Nothing is written; a fixed number of queries.
    """
    check_shift(market, festival, falls_on, days)
    shifts = dict(shifts_of(market.program)) | {(market.code, festival, falls_on): days}
    place = Place(market.code, market.timezone)
    versions = [row for row in newest_versions(market.program, *LAUNCHED) if _listens(row, market, festival)]
    return [_moved(version, place, resolve(version, [place], shifts), falls_on, at) for version in versions]


def _listens(version: CampaignVersion, market: Market, festival: str) -> bool:
    named, markets = festival_of(version.definition), version.definition.get("markets")
    return named is not None and named["name"] == festival and (not markets or market.code in markets)


def _moved(version: CampaignVersion, place: Place, found: Stored, falls_on: date, at: datetime) -> Moved:
    kept: Stored = version.festival_days or {}
    frozen = place.code in kept and has_begun(version.definition, ZoneInfo(place.timezone), at)
    before, after = (_spans(days, place.code, falls_on) for days in (kept, found))
    return Moved(version.campaign, before, before if frozen else after, frozen)


def _spans(days: Stored, market: str, falls_on: date) -> list[tuple[date, date]]:
    spans = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in days.get(market, [])]
    return [(first, last) for first, last in spans if first - AROUND <= falls_on <= last + AROUND]


def coming(*, market: Market, today: date) -> list[tuple[str, date]]:
    """Festivals with the calculated first days that come to a market from this year on, soonest first."""
    country = Place(market.code, market.timezone).country
    begin, end = date(today.year, 1, 1), date(today.year + YEARS_AHEAD, 12, 31)
    return sorted(
        ((name, days.first) for name in FESTIVALS for days in _known(name, country, begin, end)),
        key=lambda one: (one[1], one[0]),
    )


def _known(festival: str, country: str, begin: date, end: date) -> Sequence[Days]:
    try:
        return [days for days in occurrences(festival, country=country, begin=begin, end=end) if days.first >= begin]
    except LookupError:
        return []
