"""Numbers, money and moments as people of a language write them, from CLDR through Babel.

Digits are 0–9 in every language, Arabic included.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils import timezone, translation

from core.rules.money import decimals, to_decimal

MINUS = "−"  # as wide as the plus sign, unlike the hyphen
WITHOUT_CENTS = {"IDR"}  # two decimals by ISO 4217 that nobody has seen for decades
LETTER_BEFORE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")  # CLDR parts AED from its digits; Babel does not
REGIONS = {"en": "en_GB"}  # day before month, as in all our markets


@cache
def locale(language: str) -> Locale:
    """Babel's locale of one of our languages."""
    return Locale.parse(REGIONS.get(language, language.replace("-", "_")), sep="_")


def current() -> Locale:
    """The locale of the language that is spoken now."""
    return locale(translation.get_language() or "en")


def number(value: float | Decimal) -> str:
    """``12,480`` in English, ``12.480`` in Indonesian."""
    return _minus(format_decimal(value, locale=current()))


def signed(value: float | Decimal) -> str:
    """A change: ``+860`` and ``−2,000``, with signs of equal width; zero has none."""
    return f"+{number(value)}" if value > 0 else number(value)


def amount(value: int | str | Decimal, currency: str) -> str:
    """Money: a whole number counts the currency's smallest unit, a decimal or text is an amount."""
    money = to_decimal(value, currency) if isinstance(value, int) else Decimal(value)
    return _money(money, currency, places=0 if currency in WITHOUT_CENTS else decimals(currency))


def round_amount(value: Decimal, currency: str) -> str:
    """A limit or a price: ``AED 4,000`` without its zeros, yet ``AED 4,000.50``."""
    return _money(value, currency, places=0) if value == value.to_integral_value() else amount(value, currency)


def _money(money: Decimal, currency: str, *, places: int) -> str:
    rounded = money.quantize(Decimal(1).scaleb(-places))
    text = format_currency(rounded, currency, locale=current(), currency_digits=False, format=_pattern(places))
    return _minus(LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", text))


def percent(share: float | Decimal) -> str:
    """``62%`` of 0.62, in whole per cent."""
    return _minus(format_percent(share, locale=current()))


def day(value: date | datetime, *, short: bool = False) -> str:
    """``31 December`` or ``31 Dec``, with the year unless it is this one."""
    local = _local(value)
    if local.year == timezone.localdate().year:
        return str(format_skeleton("MMMd" if short else "MMMMd", local, locale=current()))
    if short:  # CLDR's medium is all figures in Arabic
        return str(format_skeleton("yMMMd", local, locale=current()))
    return format_date(local, "long", locale=current())


def month(value: date | datetime) -> str:
    """``November``, with the year unless it is this one."""
    local = _local(value)
    if local.year == timezone.localdate().year:
        return str(format_datetime(local, "LLLL", locale=current()))
    return str(format_skeleton("yMMMM", local, locale=current()))


def moment(value: datetime) -> str:
    """``18 Nov, 14:05`` in the time zone that is in force."""
    local = _local(value)
    clock = format_datetime(local, "HH:mm", locale=current())
    return str(current().datetime_formats["medium"].format(clock, day(value, short=True)))


def weekday_and_time(local: datetime) -> str:
    """``Sunday, 10:15`` of a moment in its own time zone."""
    weekday, clock = (format_datetime(local, form, tzinfo=local.tzinfo, locale=current()) for form in ("EEEE", "HH:mm"))
    return str(current().datetime_formats["medium"].format(clock, weekday))


def _local(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone


def _pattern(places: int) -> str:
    pattern = current().currency_formats["standard"].pattern
    return str(pattern).replace("0.00", f"0.{'0' * places}" if places else "0")


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
