"""What an outlet may do with a voucher that it takes, takes a part of, or takes out of use."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

UNDO_WITHIN = timedelta(minutes=5)


class VoidStep(Enum):
    """What taking a voucher out of use comes to."""

    VOID = auto()  # nobody has used it
    UNDO = auto()  # this outlet has just used it: that is taken back
    UNDONE = auto()  # there is no use (any more) that this outlet could take back: nothing is to be done
    USED = auto()  # it was used, elsewhere or too long ago


@dataclass(frozen=True, slots=True)
class LastUse:
    """The latest use of a voucher that stands or was the outlet's own; ``moved_at``: when it was made, or undone."""

    outlet_id: int
    moved_at: datetime
    is_undone: bool


def void_step(*, untouched: bool, last: LastUse | None, outlet_id: int, at: datetime, undo: bool = False) -> VoidStep:
    """What an outlet's wish to void comes to; ``untouched``: the voucher is ready, and worth all that it was.

    ``undo``: it wants nothing but its own use back.
    """
    if last is not None and last.outlet_id == outlet_id and at - last.moved_at <= UNDO_WITHIN:
        return VoidStep.UNDONE if last.is_undone else VoidStep.UNDO
    if untouched and undo:
        return VoidStep.UNDONE
    return VoidStep.VOID if untouched else VoidStep.USED
