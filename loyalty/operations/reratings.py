"""Who may correct awards."""

from django.utils.translation import gettext as _

from core.models import Program, User
from core.refusals import FieldError, Invalid
from loyalty.identity import rights

PROPOSE, DECIDE = ("campaigns.change",), ("campaigns.approve", "adjustments.approve")
RIGHTS = {"propose": PROPOSE, "approve": DECIDE, "reject": DECIDE, "undo": DECIDE}


def may(user: User, action: str, program: Program) -> bool:
    """Whether somebody has the right to a step; a second person is asked for besides."""
    return any(rights.may_everywhere(user, permission, program) for permission in RIGHTS[action])


def demand(user: User, action: str, program: Program) -> None:
    """Refuse somebody without the right. Raises Invalid."""
    if not may(user, action, program):
        detail = _("%(user)s may not do this: it needs the permission %(rights)s for the whole program.")
        detail %= {"user": user.get_username(), "rights": " / ".join(RIGHTS[action])}
        raise Invalid(detail, errors=[FieldError("/by", "forbidden", detail)])
