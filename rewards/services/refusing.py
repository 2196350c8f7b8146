"""Saying no: the reason of the catalogue as the refusal that carries it."""

from collections.abc import Mapping, Sequence

from core.refusals import (
    Frozen,
    InsufficientPoints,
    LimitReached,
    NotAvailable,
    OutOfStock,
    Refusal,
    TierRequired,
)
from rewards.rules.availability import Hurdle, Reason, told

REFUSALS: Mapping[Hurdle, type[Refusal]] = {
    Hurdle.FROZEN: Frozen,
    Hurdle.NOT_AVAILABLE: NotAvailable,
    Hurdle.TIER_REQUIRED: TierRequired,
    Hurdle.OUT_OF_STOCK: OutOfStock,
    Hurdle.LIMIT_REACHED: LimitReached,
    Hurdle.INSUFFICIENT_POINTS: InsufficientPoints,
}


class PriceChanged(NotAvailable):
    """The price is another one than somebody said yes to; ``about``: what it is now, in all."""


def refusal_of(reasons: Sequence[Reason]) -> Refusal:
    """The refusal of the reason that lasts longest; it is ``about`` that reason, for faces to say it in full."""
    return refused(reasons[0])


def refused(reason: Reason, detail: str = "") -> Refusal:
    """The refusal of a reason, with what a machine is told of it."""
    refusal = REFUSALS[reason.hurdle](detail, about=reason)
    refusal.more = told(reason)
    return refusal
