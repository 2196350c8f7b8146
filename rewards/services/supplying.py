"""Ordering from suppliers: one order or one refund, whatever network, supplier or worker do meanwhile.

An order is a row that is due at ``next_at``. It is taken up in a short transaction that makes it due again, so that a
killed worker loses nothing; then the supplier is asked, in no transaction; then what it said is written, with the
redemption, in another one. Whoever comes second finds it done.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from core.services.outbox import Message, publish
from members.models import Member
from members.selectors.locking import lock_members
from rewards.models import Redemption, Supplier, SupplierOrder
from rewards.rules.supplying import (
    HELD_EVERY,
    WATCH_EVERY,
    WATCHED,
    Act,
    Locked,
    Standing,
    deadline,
    next_act,
    pause_after,
)
from rewards.services.pauses import pause_locked
from rewards.services.redemption_steps import deliver, give_up
from rewards.services.supplier_answers import OPEN, Said, Step, ask, is_gone
from rewards.services.suppliers.doors import door
from rewards.services.vouchers import GivenBefore

WAITS = "order.waits"
LEASE = timedelta(minutes=3)  # longer than all calls about one order take
State = SupplierOrder.State
WATCHED_STATES = (State.REFUSED, State.CANCELLED, State.UNCLEAR)  # refunded, and perhaps delivered nevertheless
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Worked:
    """An order as it is after it was taken up; ``in_trouble``: its supplier was not reached, or made no sense."""

    order: SupplierOrder
    in_trouble: bool = False


def place_orders(*, redemptions: Sequence[Redemption], at: datetime) -> None:
    """Make the orders of redemptions that wait for a supplier, in the caller's transaction; again, it does nothing.

    One whose supplier does not exist gets its points back. The supplier is the one that the reward had when the points
    were taken.
    """
    found = Supplier.objects.filter(
        program__in={one.program_id for one in redemptions}, code__in={one.supplier for one in redemptions}
    )
    suppliers = {(one.program_id, one.code): one for one in found}
    named = [(one, suppliers.get((one.program_id, one.supplier))) for one in redemptions]
    _give_up_all([one for one, supplier in named if supplier is None], at)
    rows = [
        SupplierOrder(redemption=one, supplier=supplier, po_number=one.uuid.hex, next_at=at, created_at=at)
        for one, supplier in named
        if supplier is not None
    ]
    SupplierOrder.objects.bulk_create(rows, ignore_conflicts=True)


def _give_up_all(redemptions: Sequence[Redemption], at: datetime) -> None:
    """Give points back for want of a supplier; all members are held before the accounts of the first."""
    lost = [one for one in redemptions if one.state == Redemption.State.PENDING]
    lock_members({one.member_id for one in lost})
    for one in lost:
        log.error("no_such_supplier", supplier=one.supplier, redemption=str(one.uuid))
        give_up(redemption=one, because=Redemption.Because.FAILED, at=at)


def work_next(*, at: datetime, skip: Collection[int] = ()) -> Worked | None:
    """Take up the order that is due first and do what can be done; what came of it, None if nothing is due.

    Orders of paused suppliers and of those in ``skip`` (ids) wait; of those that were not sent so do those of frozen
    members, and those that somebody proposes to give up.
    """
    step = _take_up(at, skip)
    if step is None:
        return None
    if step.act == Act.WAIT:
        return Worked(step.order)
    try:
        said = ask(step, at)
    except Locked:
        _put_back(step, at)
        return Worked(step.order)
    try:
        _write(step, said, at)
    except (IntegrityError, GivenBefore):
        said = Said(said.act, error="codes that were given before")
        _write(step, said, at)
    step.order.refresh_from_db()
    return Worked(step.order, said.in_trouble)


@transaction.atomic
def _take_up(at: datetime, skip: Collection[int]) -> Step | None:
    """The order that is due first, due again when its worker must be dead; what is to be sent counts as sent."""
    due = SupplierOrder.objects.filter(next_at__lte=at, supplier__paused=False).exclude(supplier__in=skip)
    held = due.select_for_update(skip_locked=True, no_key=True, of=("self",))
    order = (
        held.select_related("supplier", "redemption__reward", "redemption__member__market")
        .order_by("next_at", "pk")
        .first()
    )
    if order is None:
        return None
    sent = order.sent_at is not None
    act = next_act(
        state=order.state,
        sent=sent,
        wanted=order.redemption.state == Redemption.State.PENDING,
        overdue=at >= _deadline(order),
        held=order.redemption.member.status == Member.Status.FROZEN or order.proposed_by_id is not None,
        gone=is_gone(order),
    )
    if act == Act.WAIT:
        order.next_at, order.last_error = min(at + HELD_EVERY, _deadline(order)), ""
        order.save(update_fields=["next_at", "last_error"])
        return Step(order, act, sent)
    order.next_at, order.attempts = at + LEASE, order.attempts + 1
    if act == Act.ORDER:
        order.sent_at = at
    if order.state == State.WAITING and order.sent_at:
        order.state = State.SENT
    order.save(update_fields=["next_at", "attempts", "state", "sent_at"])
    return Step(order, act, sent)


def _deadline(order: SupplierOrder, since: datetime | None = None) -> datetime:
    """When the supplier's time to answer is over, since the order was made or ``since`` then."""
    supplier, began = order.supplier, since or order.created_at
    return deadline(created_at=began, resumed_at=supplier.resumed_at, minutes=supplier.answer_within_minutes)


