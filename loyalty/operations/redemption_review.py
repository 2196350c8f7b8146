"""What staff do with redemptions, with the right for it: decide on those that cost much, and cancel."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from core.models import User
from core.refusals import FieldError, Invalid, NotAvailable
from loyalty.identity import rights
from rewards.models import Redemption
from rewards.services.redemption_steps import approve, reject
from rewards.services.redemptions import cancel_redemption

APPROVE, CANCEL = "redemptions.approve", "redemptions.change"
LONGEST_REASON = 500  # characters
DECISIONS: Mapping[str, Callable[..., Redemption]] = {"approve": approve, "reject": reject}


def decide(*, redemption: Redemption, decision: str, by: User, at: datetime) -> Redemption:
    """Approve or reject for somebody who has the right to and did not ask for it, or refuse and change nothing.

    Raises Invalid, NotAvailable, OutOfStock.
    """
    _demand(by, redemption, APPROVE)
    return DECISIONS[decision](redemption=redemption, by=by, at=at)


def may_decide(user: User, redemption: Redemption) -> bool:
    """Whether somebody has the right to decide on this one."""
    return _may(user, redemption, APPROVE)


def cancel(*, redemption: Redemption, reason: str, by: User, at: datetime) -> Redemption:
    """Cancel for somebody who has the right to and says why, or refuse and change nothing; the member is told.

    Nobody cancels what is their own. Raises Invalid, NotAvailable, VoucherUsed, VoucherExpired. One that is cancelled
    already is refused, so that nobody believes to have done it.
    """
    _demand(by, redemption, CANCEL)
    if by.pk == redemption.member.user_id:
        raise Invalid(errors=[FieldError("/by", "invalid", _("Somebody else must decide."))])
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON or not said.isprintable():
        detail = _("Say why, in one line of at most %(most)s characters.") % {"most": LONGEST_REASON}
        raise Invalid(detail, errors=[FieldError("/reason", "invalid", detail)])
    cancelled = cancel_redemption(redemption=redemption, at=at, because=Redemption.Because.OFFICE, by=by, note=said)
    if (cancelled.because, cancelled.note, cancelled.cancelled_at) != (Redemption.Because.OFFICE, said, at):
        raise NotAvailable(_("It is cancelled already."))
    return cancelled


def may_cancel(user: User, redemption: Redemption) -> bool:
    """Whether somebody has the right to cancel this one, which is not their own."""
    return user.pk != redemption.member.user_id and _may(user, redemption, CANCEL)


def _demand(by: User, redemption: Redemption, right: str) -> None:
    if not _may(by, redemption, right):
        detail = _("%(user)s may not do this: it needs the permission %(right)s where the member belongs.")
        detail %= {"user": by.get_username(), "right": right}
        raise Invalid(detail, errors=[FieldError("/by", "forbidden", detail)])


def _may(user: User, redemption: Redemption, right: str) -> bool:
    return rights.restrict(user, right, Redemption.objects.filter(pk=redemption.pk)).exists()
