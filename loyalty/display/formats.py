"""Numbers, money and moments as people of a language write them, from CLDR through Babel.

Digits are 0–9 in every language, Arabic included. What was written lately is remembered: Babel takes ten times as long.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django.utils import timezone, translation

from core.rules.money import decimals, to_decimal

MINUS = "−"  # as wide as the plus sign, unlike the hyphen
WITHOUT_CENTS = {"IDR"}  # two decimals by ISO 4217 that nobody has seen for decades
LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")  # CLDR parts AED from its digits; Babel does not
POINT_AT_END = re.compile("\\.(?=\N{RIGHT-TO-LEFT MARK}?$)")  # of an Arabic abbreviation; a sentence has its own
READ_OUT = 8  # digits of a random id: few enough to read out and to tell rows apart by
LATELY = 10_000  # texts of a kind that a process remembers
REGIONS = {"en": "en_GB"}  # day before month, as in all our markets


@cache
def locale(language: str) -> Locale:
    """Babel's locale of one of our languages."""
    return Locale.parse(REGIONS.get(language, language.replace("-", "_")), sep="_")


def current() -> Locale:
    """The locale of the language that is spoken now."""
    return locale(_language())


def _language() -> str:
    return translation.get_language() or "en"


def number(value: float | Decimal) -> str:
    """``12,480`` in English, ``12.480`` in Indonesian."""
    return _number(value, _language())


@lru_cache(maxsize=LATELY)
def _number(value: float | Decimal, language: str) -> str:
    return _minus(format_decimal(value, locale=locale(language)))


def counted(value: int, name: str, forms: Mapping[str, Mapping[str, str]]) -> str:
    """What so many are called: the form of the language spoken now for that number, else ``name``."""
    spoken = forms.get(_language(), {})
    return spoken.get(current().plural_form(value), name)


def signed(value: float | Decimal) -> str:
    """A change: ``+860`` and ``−2,000``, with signs of equal width; zero has none."""
    return f"+{number(value)}" if value > 0 else number(value)


def amount(value: int | str | Decimal, currency: str) -> str:
    """Money: a whole number counts the currency's smallest unit, a decimal or text is an amount."""
    money = to_decimal(value, currency) if isinstance(value, int) else Decimal(value)
    return _money(money, currency, 0 if currency in WITHOUT_CENTS else decimals(currency), _language())


def round_amount(value: Decimal, currency: str) -> str:
    """A limit or a price: ``AED 4,000`` without its zeros, yet ``AED 4,000.50``."""
    whole = value == value.to_integral_value()
    return _money(value, currency, 0, _language()) if whole else amount(value, currency)


@lru_cache(maxsize=LATELY)
def _money(money: Decimal, currency: str, places: int, language: str) -> str:
    rounded, spoken = money.quantize(Decimal(1).scaleb(-places)), locale(language)
    text = format_currency(rounded, currency, locale=spoken, currency_digits=False, format=_pattern(spoken, places))
    return _minus(LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", POINT_AT_END.sub("", text)))


def compact(value: int, unit: str) -> str:
    """A figure on an axis: ``0``, ``12K``, ``1.2M``; of money the smallest units are left out."""
    whole = value if unit == "points" else to_decimal(value, unit)
    return _minus(format_compact_decimal(whole, locale=current(), fraction_digits=1))


def percent(share: float | Decimal, *, places: int = 0) -> str:
    """``62%`` of 0.62, in whole per cent or with as many decimals as it has, at most ``places``."""
    return _percent(share, places, _language())


@lru_cache(maxsize=LATELY)
def _percent(share: float | Decimal, places: int, language: str) -> str:
    rounded = round(Decimal(str(share)), places + 2) if places else share
    return _minus(format_percent(rounded, locale=locale(language), decimal_quantization=not places))


def day(value: date | datetime, *, short: bool = False) -> str:
    """``31 December`` or ``31 Dec``, with the year unless it is this one; no line breaks between day and month."""
    local = _local(value).date()
    with_year = local.year != timezone.localdate().year
    return _day(local, "short" if short else "long", _language(), with_year=with_year)


@lru_cache(maxsize=LATELY)
def _day(local: date, form: str, language: str, *, with_year: bool) -> str:
    spoken = locale(language)
    part = str(format_skeleton("MMMd" if form == "short" else "MMMMd", local, locale=spoken))
    whole = _with_year(local, form, spoken) if with_year else part
    return whole.replace(part, part.replace(" ", "\N{NO-BREAK SPACE}"))


def _with_year(local: date, form: str, spoken: Locale) -> str:
    if form == "short":  # CLDR's medium is all figures in Arabic
        return str(format_skeleton("yMMMd", local, locale=spoken))
    return format_date(local, "long", locale=spoken)


def month(value: date | datetime) -> str:
    """``November``, with the year unless it is this one."""
    local = _local(value)
    if local.year == timezone.localdate().year:
        return str(format_datetime(local, "LLLL", locale=current()))
    return str(format_skeleton("yMMMM", local, locale=current()))


def moment(value: datetime) -> str:
    """``18 Nov, 14:05`` in the time zone that is in force."""
    clock = f"{_local(value):%H:%M}"  # CLDR's HH:mm, in digits that are the same everywhere
    return str(current().datetime_formats["medium"].format(clock, day(value, short=True)))


def weekday_and_time(local: datetime) -> str:
    """``Sunday, 10:15`` of a moment in its own time zone."""
    weekday, clock = (format_datetime(local, form, tzinfo=local.tzinfo, locale=current()) for form in ("EEEE", "HH:mm"))
    return str(current().datetime_formats["medium"].format(clock, weekday))


def _local(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone


def _pattern(spoken: Locale, places: int) -> str:
    pattern = spoken.currency_formats["standard"].pattern
    return str(pattern).replace("0.00", f"0.{'0' * places}" if places else "0")


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
