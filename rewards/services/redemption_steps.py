"""What others do with redemptions that are pending: suppliers deliver or do not, approvers approve or reject."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.models import User
from core.refusals import FieldError, Frozen, Invalid, NotAvailable
from members.models import Member
from rewards.models import Redemption
from rewards.rules.supplying import Card
from rewards.services.fulfilling import expects, fulfil, hand_out, tell_redeemed
from rewards.services.redemptions import hold_redemption, tell_ready, undo_redemption
from rewards.services.vouchers import void

State, WaitsFor = Redemption.State, Redemption.WaitsFor


@transaction.atomic
def deliver(*, redemption: Redemption, cards: Sequence[Card], at: datetime) -> Redemption:
    """Issue a redemption that waits for a supplier: a voucher for each of its cards.

    There are as many cards as pieces, or none where the supplier delivers without codes, as a top-up of a phone. One
    that is issued stays as it is. Raises Invalid, and NotAvailable for one that is cancelled or waits for approval.
    """
    row, member = hold_redemption(redemption)
    if row.state == State.ISSUED:
        return row
    if row.waits_for != WaitsFor.SUPPLIER:
        raise NotAvailable(_("The redemption does not wait for a supplier."))
    if cards and len(cards) != row.quantity:
        raise Invalid(errors=[FieldError("/cards", "invalid", _("There is one code for each piece."))])
    hand_out(row, member, cards=cards, at=at)
    if member.status == Member.Status.ERASED:  # nobody is there to use it
        void([one.uuid for one in row.vouchers.all() if one.uuid], at=at)
    row.state, row.waits_for, row.issued_at = State.ISSUED, WaitsFor.NOBODY, at
    row.save(update_fields=["state", "waits_for", "issued_at"])
    tell_redeemed(row, member)
    tell_ready(row, member, at=at)
    return row


@transaction.atomic
def give_up(*, redemption: Redemption, because: str, at: datetime) -> Redemption:
    """Give the points back of a redemption that its supplier does not deliver; they are good for 30 days at least.

    ``because`` is ``Redemption.Because.FAILED``, ``SILENT`` or ``NUMBER``. One that is cancelled stays as it is. Raises
    NotAvailable for one that is issued or waits for approval.
    """
    row, member = hold_redemption(redemption)
    if row.state == State.CANCELLED:
        return row
    if row.waits_for != WaitsFor.SUPPLIER:
        raise NotAvailable(_("The redemption does not wait for a supplier."))
    return undo_redemption(row, member, at=at, because=because, by=None, unasked=True)


@transaction.atomic
def approve(*, redemption: Redemption, by: User, at: datetime) -> Redemption:
    """Let a redemption go on that waits for approval: stock is taken now, or the supplier is asked.

    Raises OutOfStock, NotAvailable for one that does not wait, Invalid for whoever asked for it, and Frozen while its
    member is frozen: it can be rejected.
    """
    row, member = hold_redemption(redemption)
    _check(row, by)
    if member.status == Member.Status.FROZEN:
        raise Frozen(_("The member is frozen: it can be approved when the freeze has ended, or be rejected now."))
    row.waits_for, row.decided_by = expects(row.reward), by
    if row.waits_for == WaitsFor.NOBODY:
        row.state, row.issued_at = State.ISSUED, at
    row.save(update_fields=["state", "waits_for", "issued_at", "decided_by"])
    fulfil(row, member, at=at)
    tell_ready(row, member, at=at)
    return row


@transaction.atomic
def reject(*, redemption: Redemption, by: User, at: datetime) -> Redemption:
    """Give the points back of a redemption that waits for approval; they are good for 30 days at least.

    Raises NotAvailable for one that does not wait, and Invalid for whoever asked for it.
    """
    row, member = hold_redemption(redemption)
    _check(row, by)
    return undo_redemption(row, member, at=at, because=Redemption.Because.REFUSED, by=by, unasked=True)


def _check(row: Redemption, by: User) -> None:
    if row.waits_for != WaitsFor.APPROVAL:
        raise NotAvailable(_("The redemption does not wait for approval."))
    if by.pk in {row.asked_by_id, row.member.user_id}:
        raise Invalid(errors=[FieldError("/by", "invalid", _("Somebody else must decide."))])
