"""What the facts about time and vehicles mean, as arithmetic on local dates and moments.

Days are differences of local dates; hours are exact. What lies in the future of the moment has no
value yet. The same definitions in SQL: ``members/selectors/fact_sql.py``; a test compares both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

SERVICE_PREFIX = "service."  # event types that count as a service of a vehicle
_HOUR = Decimal(3_600_000_000)  # microseconds
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What facts need to know of a vehicle; days are local dates."""

    bought_on: date | None
    warranty_until: date | None


@dataclass(frozen=True, slots=True)
class Day:
    """What a member did on one local day at one outlet: qualifying events, and their amount in base minor units."""

    day: date
    events: int
    amount_minor: int
    outlet: int | None
    dealer: int | None


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The day on which a moment falls in a market."""
    return at.astimezone(zone).date()


@lru_cache(maxsize=4096)  # a batch asks for the same few days thousands of times
def window_start(day: date, days: int) -> date:
    """The first of the last so many days that end with ``day``."""
    return day - timedelta(days=days - 1)


@lru_cache(maxsize=4096)
def year_start(day: date) -> date:
    """The first of the days after the same day a year before; the year before 29 February is 28 February."""
    leap_day = (day.month, day.day) == (2, 29)
    before = day.replace(year=day.year - 1, day=28 if leap_day else day.day)
    return before + timedelta(days=1)


def window_sums(days: Iterable[Day], first: date, last: date) -> tuple[int, int]:
    """Events and amount (minor units) of the days from ``first`` to ``last``, both in."""
    inside = [day for day in days if first <= day.day <= last]
    return sum(day.events for day in inside), sum(day.amount_minor for day in inside)


def places(days: Iterable[Day], first: date, last: date) -> tuple[int, int]:
    """Different outlets and dealers with qualifying events from ``first`` to ``last``, both in."""
    inside = [day for day in days if first <= day.day <= last and day.events]
    return len({day.outlet for day in inside} - {None}), len({day.dealer for day in inside} - {None})


def days_between(earlier: date | None, later: date) -> int | None:
    """Whole local days; None when there is no earlier day or it is still to come."""
    return None if earlier is None or earlier > later else (later - earlier).days


def hours_between(earlier: datetime | None, later: datetime) -> Decimal | None:
    """Hours with all their microseconds: 24 h 0 min 1 s is more than 24; None before the earlier moment."""
    if earlier is None or earlier > later:
        return None
    return Decimal((later - earlier) // timedelta(microseconds=1)) / _HOUR


def months_between(earlier: date, later: date) -> int:
    """Full months: from the 31st of January to the 28th of February none, to the 1st of March one."""
    months = (later.year - earlier.year) * _MONTHS + later.month - earlier.month
    return months - (later.day < earlier.day)


def owned(vehicles: Iterable[Vehicle], day: date) -> list[Vehicle]:
    """The vehicles that a member has on a day; one without a date of purchase has always been there."""
    return [vehicle for vehicle in vehicles if vehicle.bought_on is None or vehicle.bought_on <= day]


def vehicle_age_months(vehicles: Iterable[Vehicle], day: date) -> int | None:
    """Full months since the purchase of the newest vehicle."""
    bought = [vehicle.bought_on for vehicle in owned(vehicles, day) if vehicle.bought_on]
    return months_between(max(bought), day) if bought else None


def warranty_days_left(vehicles: Iterable[Vehicle], day: date) -> int | None:
    """Days until the last warranty of the member's vehicles ends: 0 on its last day, negative after it."""
    ends = [vehicle.warranty_until for vehicle in owned(vehicles, day) if vehicle.warranty_until]
    return (max(ends) - day).days if ends else None
