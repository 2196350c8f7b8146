"""How much of each award a reversal takes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from campaigns.rules.amounts import kept
from core.rules.money import to_minor

UNITS = {"points": "points", "multiply": "points", "status_points": "status", "badge": "badge"}


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of an event before and after a reversal, in its minor units; ``original`` 0 = no amount."""

    original: int
    before: int
    after: int

    @property
    def is_full(self) -> bool:
        """Whether nothing remains."""
        return not self.after

    def share(self, award: int) -> int:
        """What is taken of an award: ceil(award x what remains / original) stays each time."""
        if not self.original:
            return award
        return kept(award, self.before, self.original) - kept(award, self.after, self.original)

    def base(self, amount_base: int) -> int:
        """What is taken of the amount in base currency; the last reversal takes exactly what is left."""
        if not self.original:
            return amount_base
        return _scaled(amount_base, self.before, self.original) - _scaled(amount_base, self.after, self.original)


def _scaled(amount: int, part: int, whole: int) -> int:
    """Half to even, exact whatever the size."""
    return round(Fraction(amount * part, whole))


@dataclass(frozen=True, slots=True)
class Taken:
    """An effect of the original and how much of it goes: smallest units of ``unit``; a badge goes whole."""

    place: int
    effect: Mapping[str, Any]
    unit: str
    amount: int

    @property
    def limited_unit(self) -> str:
        """The unit in which limits count it."""
        return "points" if self.unit == "status" else self.unit


def taken(effects: Sequence[Mapping[str, Any]], cut: Cut) -> list[Taken]:
    """What a reversal takes of each effect that an event had; effects that lose nothing are left out.

    What milestones gave is not among them: it stays while they are reached, and then goes whole.
    """
    found = []
    for place, effect in enumerate(effects):
        if "reach" in effect:
            continue
        unit = unit_of(effect)
        if unit == "badge":
            amount = int(cut.is_full)
        elif unit:
            amount = cut.share(awarded(effect, unit))
        else:
            continue
        if amount:
            found.append(Taken(place, effect, unit, amount))
    return found


def taken_whole(effects: Sequence[Mapping[str, Any]], places: Iterable[int]) -> list[Taken]:
    """All that the effects at these places gave."""
    found = []
    for place in places:
        if unit := unit_of(effects[place]):
            amount = 1 if unit == "badge" else awarded(effects[place], unit)
            found.append(Taken(place, effects[place], unit, amount))
    return found


def unit_of(effect: Mapping[str, Any]) -> str:
    """In which unit an effect gave; empty for effects without value."""
    kind = effect["kind"]
    if kind == "cashback":
        return str(effect["currency"])
    return UNITS.get(kind, "")


def awarded(effect: Mapping[str, Any], unit: str) -> int:
    """How much an effect gave."""
    return int(effect["amount"]) if unit in {"points", "status"} else to_minor(Decimal(effect["amount"]), unit)


def divide(amount: int, parts: Sequence[tuple[int, int]]) -> list[int]:
    """Divide a take-back over payments (amount, what is left of it), in proportion, never above what is left."""
    whole = sum(paid for paid, _ in parts)
    shares = [min(amount * paid // whole, left) for paid, left in parts]
    rest = amount - sum(shares)
    for place in reversed(range(len(parts))):
        more = min(rest, parts[place][1] - shares[place])
        shares[place] += more
        rest -= more
    return shares
