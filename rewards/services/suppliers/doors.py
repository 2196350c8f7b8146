"""Which adapter speaks to a supplier."""

from typing import Protocol

from rewards.models import Supplier
from rewards.rules.supplying import Answer, Wanted
from rewards.services.suppliers.topups import TopUpSupplier
from rewards.services.suppliers.vouchers import VoucherSupplier


class Door(Protocol):
    """The one interface to suppliers. Never called inside a transaction.

    Each call raises NotReached (nothing was taken in), Unsure (nobody knows) or TurnedDown (a definite no).
    ``cancels``: whether an order can be taken back. What cannot reaches the member by itself, however late.
    """

    cancels: bool

    def order(self, wanted: Wanted) -> Answer:
        """Order; the same number again orders nothing twice."""

    def status(self, wanted: Wanted) -> Answer:
        """What became of an order."""

    def cancel(self, wanted: Wanted) -> Answer:
        """Take an order back if it still can be; what became of it."""

    def balance(self) -> tuple[int, str]:
        """What is left of the prepaid float: minor units and currency."""


def door(supplier: Supplier) -> Door:
    """The adapter of a supplier."""
    if supplier.adapter == Supplier.Adapter.TOPUPS:
        return TopUpSupplier(supplier)
    return VoucherSupplier(supplier)
