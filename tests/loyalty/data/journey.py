"""A small look-alike of the data set: same tables and columns, same traps, and the truth they were made from."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SHOP = ZoneInfo("America/New_York")
SHOPPERS = 12
HOUSEHOLDS = SHOPPERS + 2
ADDRESSED = range(1, SHOPPERS, 2)  # households of campaign 18

FIRST_INSTANT = datetime(2017, 10, 30, tzinfo=SHOP)
AFTER_LAST_INSTANT = datetime(2017, 12, 25, tzinfo=SHOP)
SECOND = timedelta(seconds=1)

EDGES = [
    FIRST_INSTANT - SECOND,
    FIRST_INSTANT,
    AFTER_LAST_INSTANT - SECOND,  # Christmas Day in UTC, still the campaign's last day in the shop
    AFTER_LAST_INSTANT,
    datetime(2017, 3, 12, 6, 59, 59, tzinfo=UTC),  # clocks spring forward
    datetime(2017, 3, 12, 7, 0, 0, tzinfo=UTC),
    datetime(2017, 11, 5, 5, 30, tzinfo=UTC),  # 1:30 in the shop, and again an hour later
    datetime(2017, 11, 5, 6, 30, tzinfo=UTC),
    datetime(2018, 1, 1, 4, 59, 59, tzinfo=UTC),  # the last second of the year in the shop
]
RESIDUE = [[70, 20, 10], [110, 220], [10, 20, 70, 99999]]  # cents whose floats do not add up


@dataclass(frozen=True, slots=True)
class Receipt:
    """What really happened: when, and the price of each line in cents."""

    basket: int
    household: int
    time: datetime
    cents: list[int]

    @property
    def is_doubled(self) -> bool:
        """Campaign 18 gives as much again."""
        days = (FIRST_INSTANT.date(), (AFTER_LAST_INSTANT - SECOND).date())
        return self.household in ADDRESSED and days[0] <= self.time.astimezone(SHOP).date() <= days[1]


def receipts() -> list[Receipt]:
    """The same year every time: edges for an addressed and another household, residue, nothing paid, and routine."""
    chance = random.Random(18)
    found = [(household, time, [1234]) for time in EDGES for household in (1, 2)]
    found += [(3, FIRST_INSTANT + timedelta(days=n), cents) for n, cents in enumerate(RESIDUE)]
    found += [(4, EDGES[4], [0]), (4, EDGES[4], [0, 0])]
    opening = datetime(2017, 1, 1, 12, tzinfo=UTC)
    found += [(SHOPPERS + 1, opening, [49_999]), (SHOPPERS + 2, opening, [49_999, 1])]  # a cent short of silver, silver
    for household in range(1, SHOPPERS + 1):
        for _ in range(chance.randint(5, 30)):
            cents = [chance.randint(0, 2000 * household) for _ in range(chance.randint(1, 9))]
            found.append((household, opening + chance.random() * timedelta(days=364), cents))
    return [
        Receipt(31_198_437_603 + n, household, time.replace(microsecond=0), cents)
        for n, (household, time, cents) in enumerate(found)
    ]


def tables(_names: Iterable[str]) -> Mapping[str, Mapping[str, Iterable[object]]]:
    """The receipts as the package would give them: floats, naive UTC, lines of all baskets in one table."""
    lines = [(receipt, cents / 100) for receipt in receipts() for cents in receipt.cents]
    random.Random(84.51).shuffle(lines)
    return {
        "transactions": {
            "basket_id": [receipt.basket for receipt, _ in lines],
            "household_id": [receipt.household for receipt, _ in lines],
            "transaction_timestamp": [receipt.time.astimezone(UTC).replace(tzinfo=None) for receipt, _ in lines],
            "sales_value": [value for _, value in lines],
        },
        "campaigns": {
            "campaign_id": [18] * len(ADDRESSED) + [17] * 2,
            "household_id": [*ADDRESSED, 2, 4],
        },
    }
