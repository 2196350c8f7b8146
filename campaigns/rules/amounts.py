"""How much an effect gives. All arithmetic is exact until one rounding, always down for the member's award."""

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from campaigns.rules.definitions import Cashback, Expiry, Multiply, PerAmount, Points, Share
from campaigns.rules.state import JudgedEvent, Rates
from core.rules.money import decimals

HUNDRED = 100
MONTHS = 12


def points(effect: Points, event: JudgedEvent, rates: Rates) -> int:
    """Points that an effect means to award to an event."""
    if effect.fixed is not None:
        return effect.fixed
    return by_amount(effect.per_amount, event, rates) if effect.per_amount else 0


def by_amount(effect: PerAmount, event: JudgedEvent, rates: Rates) -> int:
    """floor(amount / every) x points; another currency is converted first, unrounded."""
    if event.amount_minor is None:
        return 0
    if event.currency == effect.currency:
        return event.amount_minor // effect.every * effect.points
    amount = converted(event, effect.currency, rates)
    return 0 if amount is None else amount // effect.every * effect.points


def converted(event: JudgedEvent, currency: str, rates: Rates) -> Fraction | None:
    """An event's amount in minor units of another currency, exact; None where a rate is missing."""
    if event.amount_minor is None:
        return None
    if event.currency == currency:
        return Fraction(event.amount_minor)
    source, target = rates.on(event.currency, event.day), rates.on(currency, event.day)
    if source is None or target is None:
        return None
    return event.amount_minor * _factor(source, target, decimals(currency) - decimals(event.currency))


@lru_cache(maxsize=1024)  # a batch asks for the same few rates thousands of times
def _factor(source: Decimal, target: Decimal, scale: int) -> Fraction:
    """What one minor unit is worth in minor units of another currency, by rates and the difference of decimals."""
    return Fraction(source) / Fraction(target) * Fraction(10) ** scale


def cashback(effect: Cashback, event: JudgedEvent, currency: str, rates: Rates) -> int | None:
    """Minor units of the member's currency, rounded down; None where the effect has no value in it."""
    if effect.percent is None:
        return effect.fixed.get(currency)
    amount = converted(event, currency, rates)
    if amount is None:
        return None
    value = amount * effect.percent // HUNDRED
    return min(value, effect.most[currency]) if currency in effect.most else value


def multiplied(effect: Multiply, granted: Iterable[tuple[str, int]]) -> int:
    """floor((by - 1) x base) over (campaign, points granted), at most ``max_extra``."""
    base = sum(amount for campaign, amount in granted if effect.of is None or campaign in effect.of)
    value = int((effect.by - 1) * base)
    return value if effect.max_extra is None else min(value, effect.max_extra)


def split(amount: int, shares: Sequence[Share]) -> list[int]:
    """Parts of an amount: each rounds down, the last takes the rest."""
    parts = [amount * share.percent // HUNDRED for share in shares[:-1]]
    return [*parts, amount - sum(parts)]


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    index = day.year * MONTHS + day.month - 1 + months
    year, month = divmod(index, MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def expires_on(expiry: Expiry, day: date) -> date | None:
    """The last good day of points awarded on a day; None = they never expire."""
    if expiry.days is not None:
        return day + timedelta(days=expiry.days)
    if expiry.months is None:
        return None
    return _last_good_day(day, expiry.months, expiry.month_end)


@lru_cache(maxsize=4096)
def _last_good_day(day: date, months: int, month_end: bool) -> date:  # noqa: FBT001  # of an Expiry
    last = add_months(day, months)
    return last.replace(day=calendar.monthrange(last.year, last.month)[1]) if month_end else last


def kept(award: int, remaining: int, original: int) -> int:
    """What a partial return leaves of an award: ceil(award x what remains / original)."""
    return -(-award * remaining // original) if original else 0
