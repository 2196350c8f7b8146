"""Money as whole minor units: how many decimals a currency has, and the way to text and back.

Decimals follow ISO 4217 (VND 0, SGD 2, BHD 3). CLDR is no source for them: it counts the decimals that people write,
none for the dinar of Iraq, where the standard has three.
"""

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache

from babel.core import get_global

from core.rules.complaints import Complaint, Template, gettext_noop

MOST_MINOR = 10**15
_WRITTEN = re.compile(r"(-?)(?:0|[1-9]\d{0,17})(?:\.\d{1,12})?", re.ASCII)
_NOUGHTS = re.compile(r"-?0\d[\d.]*\Z", re.ASCII)
_USUAL = 2
_DECIMALS = {
    **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"], 0),
    **dict.fromkeys(["UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
# What the standard has codes for but no decimals: metals, units of account, tests, and no currency at all.
_NO_MONEY = frozenset(["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"])


class WrongAmount(Complaint):
    """What was sent is no amount; ``code`` is that of the field error."""

    def __init__(self, code: str, template: Template, **values: object) -> None:
        """Say what is wrong."""
        super().__init__(template, **values)
        self.code = code


def read_amount(value: object) -> Decimal:
    """An amount as callers write it: a decimal text without sign, exponent or noughts in front. Raises WrongAmount."""
    written = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if written is None and isinstance(value, str) and _NOUGHTS.match(value):
        raise WrongAmount("invalid", gettext_noop("Leave out the noughts in front of the amount."))
    if written is None:
        raise WrongAmount("invalid", gettext_noop('Send the amount as a text, like "120.50".'))
    if written[1]:
        raise WrongAmount("negative", gettext_noop("Send an amount of zero or more."))
    return Decimal(written[0])


def read_minor(amount: Decimal, currency: str) -> int:
    """Minor units of what ``read_amount`` read. Raises WrongAmount: more decimals are written, or too much money."""
    places = decimals(currency)
    if -int(amount.as_tuple().exponent) > places:
        template = gettext_noop("%(currency)s has %(decimals)d decimals.")
        raise WrongAmount("too-many-decimals", template, currency=currency, decimals=places)
    if (minor := to_minor(amount, currency)) > MOST_MINOR:
        raise WrongAmount("invalid", gettext_noop("The amount is too large."))
    return minor


def is_currency(code: str) -> bool:
    """Whether ``code`` is an ISO 4217 currency that amounts are in."""
    return code in get_global("all_currencies") and code not in _NO_MONEY


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
    return round(minor * _factor(rate, decimals(base) - decimals(currency)))


@lru_cache(maxsize=1024)
def _factor(rate: Decimal, scale: int) -> Fraction:
    return Fraction(rate) * Fraction(10) ** scale
