"""Settling orders that wait for people, and giving up what was never sent: one says how or why, another confirms."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.models import User
from core.reasons import reason_of
from core.refusals import FieldError, Invalid, NotAvailable
from members.selectors.locking import lock_members
from rewards.models import Redemption, SupplierOrder
from rewards.models.suppliers import REFUNDED
from rewards.rules.supplying import WATCH_EVERY
from rewards.services.redemption_steps import give_up

State = SupplierOrder.State


@transaction.atomic
def propose_settling(*, order: SupplierOrder, by: User, note: str, at: datetime) -> SupplierOrder:
    """Say how an order that waits for people was agreed with its supplier; it waits on until another confirms.

    Or why one is given up that was never sent, whether its supplier is paused or not: it is not sent until another
    decides. Raises Invalid without a note, NotAvailable for any other or one that somebody has proposed already.
    """
    said = reason_of(note, "/note")
    row = _held(order)
    if row.proposed_by_id is not None:
        raise NotAvailable(_("Somebody has proposed to settle it already."))
    row.note, row.proposed_by, row.proposed_at = said, by, at
    row.save(update_fields=["note", "proposed_by", "proposed_at"])
    return row


@transaction.atomic
def settle(*, order: SupplierOrder, by: User, at: datetime) -> SupplierOrder:
    """Confirm what somebody else proposed: the order waits no more.

    The points of one that the supplier still worked on, or that was never sent, come back; the former is looked at once
    more, as any that was given up. Raises NotAvailable for one that does not wait or that nobody proposed to settle,
    Invalid for who did.
    """
    row = _held(order)
    _demand_another(row, by)
    row.confirmed_by, row.confirmed_at = by, at
    if row.state in REFUNDED:
        row.state, row.next_at = State.SETTLED, None
    else:
        row.next_at = None if row.sent_at is None else at + WATCH_EVERY
        row.state, row.closed_at, row.overdue_since = State.CANCELLED, at, None
        give_up(redemption=row.redemption, because=Redemption.Because.FAILED, at=at)
    row.save(update_fields=["state", "next_at", "closed_at", "overdue_since", "confirmed_by", "confirmed_at"])
    return row


@transaction.atomic
def send_back(*, order: SupplierOrder, by: User) -> SupplierOrder:
    """Say no to what somebody else proposed: the order waits as before, and the note stays until the next one.

    Raises as ``settle`` does.
    """
    row = _held(order)
    _demand_another(row, by)
    row.proposed_by = row.proposed_at = None
    row.save(update_fields=["proposed_by", "proposed_at"])
    return row


def _held(order: SupplierOrder) -> SupplierOrder:
    """The order as it stands, which waits for people or was never sent; the member is held before it."""
    lock_members([order.redemption.member_id])
    rows = SupplierOrder.objects.select_for_update(no_key=True, of=("self",)).select_related("redemption")
    row = rows.get(pk=order.pk)
    if not row.may_be_settled:
        raise NotAvailable(_("The order does not wait for people."))
    return row


def _demand_another(row: SupplierOrder, by: User) -> None:
    if row.proposed_by_id is None:
        raise NotAvailable(_("Nobody has proposed to settle it."))
    if row.proposed_by_id == by.pk:
        raise Invalid(errors=[FieldError("/by", "invalid", _("Somebody else must decide."))])
