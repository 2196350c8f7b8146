"""Money as whole minor units: how many decimals a currency has, and the way to text and back.

Decimals follow ISO 4217 (VND 0, SGD 2, BHD 3) as carried by CLDR.
"""

from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision


@cache
def is_currency(code: str) -> bool:
    """Whether ``code`` is an ISO 4217 currency."""
    return code in get_global("all_currencies")


@cache
def decimals(currency: str) -> int:
    """Decimals of a currency's amounts."""
    return get_currency_precision(currency)


@cache
def unit(currency: str) -> Decimal:
    """The smallest amount of a currency, as a decimal: 0.01 for SGD, 1 for VND."""
    return Decimal(1).scaleb(-decimals(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """Whole minor units of an amount that has at most the currency's decimals; ``ValueError`` otherwise."""
    scaled = amount.scaleb(decimals(currency))
    if scaled != (whole := scaled.to_integral_value()):
        msg = f"{amount} has more decimals than {currency} has"
        raise ValueError(msg)
    return int(whole)


def to_decimal(minor: int, currency: str) -> Decimal:
    """The amount of so many minor units, with exactly the currency's decimals."""
    return Decimal(minor).scaleb(-decimals(currency)) if decimals(currency) else Decimal(minor)


def to_text(minor: int, currency: str) -> str:
    """An amount as the API prints it: exactly the currency's decimals, no grouping."""
    return f"{to_decimal(minor, currency):f}"


def convert(minor: int, *, currency: str, base: str, rate: Decimal) -> int:
    """Minor units of ``base`` for minor units of ``currency`` at ``rate`` base units per unit, rounded half to even."""
    return round(minor * Fraction(rate) * Fraction(10) ** (decimals(base) - decimals(currency)))
