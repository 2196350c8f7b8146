"""What points are worth in money."""

from datetime import date
from decimal import ROUND_DOWN, Decimal

from campaigns.rules.state import Rates
from core.rules.money import unit


def worth(points: int, *, value: Decimal, rates: Rates, currency: str, day: date) -> tuple[Decimal, str]:
    """The worth of points at ``value`` base units each, in a currency; in the base where there is no rate on that day.

    Rounded down, so that nothing is promised that is not there.
    """
    rate = rates.on(currency, day)
    if not rate:
        currency, rate = rates.base, Decimal(1)
    return (points * value / rate).quantize(unit(currency), ROUND_DOWN), currency
