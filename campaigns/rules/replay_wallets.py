"""What a member holds while its events are worked again: lots that mature, lapse, are spent and taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from campaigns.rules.judgement import Award
from campaigns.rules.state import MemberState, Wallet


@dataclass(slots=True)
class HeldPart:
    """What is left of an award, or of what else was given. ``available_on`` is set while it is pending."""

    unit: str
    left: int
    available_on: date | None
    expires_on: date | None

    @property
    def order(self) -> date:
        """First to expire first."""
        return self.expires_on or date.max


@dataclass(slots=True)
class Holdings:
    """All of one member. ``lapsed``: what expired, by unit and last good day; ``debt`` by unit."""

    parts: list[HeldPart] = field(default_factory=list)
    lapsed: dict[tuple[str, date | None], int] = field(default_factory=dict)
    debt: dict[str, int] = field(default_factory=dict)

    def give(self, award: Award) -> None:
        """Take an award in; what repays debt at once is not held."""
        wish = award.wish
        if not wish.available_on:
            self.debt[wish.unit] = self.debt.get(wish.unit, 0) - award.repaid
        held = award.amount - award.repaid
        self.parts.append(HeldPart(wish.unit, held, wish.available_on, wish.expires_on))

    def move(self, unit: str, amount: int, expires_on: date | None) -> None:
        """Something else than an event gave (positive) or spent: as far as it is there."""
        if amount > 0:
            self.parts.append(HeldPart(unit, amount, None, expires_on))
        else:
            _take(self._spendable(unit), -amount)

    def lapse(self, unit: str, day: date) -> None:
        """Let all that can be spent on a day lapse: the member was inactive too long."""
        self.settle(day)
        for part in self._spendable(unit):
            self._lose(part)

    def settle(self, day: date) -> None:
        """Let what is due mature, repay debt, and what is past its last good day lapse."""
        for part in self.parts:
            if part.available_on and part.available_on <= day:
                part.available_on = None
                repaid = min(self.debt.get(part.unit, 0), part.left)
                part.left -= repaid
                self.debt[part.unit] = self.debt.get(part.unit, 0) - repaid
            if part.expires_on and part.expires_on < day:
                self._lose(part)
        self.parts = [part for part in self.parts if part.left]

    def _lose(self, part: HeldPart) -> None:
        lot = part.unit, part.expires_on
        self.lapsed[lot] = self.lapsed.get(lot, 0) + part.left
        part.left = 0

    def show(self, state: MemberState) -> None:
        """Let the member's state say what is held."""
        state.wallets = {part.unit: Wallet() for part in self.parts} | {
            unit: Wallet(debt=owed) for unit, owed in self.debt.items()
        }
        for part in self.parts:
            wallet = state.wallet(part.unit)
            if part.available_on:
                wallet.pending += part.left
            else:
                wallet.available += part.left

    def take_back(self, effect: Mapping[str, Any], unit: str, amount: int, policy: str) -> int:
        """Take an award back as the ledger does, points that lapse alike being one lot; how much is forgiven."""
        available_on, expires_on = (_day(effect.get(name)) for name in ("available_on", "expires_on"))
        alike = [part for part in self.parts if part.unit == unit and part.expires_on == expires_on]
        pending = [part for part in alike if part.available_on and part.available_on == available_on]
        if policy == "only_pending":
            return amount - _take(pending, amount)
        left = amount - _take([*pending, *(part for part in alike if not part.available_on)], amount)
        expired = min(self.lapsed.get((unit, expires_on), 0), left)
        if expired:
            self.lapsed[unit, expires_on] -= expired
            left -= expired
        left -= _take(self._spendable(unit), left)
        if policy == "debt":
            self.debt[unit] = self.debt.get(unit, 0) + left
            left = 0
        return left

    def _spendable(self, unit: str) -> list[HeldPart]:
        return sorted(
            (part for part in self.parts if part.unit == unit and not part.available_on), key=lambda part: part.order
        )


def _take(parts: Iterable[HeldPart], amount: int) -> int:
    taken = 0
    for part in parts:
        some = min(part.left, amount - taken)
        part.left -= some
        taken += some
    return taken


def _day(text: Any) -> date | None:  # noqa: ANN401  # out of an answer
    return date.fromisoformat(text) if text else None
