"""Festivals: known dates, years with two or none, countries."""

import itertools
from datetime import date, timedelta

import pytest

from core.rules.festivals import FESTIVALS, Days, country_of, occurrences

YEAR = {"begin": date(2026, 1, 1), "end": date(2026, 12, 31)}


@pytest.mark.parametrize(
    ("festival", "country", "first", "last"),
    [
        ("ramadan", "AE", date(2026, 2, 18), date(2026, 3, 19)),
        ("eid-al-fitr", "AE", date(2026, 3, 20), date(2026, 3, 20)),
        ("eid-al-adha", "SA", date(2026, 5, 27), date(2026, 5, 27)),
        ("hari-raya", "MY", date(2026, 3, 20), date(2026, 3, 20)),
        ("tet", "VN", date(2026, 2, 17), date(2026, 2, 17)),
        ("lunar-new-year", "SG", date(2026, 2, 17), date(2026, 2, 17)),
        ("songkran", "TH", date(2026, 4, 13), date(2026, 4, 13)),
        ("diwali", "SG", date(2026, 11, 8), date(2026, 11, 8)),
        ("christmas", "SG", date(2026, 12, 25), date(2026, 12, 25)),
        ("national-day", "VN", date(2026, 9, 2), date(2026, 9, 2)),
        ("national-day", "QA", date(2026, 12, 18), date(2026, 12, 18)),
        ("national-day", "PH", date(2026, 6, 12), date(2026, 6, 12)),
    ],
)
def test_a_festival_falls_on_its_days(festival: str, country: str, first: date, last: date) -> None:
    assert occurrences(festival, country=country, **YEAR) == [Days(first, last)]


def test_a_year_may_hold_two_ramadans() -> None:
    found = occurrences("ramadan", country="AE", begin=date(2030, 1, 1), end=date(2030, 12, 31))

    assert [days.first for days in found] == [date(2030, 1, 5), date(2030, 12, 26)]


def test_a_festival_that_touches_the_first_day_is_found() -> None:
    days = occurrences("ramadan", country="AE", begin=date(2031, 1, 10), end=date(2031, 1, 11))

    assert [(found.first, found.last >= date(2031, 1, 11)) for found in days] == [(date(2030, 12, 26), True)]


@pytest.mark.parametrize("festival", sorted(FESTIVALS))
def test_every_festival_comes_every_year_of_a_generation(festival: str) -> None:
    found = occurrences(festival, country="SG", begin=date(2024, 1, 1), end=date(2045, 12, 31))

    gaps = {(after.first - before.first) // timedelta(days=1) for before, after in itertools.pairwise(found)}
    assert len(found) >= 22
    assert min(gaps) >= 353
    assert max(gaps) <= 385


def test_a_country_without_the_day_is_refused() -> None:
    with pytest.raises(LookupError):
        occurrences("national-day", country="ZZ", **YEAR)


def test_days_are_widened_on_both_sides() -> None:
    eid = Days(date(2026, 3, 20), date(2026, 3, 20))

    assert eid.widened(before=3, after=2) == Days(date(2026, 3, 17), date(2026, 3, 22))


@pytest.mark.parametrize(
    ("market", "timezone", "country"),
    [("SG", "Asia/Singapore", "SG"), ("north", "Asia/Ho_Chi_Minh", "VN"), ("west", "Asia/Riyadh", "SA")],
)
def test_a_market_is_in_a_country(market: str, timezone: str, country: str) -> None:
    assert country_of(market=market, timezone=timezone) == country
