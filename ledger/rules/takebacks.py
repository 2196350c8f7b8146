"""Taking back an award: which points pay for it, in which order. Pure: holdings in, legs out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class Expired:
    """Points of a lot that an expire transfer moved from ``account`` to ``breakage`` and that are still there."""

    transfer: int
    account: int
    breakage: int
    left: int


@dataclass(slots=True)
class HeldLot:
    """A lot of a member's wallet or pending account; ``funder`` 0 = an account without lots, all of it alike."""

    account: int
    pending: bool
    available_on: date | None
    expires_on: date | None
    funder: int
    remaining: int
    expired: list[Expired] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Award:
    """The award to take from: where its points went and how its lot is named."""

    transfer: int
    payer: int
    available_on: date | None
    expires_on: date | None
    funder: int


@dataclass(frozen=True, slots=True)
class Leg:
    """``amount`` from account ``src`` to ``dst``, undoing transfer ``reverses``."""

    src: int
    dst: int
    amount: int
    reverses: int


def is_own(award: Award, lot: HeldLot) -> bool:
    """Tell whether an award's points are in this lot: as awarded, or as matured into the wallet."""
    return (
        lot.funder == award.funder
        and lot.expires_on == award.expires_on
        and lot.available_on in {None, award.available_on}
    )


def plan_take_back(
    *, award: Award, amount: int, lots: Sequence[HeldLot], debt_account: int, policy: str
) -> tuple[list[Leg], int]:
    """Find ``amount`` points to take back; returns the legs and how much is forgiven; counts ``lots`` down.

    Its own lot first, then what of it expired (out of breakage), then the wallet's other points, first to expire
    first; what is missing becomes debt (``debt``) or is forgotten (``forgive``). ``only_pending`` takes its own
    pending lot alone. ``lots`` are in the order they expire and hold nothing lapsed.
    """
    own = sorted((lot for lot in lots if is_own(award, lot)), key=lambda lot: not lot.pending)
    if policy == "only_pending":
        taken = _take([lot for lot in own if lot.pending], amount)
        return _legs(award, taken), amount - sum(taken.values())
    taken = _take(own, amount)
    restored = _restore(own, amount - sum(taken.values()))
    for leg in restored:
        taken[leg.dst] = taken.get(leg.dst, 0) + leg.amount
    others = [lot for lot in lots if not lot.pending and not is_own(award, lot)]
    for account, points in _take(others, amount - sum(taken.values())).items():
        taken[account] = taken.get(account, 0) + points
    missing = amount - sum(taken.values())
    if missing and policy == "debt":
        taken[debt_account] = missing
        missing = 0
    return restored + _legs(award, taken), missing


def _take(lots: Sequence[HeldLot], amount: int) -> dict[int, int]:
    taken: dict[int, int] = {}
    for lot in lots:
        points = min(lot.remaining, amount)
        if points:
            lot.remaining -= points
            amount -= points
            taken[lot.account] = taken.get(lot.account, 0) + points
    return taken


def _restore(lots: Sequence[HeldLot], amount: int) -> list[Leg]:
    legs = []
    for expired in (gone for lot in lots for gone in lot.expired):
        points = min(expired.left, amount)
        if points:
            expired.left -= points
            amount -= points
            legs.append(Leg(expired.breakage, expired.account, points, expired.transfer))
    return legs


def _legs(award: Award, taken: dict[int, int]) -> list[Leg]:
    return [Leg(account, award.payer, points, award.transfer) for account, points in taken.items()]
