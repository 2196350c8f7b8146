"""How many codes and vouchers of rewards there are, and what became of them; off one index, for a page of rewards."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection

FIGURES = """
    SELECT {of},
        count(*) FILTER (WHERE state = 'stock' AND (expires_on IS NULL OR expires_on >= %(day)s)),
        count(*) FILTER (WHERE state = 'stock' AND expires_on < %(day)s),
        count(*) FILTER (WHERE state = 'ready' AND (expires_on IS NULL OR expires_on >= %(day)s)),
        count(*) FILTER (WHERE state = 'used'),
        count(*) FILTER (WHERE state = 'void'),
        count(*) FILTER (WHERE state = 'ready' AND expires_on < %(day)s)
    FROM rewards_voucher WHERE reward_id = ANY(%(rewards)s) GROUP BY {of}
"""
type Worth = tuple[int | None, str]  # of a code: smallest units of a currency, or nothing


@dataclass(frozen=True, slots=True)
class StockFigures:
    """Codes that wait (``in_stock``; ``lapsed`` is too old to be issued), and vouchers by what became of them."""

    in_stock: int = 0
    lapsed: int = 0
    open: int = 0
    used: int = 0
    void: int = 0
    expired: int = 0

    @property
    def issued(self) -> int:
        """All that left the stock: open, used, void and expired ones."""
        return self.open + self.used + self.void + self.expired


def stock_figures(*, reward_ids: Collection[int], day: date) -> dict[int, StockFigures]:
    """The figures of rewards, as of a day; one query."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES.format(of="reward_id"), {"rewards": list(reward_ids), "day": day})
        found = {reward: StockFigures(*counts) for reward, *counts in cursor.fetchall()}
    return {pk: found.get(pk, StockFigures()) for pk in reward_ids}


def value_figures(*, reward_ids: Collection[int], day: date) -> dict[int, dict[Worth, StockFigures]]:
    """The figures of rewards by what their codes are worth, of what there is; one query, none for no rewards."""
    found: defaultdict[int, dict[Worth, StockFigures]] = defaultdict(dict)
    if reward_ids:
        with connection.cursor() as cursor:
            of = "reward_id, currency, value_minor"
            cursor.execute(FIGURES.format(of=of), {"rewards": list(reward_ids), "day": day})
            for reward, currency, minor, *counts in cursor.fetchall():
                found[reward][minor, currency] = StockFigures(*counts)
    return found
