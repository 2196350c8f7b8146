"""Slips: a redemption in a line, wherever one is listed."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.display.formats import READ_OUT
from rewards.models import Redemption
from rewards.rules.categories import category_of


@dataclass(frozen=True, slots=True)
class Slip:
    """A redemption as a member reads it. ``value`` of ``currency`` is that of one piece.

    ``unseen_points``: of the others close by that count with one that has to be approved.
    """

    id: str
    name: str
    brand: str
    symbol: str
    at: datetime
    points: int
    quantity: int
    value: int | None
    currency: str
    state: str
    waits_for: str
    unseen_points: int
    because: str
    cancelled_at: datetime | None

    @property
    def number(self) -> str:
        """What its member reads out to support, which finds it by that: the beginning of the id."""
        return self.id[:READ_OUT].upper()

    @property
    def paid(self) -> int:
        """What it moved, as a line of the activity says it."""
        return -self.points


def slip(row: Redemption) -> Slip:
    """A redemption (with its reward) as a slip."""
    reward = row.reward
    return Slip(
        id=str(row.uuid),
        name=reward.name,
        brand=reward.brand,
        symbol=category_of(reward.category).icon,
        at=row.at,
        points=row.points,
        quantity=row.quantity,
        value=row.value_minor,
        currency=row.currency,
        state=row.state,
        waits_for=row.waits_for,
        unseen_points=row.unseen_points,
        because=row.because,
        cancelled_at=row.cancelled_at,
    )
