"""A simple model of one member's points: what the ledger must agree with after every step."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple


class Key(NamedTuple):
    """What names a lot."""

    pending: bool
    available_on: date | None
    expires_on: date | None
    funder: str


@dataclass
class Award:
    """What was awarded, and how much of it is not taken back."""

    transfer: int
    key: Key
    left: int


@dataclass
class Spent:
    """A spend: its lots, what of each is not refunded."""

    transfer: int
    uses: dict[Key, int]


@dataclass
class Model:
    """Lots in the order they were opened, what of each expired, the debt, and the day."""

    today: date
    lots: dict[Key, int] = field(default_factory=dict)
    expired: dict[Key, int] = field(default_factory=dict)
    debt: int = 0

    def give(self, key: Key, points: int) -> None:
        self.lots[key] = self.lots.get(key, 0) + points

    def wallet(self) -> int:
        return sum(points for key, points in self.lots.items() if not key.pending)

    def take(self, points: int) -> dict[Key, int]:
        """Out of the wallet, first to expire first; what has lapsed comes last, and only debt is repaid with it."""
        uses: dict[Key, int] = {}
        held = [key for key in self.lots if not key.pending and self.lots[key]]
        ends = {key: key.expires_on or date.max for key in held}
        for key in sorted(held, key=lambda key: (ends[key] < self.today, ends[key])):  # stable: oldest lot first
            used = min(points, self.lots[key])
            if used:
                uses[key] = used
                self.lots[key] -= used
                points -= used
        assert not points
        return uses

    def repay(self, points: int) -> None:
        repaid = min(self.debt, points)
        self.take(repaid)
        self.debt -= repaid

    def award(self, key: Key, points: int) -> None:
        self.give(key, points)
        if not key.pending:
            self.repay(points)

    def mature(self) -> None:
        due = [
            key for key in self.lots if key.pending and self.lots[key] and (key.available_on or date.max) <= self.today
        ]
        for key in sorted(due, key=lambda key: (key.available_on or date.max, key.expires_on or date.max)):
            if (key.expires_on or date.max) >= self.today:
                points, self.lots[key] = self.lots[key], 0
                self.give(key._replace(pending=False, available_on=None), points)
                self.repay(points)

    def expire(self) -> None:
        for key in self.lots:
            if (key.expires_on or date.max) < self.today:
                self.expired[key] = self.expired.get(key, 0) + self.lots[key]
                self.lots[key] = 0

    def settle(self) -> None:
        self.expire()
        self.mature()

    def refund(self, spent: Spent, points: int, good_until: date | None) -> None:
        opened, given = list(self.lots), 0
        for key in sorted(spent.uses, key=lambda key: (key.expires_on or date.max, opened.index(key)), reverse=True):
            back = min(points, spent.uses[key])
            spent.uses[key] -= back
            points -= back
            soon = good_until is not None and key.expires_on is not None and key.expires_on < good_until
            if back:
                self.give(key._replace(expires_on=good_until) if soon else key, back)
                given += back
        assert not points
        self.repay(given)

    def take_back(self, award: Award, points: int, policy: str) -> tuple[int, int, int, int]:
        """Answers (taken, from breakage, debt, forgiven)."""
        matured = award.key._replace(pending=False, available_on=None)
        asked = points
        for key in [award.key] if policy == "only_pending" else [award.key, matured]:
            if key.pending or policy != "only_pending":
                used = min(points, self.lots.get(key, 0))
                self.lots[key] = self.lots.get(key, 0) - used
                points -= used
        from_breakage = debt = 0
        if policy != "only_pending":
            for key in dict.fromkeys([award.key, matured]):
                back = min(points, self.expired.get(key, 0))
                self.expired[key] = self.expired.get(key, 0) - back
                from_breakage += back
                points -= back
            others = min(points, self.wallet())
            self.take(others)
            points -= others
        if policy == "debt":
            debt, points = points, 0
            self.debt += debt
        award.left -= asked - points
        return asked - points - from_breakage - debt, from_breakage, debt, points


def in_days(today: date, days: int | None) -> date | None:
    """A day so many days on, or none."""
    return None if days is None else today + timedelta(days=days)