@transaction.atomic
def _put_back(step: Step, at: datetime) -> None:
    """Leave an order as it was before it was taken up, for the time when its supplier can be asked again."""
    order = SupplierOrder.objects.select_for_update(no_key=True).get(pk=step.order.pk)
    pause_locked(supplier=step.order.supplier, at=at)  # orders are held before suppliers
    if order.attempts == step.order.attempts and order.next_at is not None:
        if not step.sent and order.state == State.SENT:
            order.state, order.sent_at = State.WAITING, None
        order.next_at, order.last_error = at, "its secret cannot be read"
        order.save(update_fields=["state", "sent_at", "next_at", "last_error"])


@transaction.atomic
def _write(step: Step, said: Said, at: datetime) -> None:
    """Write what was said, unless somebody else wrote more meanwhile."""
    lock_members([step.order.redemption.member_id])
    rows = SupplierOrder.objects.select_for_update(no_key=True, of=("self",))
    order = rows.select_related("supplier", "redemption").get(pk=step.order.pk)
    waited, before = order.waits_for_people, order.state
    if said.answer:
        order.number = said.answer.number or order.number
    if order.state in OPEN and said.held:
        _hold(order, step, at)
    elif order.state in OPEN:
        order.last_error = said.error[:200]
        order.heard_at = at if said.standing == Standing.PROCESSING else order.heard_at
        _go_on(order, step, said, at)
    elif order.state in WATCHED_STATES:
        order.last_error = said.error[:200] or order.last_error
        _watch(order, said, at)
    if order.state != before:
        order.proposed_by = order.proposed_at = order.confirmed_by = order.confirmed_at = (
            None  # they knew another state
        )
        order.overdue_since = None
    order.save()
    if order.waits_for_people and not waited:
        publish([Message(WAITS, order.supplier.program_id, {"order": order.pk, "since": at.isoformat()})])


def _hold(order: SupplierOrder, step: Step, at: datetime) -> None:
    """Back to those that wait, unless somebody else took it up since: its supplier has nothing of it.

    One that a worker may have sent keeps since when, so that it is looked at once more if it is given up.
    """
    if order.attempts == step.order.attempts:
        order.state, order.sent_at, order.last_error = State.WAITING, order.sent_at if step.sent else None, ""
        order.next_at = min(at + HELD_EVERY, _deadline(order))


def _go_on(order: SupplierOrder, step: Step, said: Said, at: datetime) -> None:
    """An order that is open: delivered, refused, refunded, or asked about later."""
    if said.standing == Standing.COMPLETE:
        _complete(order, said, at)
    elif said.moved:
        _close(order, State.REFUSED, Redemption.Because.NUMBER, at)
    elif said.refused:
        _close(order, State.REFUSED, Redemption.Because.FAILED, at, doubted=step.sent)
        Supplier.objects.filter(pk=order.supplier_id).update(balance_at=None)  # perhaps the float is used up
    elif said.standing == Standing.CANCELLED and not (said.act == Act.CANCEL and door(order.supplier).cancels):
        _close(order, State.CANCELLED, Redemption.Because.FAILED, at)
    elif said.act == Act.DROP or said.standing in {Standing.CANCELLED, Standing.UNKNOWN}:
        left = is_gone(step.order) and said.act != Act.CANCEL
        because = Redemption.Because.ASKED if left else Redemption.Because.SILENT
        _close(order, State.CANCELLED, because, at, doubted=said.standing == Standing.UNKNOWN)
    elif said.act == Act.CANCEL:
        _overdue(order, said, at)
    else:
        if not said.reached and not step.sent and order.attempts == step.order.attempts:  # nobody else sent it
            order.state, order.sent_at = State.WAITING, None
        order.next_at = _again_at(order, at)


