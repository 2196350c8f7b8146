"""Reviewing referrals as staff do: with the right for it, and noted in the audit trail."""

from datetime import datetime

import pghistory
from django.utils.translation import gettext as _

from campaigns.services.referral_reviews import review_referral
from core.models import User
from core.reasons import reason_of
from core.refusals import FieldError, Invalid
from loyalty.identity import rights
from members.models import Referral

APPROVE = "referrals.approve"


def review(*, referral: Referral, decision: str, by: User, because: str, at: datetime) -> Referral:
    """Approve or reject for somebody who has the right to, or refuse and change nothing. Raises Invalid."""
    if not may_review(by, referral):
        detail = _("%(user)s may not do this: it needs the permission %(right)s where the referral belongs.")
        detail %= {"user": by.get_username(), "right": APPROVE}
        raise Invalid(detail, errors=[FieldError("/by", "forbidden", detail)])
    reason = reason_of(because)
    with pghistory.context(user=by.pk, why=reason):
        return review_referral(referral=referral, decision=decision, by=by, because=reason, at=at)


def may_review(user: User, referral: Referral) -> bool:
    """Whether somebody has the right to decide on this one."""
    return rights.restrict(user, APPROVE, Referral.objects.filter(pk=referral.pk)).exists()
