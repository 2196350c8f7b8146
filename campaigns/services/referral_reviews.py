"""Reviewing referrals that guards hold back: a person looks at the evidence and decides, with a reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.services.derived import hold
from campaigns.services.referrals import joined_keys, qualified_keys, reconsider
from campaigns.services.undoing import Undone, undo
from core.models import User
from core.reasons import reason_of
from core.refusals import FieldError, Invalid
from core.services.outbox import publish
from members.models import Referral, ReferralReview
from members.services.referrals import joined_message


@transaction.atomic
def review_referral(*, referral: Referral, decision: str, by: User, because: str, at: datetime) -> Referral:
    """Approve or reject a referral: approved it is paid for like any other, once; rejected it never is.

    What a guard holds or refuses can be approved; whatever is not refused can be rejected, also when it was paid: then
    that is taken back. What a person rejected stays so. Raises Invalid, and changes nothing.
    """
    reason = reason_of(because)
    configuration, members = hold(referral.program_id, [referral.friend_id])
    row = Referral.objects.select_related("friend").get(pk=referral.pk)
    approves = decision == ReferralReview.Decision.APPROVE
    _check(row, approves=approves, present=row.friend_id in members)
    ReferralReview.objects.create(referral=row, decision=decision, by=by, because=reason, at=at)
    if approves:
        row.verdict, row.held_at = Referral.Verdict.APPROVED, None
        row.save(update_fields=["verdict", "held_at"])
        publish([joined_message(row)])
        reconsider(configuration, members, [row], at=at)
        return row
    lost = qualified_keys(row) if row.qualified_at else []
    row.verdict, row.reason = Referral.Verdict.REFUSED, Referral.Reason.REVIEW
    row.held_at = row.qualified_at = row.due_at = None
    row.save(update_fields=["verdict", "reason", "held_at", "qualified_at", "due_at"])
    undo(program_id=row.program_id, undone=[Undone([*joined_keys(row), *lost], at)])
    return row


def _check(row: Referral, *, approves: bool, present: bool) -> None:
    verdicts = Referral.Verdict
    if not present:
        raise _invalid(_("The friend is not a member any more."))
    if approves and (row.verdict not in {verdicts.HELD, verdicts.REFUSED} or row.reason == Referral.Reason.REVIEW):
        raise _invalid(_("There is nothing to approve: it is not held back, or a person rejected it."))
    if not approves and row.verdict == verdicts.REFUSED and row.reason == Referral.Reason.REVIEW:
        raise _invalid(_("It is rejected already."))


def _invalid(detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError("", "invalid", detail)])