def _overdue(order: SupplierOrder, said: Said, at: datetime) -> None:
    """An order whose time is over, and that was neither cancelled nor unknown to the supplier.

    Where nothing can be cancelled, and the supplier said within its minutes that it works on it, it may reach the
    member yet: the points stay spent, it is asked on, and people are told. Else nobody knows, and the points come back.
    """
    if order.heard_at and not door(order.supplier).cancels and at < _deadline(order, order.heard_at):
        order.overdue_since = order.overdue_since or at
        order.next_at = _again_at(order, at)
        log.error("order_overdue", supplier=order.supplier.code, po_number=order.po_number, error=said.error)
        return
    _close(order, State.UNCLEAR, Redemption.Because.SILENT, at)
    order.next_at = at + WATCH_EVERY
    log.error("order_unclear", supplier=order.supplier.code, po_number=order.po_number, error=said.error)


def _again_at(order: SupplierOrder, at: datetime) -> datetime:
    """When to ask again, at the latest when the time to answer is over, if it is not."""
    pause, last = pause_after(order.attempts, secrets.randbelow(1000) / 1000), _deadline(order)
    return min(at + pause, last) if at < last else at + pause


def _complete(order: SupplierOrder, said: Said, at: datetime) -> None:
    """The supplier delivered: to the member, or too late, which costs us and not the member."""
    answer = said.answer
    if answer is None:
        return
    order.cost_minor, order.currency, order.next_at, order.closed_at = answer.cost_minor, answer.currency, None, at
    if order.redemption.state != Redemption.State.PENDING:
        order.state = State.LATE
        log.error("order_late", supplier=order.supplier.code, po_number=order.po_number)
        return
    order.state = State.DELIVERED
    deliver(redemption=order.redemption, cards=answer.cards, at=at)


def _close(order: SupplierOrder, state: str, because: str, at: datetime, *, doubted: bool = False) -> None:
    """Close and refund; ``doubted``: what was sent before may yet arrive there, so it is looked at once more."""
    order.state, order.next_at, order.closed_at = state, at + WATCH_EVERY if doubted else None, at
    if order.redemption.state == Redemption.State.PENDING:
        give_up(redemption=order.redemption, because=because, at=at)


def _watch(order: SupplierOrder, said: Said, at: datetime) -> None:
    """An order that was refunded: delivered nevertheless, surely not, or looked at again for a week."""
    order.next_at = None
    if said.standing == Standing.COMPLETE:
        _complete(order, said, at)
    elif said.standing in {Standing.CANCELLED, Standing.UNKNOWN}:
        order.state = State.CANCELLED if order.state == State.UNCLEAR else order.state
    elif order.closed_at and at < order.closed_at + WATCHED:
        order.next_at = at + WATCH_EVERY


def wake(*, orders: QuerySet[SupplierOrder], at: datetime) -> int:
    """Have these orders looked at now, because the supplier or a person says so; how many there are to look at."""
    return orders.filter(state__in=(*OPEN, *WATCHED_STATES)).update(next_at=at)


def give_up_unsent(*, member_id: int, at: datetime) -> None:
    """Give up what was not sent yet for a member who is erased, and who is held."""
    orders = SupplierOrder.objects.filter(redemption__member=member_id, state=State.WAITING)
    for order in orders.select_for_update(no_key=True, of=("self",)).select_related("redemption").order_by("pk"):
        _close(order, State.CANCELLED, Redemption.Because.ASKED, at, doubted=order.sent_at is not None)
        order.save(update_fields=["state", "next_at", "closed_at"])


def forget_orders(*, member_id: int) -> None:
    """Forget for which numbers a member's orders were, and what was said about them and the member."""
    Redemption.objects.filter(member=member_id, phone__isnull=False).update(phone=None)
    orders = SupplierOrder.objects.filter(redemption__member=member_id)
    orders.exclude(last_error="", note="").update(last_error="", note="")
