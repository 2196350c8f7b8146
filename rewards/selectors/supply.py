"""Whether suppliers can be ordered from, and have delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rewards.models import Redemption, Reward, Supplier, SupplierOrder
from rewards.models.categories import Stock


@dataclass(frozen=True, slots=True)
class Supply:
    """``paused``: nothing is to be had for the time being; ``empty``: the prepaid float is known to be used up.

    ``needs_phone``: it delivers to the member's phone number.
    """

    paused: bool = False
    empty: bool = False
    needs_phone: bool = False


FREE = Supply()
NOBODY = Supply(paused=True)  # a supplier that does not exist


def supply_of(rewards: Sequence[Reward]) -> Mapping[int, Supply]:
    """How it stands with the suppliers of those rewards that have one, by reward; one query, none without them."""
    ordered = [one for one in rewards if one.stock == Stock.SUPPLIER]
    if not ordered:
        return {}
    rows = Supplier.objects.filter(program__in={one.program_id for one in ordered})
    named = rows.values_list("program_id", "code", "paused", "balance_minor", "adapter")
    found = {
        (program_id, code): Supply(
            paused=paused,
            empty=balance is not None and balance <= 0,
            needs_phone=adapter == Supplier.Adapter.TOPUPS,
        )
        for program_id, code, paused, balance, adapter in named
    }
    return {one.pk: found.get((one.program_id, one.supplier), NOBODY) for one in ordered}


def was_delivered(redemption: Redemption) -> bool:
    """Whether a supplier delivered it: it takes nothing back, and its codes are good wherever it is."""
    return SupplierOrder.objects.filter(redemption=redemption, state=SupplierOrder.State.DELIVERED).exists()
