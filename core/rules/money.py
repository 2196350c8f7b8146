"""Money as whole minor units: how many decimals a currency has, and the way to text and back.

Decimals follow ISO 4217 (VND 0, SGD 2, BHD 3). CLDR is no source for them: it counts the decimals that people write,
none for the dinar of Iraq, where the standard has three.
"""

from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel.core import get_global

_USUAL = 2
_DECIMALS = {
    **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"], 0),
    **dict.fromkeys(["UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


@cache
def is_currency(code: str) -> bool:
    """Whether ``code`` is an ISO 4217 currency."""
    return code in get_global("all_currencies")


def decimals(currency: str) -> int:
    """Decimals of a currency's amounts."""
    return _DECIMALS.get(currency, _USUAL)


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
    places = decimals(currency)
    if not places:
        return str(minor)
    whole, part = divmod(abs(minor), 10**places)
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{places}d}"


def convert(minor: int, *, currency: str, base: str, rate: Decimal) -> int:
    """Minor units of ``base`` for minor units of ``currency`` at ``rate`` base units per unit, rounded half to even."""
    return round(minor * Fraction(rate) * Fraction(10) ** (decimals(base) - decimals(currency)))
