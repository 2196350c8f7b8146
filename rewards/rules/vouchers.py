"""What a voucher is on a day, and what a reward costs its payer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

READY, EXPIRED = "ready", "expired"


@dataclass(frozen=True, slots=True)
class GivenReward:
    """A reward as far as giving it matters. ``cost``: minor units by currency, in the order in which it was written.

    ``from_stock``: each voucher is one of the codes in stock. ``available`` is false for what cannot be given: rewards
    out of use, those of suppliers, cashback that is bought with points, and what comes in denominations, for nobody who
    gives it says which.
    """

    reward_id: int
    code: str
    markets: frozenset[str]
    cost: Mapping[str, int]
    valid_days: int | None
    from_stock: bool
    available: bool

    def expires_on(self, day: date) -> date | None:
        """The last good day of a voucher that is issued on a day; None = it never expires."""
        return day + timedelta(days=self.valid_days) if self.valid_days else None

    def charge(self, *currencies: str) -> tuple[str, int] | None:
        """What it costs: in the first of these currencies that it has a cost in, else in that of its first cost."""
        for currency in (*currencies, *self.cost):
            if amount := self.cost.get(currency):
                return currency, amount
        return None


def shown_state(state: str, expires_on: date | None, day: date) -> str:
    """The state of a voucher on a day of its member's market: one that is ready expires by itself."""
    return EXPIRED if state == READY and expires_on is not None and expires_on < day else state
