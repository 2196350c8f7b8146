"""What a piece of a reward costs, and what it is worth: the denomination that was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.rules.money import WrongAmount, read_amount, read_minor, to_minor

type Denomination = Mapping[str, Any]
type Value = tuple[int, str]  # smallest units, and of which currency


@dataclass(frozen=True, slots=True)
class Price:
    """``points`` for a piece; one with stored value is worth ``value_minor`` of ``currency``."""

    points: int
    value_minor: int | None = None
    currency: str = ""


def value_of(one: Denomination) -> Value:
    """What a denomination is worth."""
    return to_minor(Decimal(one["value"]), one["currency"]), one["currency"]


class WrongDenomination(Exception):
    """No price for what was asked: ``code`` is the kind of error, ``fit`` the values that there are."""

    def __init__(self, code: str, fit: Sequence[str]) -> None:
        super().__init__(code)
        self.code, self.fit = code, fit


def price_of(
    *,
    points: int | None,
    denominations: Sequence[Denomination],
    asked: str | None,
    currency: str,
    paid_out: Mapping[str, str] | None = None,
) -> Price | None:
    """The price of a piece where ``currency`` is spent; None = no price there. Raises WrongDenomination.

    ``asked``: a value as a decimal string. It may be left out where there is no choice. ``paid_out``: of cashback, what
    a piece of one price pays, by currency.
    """
    if not denominations:
        if asked is not None:
            raise WrongDenomination("unknown", ())
        return _single(points, currency, paid_out)
    fit = [one for one in denominations if one["currency"] == currency]
    if not fit:
        return None
    values = [str(one["value"]) for one in fit]
    if asked is None and len(fit) > 1:
        raise WrongDenomination("required", values)
    wanted = fit[0] if asked is None else _named(asked, fit, currency)
    if wanted is None:
        raise WrongDenomination("invalid", values)
    return Price(wanted["points"], *value_of(wanted))


def _single(points: int | None, currency: str, paid_out: Mapping[str, str] | None) -> Price | None:
    if points is None:
        return None
    if paid_out is None:
        return Price(points)
    return Price(points, to_minor(Decimal(paid_out[currency]), currency), currency) if currency in paid_out else None


def _named(asked: str, fit: Sequence[Denomination], currency: str) -> Denomination | None:
    values = [str(one["value"]) for one in fit]
    try:
        minor = read_minor(read_amount(asked), currency)
    except WrongAmount as wrong:
        raise WrongDenomination(wrong.code, values) from None
    return next((one for one in fit if to_minor(Decimal(one["value"]), currency) == minor), None)
