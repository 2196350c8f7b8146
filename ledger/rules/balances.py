"""What a member's lots amount to on a day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Holding(NamedTuple):
    """Points of a wallet (or, ``pending``, of a pending account) with one maturity and one last good day."""

    pending: bool
    available_on: date | None
    expires_on: date | None
    points: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What a member can spend, waits for and owes (a positive number), in smallest units.

    ``expiring``: of the available ones, (last good day, points); ``maturing``: of the pending ones, (day, points).
    """

    available: int = 0
    pending: int = 0
    debt: int = 0
    expiring: tuple[tuple[date, int], ...] = ()
    maturing: tuple[tuple[date, int], ...] = ()


def balance_on(*, day: date, holdings: Iterable[Holding], owed: int) -> Balance:
    """Add up holdings as if all that is due on ``day`` had been settled.

    What lapsed is gone, pending points whose day has come are available and repay debt, first to expire first.
    """
    good = [h for h in holdings if h.expires_on is None or h.expires_on >= day]
    waiting = [h for h in good if h.pending and (h.available_on is None or h.available_on > day)]
    held = [h for h in good if not h.pending]
    due = [h for h in good if h.pending and h.available_on is not None and h.available_on <= day]
    repaid = min(owed, sum(h.points for h in due))
    spendable = _drop(sorted(held + due, key=lambda h: h.expires_on or date.max), repaid)
    return Balance(
        available=sum(points for _, points in spendable),
        pending=sum(h.points for h in waiting),
        debt=owed - repaid,
        expiring=_by_day(spendable),
        maturing=_by_day((h.available_on, h.points) for h in waiting),
    )


def _drop(holdings: Iterable[Holding], points: int) -> list[tuple[date | None, int]]:
    left = []
    for holding in holdings:
        dropped = max(0, min(points, holding.points))
        points -= dropped
        left.append((holding.expires_on, holding.points - dropped))
    return left


def _by_day(parts: Iterable[tuple[date | None, int]]) -> tuple[tuple[date, int], ...]:
    days: dict[date, int] = {}
    for day, points in parts:
        if day is not None:
            days[day] = days.get(day, 0) + points
    return tuple((day, points) for day, points in sorted(days.items()) if points)
