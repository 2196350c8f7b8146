"""On which days a campaign with a festival runs: calculated once, long before any event asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant
from core.rules.festivals import Days, country_of, occurrences

YEARS = 20  # so long a campaign without an end knows its festivals
MOST_SHIFTED = 7  # days
FIRST, LAST = date(2000, 1, 1), date(2075, 12, 31)  # what the calendars know

type Stored = dict[str, list[list[str]]]  # first and last day of every time, by market
type Shifts = Mapping[tuple[str, str, date], int]  # days by market, festival and calculated first day


@dataclass(frozen=True, slots=True)
class Place:
    """A market, as far as its festivals need to know."""

    code: str
    timezone: str

    @property
    def country(self) -> str:
        """ISO 3166."""
        return country_of(market=self.code, timezone=self.timezone)


def festival_of(definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The festival in whose days a campaign runs, None for a campaign that has none."""
    found: Mapping[str, Any] | None = (definition.get("schedule") or {}).get("festival")
    return found


def festive_days(definition: Mapping[str, Any], place: Place, shifts: Shifts) -> list[Days]:
    """Every time that the festival of a campaign comes to a market while the campaign lasts, days around it included.

    Without an end these are twenty years. Raises LookupError if the market's country has no such festival.
    """
    festival = festival_of(definition)
    if festival is None:
        return []
    begin, end = lifetime(definition, ZoneInfo(place.timezone))
    before, after = festival.get("days_before") or 0, festival.get("days_after") or 0
    around = timedelta(before + after + MOST_SHIFTED)
    found = occurrences(festival["name"], country=place.country, begin=begin - around, end=end + around)
    shifted = (moved(days, shifts.get((place.code, festival["name"], days.first), 0)) for days in found)
    wide = (days.widened(before=before, after=after) for days in shifted)
    return [days for days in wide if days.first <= end and days.last >= begin]


def lifetime(definition: Mapping[str, Any], zone: ZoneInfo) -> tuple[date, date]:
    """The local days on which a campaign begins and ends at the latest, as far as calendars go."""
    begin = _day(definition["starts"], zone)
    end = _day(definition["ends"], zone) if definition.get("ends") else begin + timedelta(366 * YEARS)
    return max(begin, FIRST), min(end, LAST)


def moved(days: Days, by: int) -> Days:
    """So many days later, or earlier."""
    return Days(days.first + timedelta(by), days.last + timedelta(by))


def stored(found: Mapping[str, list[Days]]) -> Stored:
    """Days by market, as they are kept with a version."""
    return {code: [[one.first.isoformat(), one.last.isoformat()] for one in days] for code, days in found.items()}


def known_days(kept: Stored) -> dict[str, frozenset[date]]:
    """Every single day by market, from what is kept with a version."""
    return {code: frozenset(day for first, last in spans for day in _span(first, last)) for code, spans in kept.items()}


def has_begun(definition: Mapping[str, Any], zone: ZoneInfo, at: datetime) -> bool:
    """Whether a campaign's first moment has come in a market."""
    return instant(moment(definition["starts"]), zone) <= at


def _span(first: str, last: str) -> Iterator[date]:
    begin = date.fromisoformat(first)
    return (begin + timedelta(number) for number in range((date.fromisoformat(last) - begin).days + 1))


def _day(value: str, zone: ZoneInfo) -> date:
    return instant(moment(value), zone).astimezone(zone).date()
