"""How much of each award a reversal takes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from campaigns.rules.amounts import kept
from campaigns.rules.kinds import NAMES, THING
from core.rules.money import to_minor

UNITS = {"points": "points", "multiply": "points", "status_points": "status", **dict.fromkeys(NAMES, THING)}


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
    """An effect of the original and how much of it goes: smallest units of ``unit``; a thing goes whole.

    Of an entry on a leaderboard it is the score.
    """

    place: int
    effect: Mapping[str, Any]
    unit: str
    amount: int

    @property
    def whose(self) -> tuple[str, str, int]:
        """The campaign, rule and offer (0 = none) that gave it."""
        return self.effect["campaign"], self.effect["rule"], int(self.effect.get("offer", 0))

    @property
    def limited_unit(self) -> str:
        """The unit in which limits count it."""
        return "points" if self.unit == "status" else self.unit


def ghost_effect(campaign: str, rule: str, offer_id: int) -> dict[str, str]:
    """What a held-out member would have been given, as far as limits must know it."""
    return {"campaign": campaign, "rule": rule} | ({"offer": str(offer_id)} if offer_id else {})


def taken(effects: Sequence[Mapping[str, Any]], cut: Cut) -> list[Taken]:
    """What a reversal takes of each effect that an event had; effects that lose nothing are left out.

    What milestones gave is not among them: it stays while they are reached, and then goes whole.
    """
    found = []
    for place, effect in enumerate(effects):
        if "reach" in effect:
            continue
        unit = unit_of(effect)
        if unit == THING:
            amount = _thing(effect, cut)
        elif unit:
            amount = cut.share(awarded(effect, unit))
        else:
            continue
        if amount:
            found.append(Taken(place, effect, unit, amount))
    return found


def _thing(effect: Mapping[str, Any], cut: Cut) -> int:
    """What goes of a thing: all of it when nothing of the event remains; scores in amounts and points in proportion."""
    whole = int(effect.get("amount", 1))
    return cut.share(whole) if effect.get("score") in {"amount", "points"} else whole * cut.is_full


def taken_whole(effects: Sequence[Mapping[str, Any]], places: Iterable[int]) -> list[Taken]:
    """All that the effects at these places gave."""
    found = []
    for place in places:
        if unit := unit_of(effects[place]):
            amount = int(effects[place].get("amount", 1)) if unit == THING else awarded(effects[place], unit)
            found.append(Taken(place, effects[place], unit, amount))
    return found


def is_final(effect: Mapping[str, Any], policy: str, day: date) -> bool:
    """Whether value is the member's for good: where only pending awards are taken back, as soon as it can be spent."""
    if policy != "only_pending" or unit_of(effect) in {"", THING, "status"}:
        return False
    available_on = effect.get("available_on")
    return not available_on or date.fromisoformat(available_on) <= day


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
