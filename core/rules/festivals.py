"""Festivals: on which days they fall, by country.

Islamic festivals follow the Umm al-Qura calendar (package ``hijridate``, 1924 to 2077); lunar new years, Diwali and
national days that are not listed here come from the package ``holidays``. Both may differ by a day from what a country
announces: an operator shifts them per market.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from babel.core import get_global
from hijridate import Gregorian, Hijri
from holidays import country_holidays

RAMADAN, SHAWWAL, DHU_AL_HIJJA = 9, 10, 12
NATIONAL_DAYS = {
    "AE": (12, 2), "BH": (12, 16), "ID": (8, 17), "KW": (2, 25), "MY": (8, 31), "OM": (11, 20), "QA": (12, 18),
    "SA": (9, 23), "SG": (8, 9), "TH": (12, 5), "VN": (9, 2),
}  # fmt: skip
NATIONAL_NAMES = ("National Day", "Independence Day", "Republic Day")
ESTIMATED = " (estimated)"


@dataclass(frozen=True, slots=True)
class Days:
    """Whole local days, both ends in."""

    first: date
    last: date

    def widened(self, *, before: int, after: int) -> "Days":
        """With so many days before and after."""
        return Days(self.first - timedelta(before), self.last + timedelta(after))


def country_of(*, market: str, timezone: str) -> str:
    """The ISO 3166 country of a market: its code where that is a country, else the country of its time zone."""
    if market in get_global("territory_currencies"):
        return market
    return str(get_global("zone_territories").get(timezone, ""))


def occurrences(festival: str, *, country: str, begin: date, end: date) -> list[Days]:
    """All times that a festival touches the days from ``begin`` to ``end``, in order.

    Ramadan is the whole month, every other festival its first day (Eid al-Fitr and Hari Raya: 1 Shawwal, Eid al-Adha:
    10 Dhu al-Hijja, Songkran: 13 April).

    Raises: KeyError if there is no such festival; LookupError if the country has none of it.
    """
    found = [days for year in range(begin.year - 1, end.year + 1) for days in FESTIVALS[festival](year, country)]
    return sorted({days for days in found if days.first <= end and days.last >= begin}, key=lambda days: days.first)


def _hijri_years(year: int) -> range:
    """The Hijri years that touch a Gregorian year."""
    first, last = (Gregorian(year, month, day).to_hijri().year for month, day in ((1, 1), (12, 31)))
    return range(first, last + 1)


def _hijri_day(month: int, day: int) -> Callable[[int, str], Iterator[Days]]:
    def days(year: int, _country: str) -> Iterator[Days]:
        for hijri_year in _hijri_years(year):
            falls = Hijri(hijri_year, month, day).to_gregorian()
            yield Days(falls, falls)

    return days


def _ramadan(year: int, _country: str) -> Iterator[Days]:
    for hijri_year in _hijri_years(year):
        first = Hijri(hijri_year, RAMADAN, 1)
        begins = first.to_gregorian()
        yield Days(begins, begins + timedelta(first.month_length() - 1))


def _fixed(month: int, day: int) -> Callable[[int, str], Iterator[Days]]:
    def days(year: int, _country: str) -> Iterator[Days]:
        yield Days(date(year, month, day), date(year, month, day))

    return days


def _public_holiday(country: str, *names: str) -> Callable[[int, str], Iterator[Days]]:
    def days(year: int, _country: str) -> Iterator[Days]:
        yield _first(country, year, names)

    return days


def _national_day(year: int, country: str) -> Iterator[Days]:
    if country in NATIONAL_DAYS:
        yield from _fixed(*NATIONAL_DAYS[country])(year, country)
    else:
        yield _first(country, year, NATIONAL_NAMES)


@lru_cache(maxsize=512)
def _first(country: str, year: int, names: tuple[str, ...]) -> Days:
    """The first day of a year that bears one of the names, the first name that is known.

    Raises: LookupError.
    """
    try:
        by_day = country_holidays(country, years=[year], language="en_US")
    except NotImplementedError:
        raise LookupError(country) from None
    for name in names:
        for day, text in sorted(by_day.items()):
            if name in text.replace(ESTIMATED, "").split("; "):
                return Days(day, day)
    raise LookupError(country, year, names)


FESTIVALS: dict[str, Callable[[int, str], Iterator[Days]]] = {
    "ramadan": _ramadan,
    "eid-al-fitr": _hijri_day(SHAWWAL, 1),
    "eid-al-adha": _hijri_day(DHU_AL_HIJJA, 10),
    "hari-raya": _hijri_day(SHAWWAL, 1),
    "tet": _public_holiday("VN", "Lunar New Year"),
    "lunar-new-year": _public_holiday("SG", "Chinese New Year"),
    "songkran": _fixed(4, 13),
    "diwali": _public_holiday("SG", "Diwali"),
    "christmas": _fixed(12, 25),
    "national-day": _national_day,
}
