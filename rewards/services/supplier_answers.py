"""Asking a supplier about an order, in no transaction: what it says, or why it was not asked or did not say."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from members.models import Member, MemberIdentity
from members.rules.facts import local_date
from rewards.models import SupplierOrder
from rewards.rules.supplying import Act, Answer, NotReached, Standing, TurnedDown, Unsure, Wanted, still_good
from rewards.services.suppliers.doors import door

OPEN = (SupplierOrder.State.WAITING, SupplierOrder.State.SENT)


@dataclass(frozen=True, slots=True)
class Step:
    """An order that was taken up, and what is to be asked; ``sent``: whether it may have been sent before."""

    order: SupplierOrder
    act: Act
    sent: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What asking about an order brought: an answer, or why there is none."""

    act: Act
    answer: Answer | None = None
    reached: bool = True  # whether the supplier may have taken something in
    refused: bool = False
    moved: bool = False  # not sent, as the member has another number than when the points were taken
    held: bool = False  # not sent, as the member is frozen
    error: str = ""

    @property
    def standing(self) -> Standing | None:
        """What the supplier says of the order, if it says anything."""
        return self.answer.standing if self.answer else None

    @property
    def in_trouble(self) -> bool:
        """Whether the supplier is, and not this one order."""
        return bool(self.error) and not self.refused and not self.moved


def ask(step: Step, at: datetime) -> Said:
    """Ask the supplier, in no transaction."""
    if step.act == Act.DROP:
        return Said(Act.DROP)
    try:
        return _answered(step, at)
    except TurnedDown as error:
        return Said(step.act, refused=True, error=str(error))
    except NotReached as error:
        return Said(step.act, reached=False, error=str(error))
    except Unsure as error:
        return Said(step.act, error=str(error))


def _answered(step: Step, at: datetime) -> Said:
    """What the supplier answers; what it does not know is sent, if its member is there still and not frozen."""
    act, wanted, supplier, answer = step.act, _wanted(step.order), door(step.order.supplier), None
    today = local_date(at, ZoneInfo(step.order.redemption.member.market.timezone))
    if act == Act.CANCEL:
        return Said(act, still_good(supplier.cancel(wanted), today))
    if act == Act.STATUS:
        answer = still_good(supplier.status(wanted), today)
        if answer.standing != Standing.UNKNOWN or step.order.state not in OPEN:
            return Said(act, answer)
    return _instead_of_sending(step, answer) or Said(act, still_good(supplier.order(wanted), today))


def _instead_of_sending(step: Step, unknown: Answer | None) -> Said | None:
    """Why an order is not sent after all, as its member stands in the moment before; None: it is sent.

    ``unknown``: the supplier was asked and does not know it. What was sent before goes to the number of then.
    """
    member = step.order.redemption.member
    member.refresh_from_db(fields=["status"])
    if member.status == Member.Status.ERASED:
        return Said(step.act, unknown) if unknown else Said(Act.DROP)
    if member.status == Member.Status.FROZEN:
        return Said(step.act, held=True)
    if unknown is None and _has_moved(step.order):
        return Said(step.act, moved=True, error="another number than when it was redeemed")
    return None


def is_gone(order: SupplierOrder) -> bool:
    """Whether the member was erased: nothing is bought for nobody."""
    return order.redemption.member.status == Member.Status.ERASED


def _wanted(order: SupplierOrder) -> Wanted:
    """What the points were taken for, however often it is sent."""
    redemption = order.redemption
    return Wanted(
        po_number=order.po_number,
        sku=redemption.sku,
        quantity=redemption.quantity,
        value_minor=redemption.value_minor,
        currency=redemption.currency,
        phone=redemption.number,
    )


def _has_moved(order: SupplierOrder) -> bool:
    """Whether the member has another number than when the points were taken, or nobody can read that one any more.

    Raises Locked: as long as the supplier's secret cannot be read either, nothing is given up for want of a key.
    """
    kept = order.redemption
    if kept.phone is None:
        return False
    order.supplier.opened("secret")
    numbers = MemberIdentity.objects.filter(member=kept.member_id).values_list("phone", flat=True)
    return kept.number != (numbers.first() or "")
