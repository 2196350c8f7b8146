"""The outside edges of windows, days, hours and months."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.facts import (
    Vehicle,
    days_between,
    hours_between,
    local_date,
    months_between,
    vehicle_age_months,
    warranty_days_left,
    window_start,
    year_start,
)


@pytest.mark.parametrize(
    ("day", "days", "first"),
    [
        (date(2026, 3, 1), 30, date(2026, 1, 31)),
        (date(2024, 3, 1), 30, date(2024, 2, 1)),
        (date(2026, 1, 1), 90, date(2025, 10, 4)),
        (date(2026, 1, 1), 1, date(2026, 1, 1)),
    ],
)
def test_a_window_holds_so_many_days_with_its_last(day: date, days: int, first: date) -> None:
    assert window_start(day, days) == first
    assert (day - first).days + 1 == days


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 3, 1), date(2025, 3, 2)),
        (date(2025, 2, 28), date(2024, 2, 29)),
        (date(2024, 2, 28), date(2023, 3, 1)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2024, 3, 1), date(2023, 3, 2)),
        (date(2025, 12, 31), date(2025, 1, 1)),
    ],
)
def test_twelve_months_begin_after_the_same_day_a_year_before(day: date, first: date) -> None:
    assert year_start(day) == first


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_twelve_months_never_move_backwards(day: date) -> None:
    tomorrow = day + timedelta(days=1)
    assert 365 <= (day - year_start(day)).days + 1 <= 366
    assert year_start(day) <= year_start(tomorrow) <= year_start(day) + timedelta(days=2)


ZONES = ["Asia/Singapore", "Asia/Jakarta", "Asia/Dubai", "America/New_York", "Europe/Berlin", "Pacific/Chatham"]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 10, 25), date(2024, 2, 29), date(2025, 12, 31)])
def test_a_local_day_lasts_from_midnight_to_midnight_in_its_zone(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    next_day = day + timedelta(days=1)
    end = datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone).astimezone(UTC)
    moment = timedelta(microseconds=1)
    assert local_date(midnight - moment, zone) == day - timedelta(days=1)
    assert local_date(midnight, zone) == day
    assert local_date(end - moment, zone) == day
    assert local_date(end, zone) == next_day


def test_days_are_differences_of_dates_and_hours_are_exact() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 28, 23, 59, tzinfo=berlin).astimezone(UTC)
    after = datetime(2026, 3, 29, 23, 59, tzinfo=berlin).astimezone(UTC)  # 23 hours later: clocks went forward
    assert days_between(local_date(before, berlin), local_date(after, berlin)) == 1
    assert hours_between(before, after) == 23


@pytest.mark.parametrize(
    ("passed", "at_most_24"),
    [
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
        (timedelta(hours=24, microseconds=1), False),
        (timedelta(hours=24) - timedelta(microseconds=1), True),
    ],
)
def test_a_second_over_24_hours_is_more_than_24(passed: timedelta, at_most_24: bool) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = hours_between(start, start + passed)
    assert hours is not None
    assert (hours <= 24) is at_most_24


def test_what_is_still_to_come_has_no_value() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert hours_between(at + timedelta(microseconds=1), at) is None
    assert hours_between(at, at) == Decimal(0)
    assert hours_between(None, at) is None
    assert days_between(date(2026, 1, 2), date(2026, 1, 1)) is None
    assert days_between(date(2026, 1, 1), date(2026, 1, 1)) == 0
    assert days_between(None, date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 1), 1),
        (date(2026, 1, 31), date(2026, 3, 31), 2),
        (date(2024, 2, 29), date(2025, 2, 28), 11),
        (date(2024, 2, 29), date(2025, 3, 1), 12),
        (date(2026, 1, 15), date(2026, 1, 15), 0),
    ],
)
def test_only_full_months_count(earlier: date, later: date, months: int) -> None:
    assert months_between(earlier, later) == months


def test_the_newest_vehicle_gives_the_age_and_the_longest_warranty_the_days_left() -> None:
    day = date(2026, 3, 1)
    vehicles = [
        Vehicle(bought_on=date(2020, 1, 1), warranty_until=date(2026, 3, 4)),
        Vehicle(bought_on=date(2025, 3, 1), warranty_until=date(2026, 2, 27)),
        Vehicle(bought_on=None, warranty_until=None),
        Vehicle(bought_on=date(2026, 3, 2), warranty_until=date(2029, 3, 2)),  # not bought yet
    ]
    assert vehicle_age_months(vehicles, day) == 12
    assert warranty_days_left(vehicles, day) == 3
    assert warranty_days_left(vehicles[1:3], day) == -2
    assert vehicle_age_months(vehicles[2:], day) is None
    assert warranty_days_left(vehicles[2:], day) is None
