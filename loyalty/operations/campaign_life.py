"""Steps in the life of a campaign as staff take them: with the right for it, and one at a time with program files."""

from collections.abc import Callable, Mapping
from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.rules.life import acts_from
from campaigns.services import life
from core.models import Program, User
from core.reasons import reason_of
from core.refusals import FieldError, Invalid
from loyalty.identity import rights
from loyalty.operations.program_file.loading import one_at_a_time

SERVICES: Mapping[str, Callable[..., life.Taken]] = {
    "submit": life.submit_campaign,
    "approve": life.approve_campaign,
    "reject": life.reject_campaign,
    "pause": life.pause_campaign,
    "resume": life.resume_campaign,
    "end": life.end_campaign,
}
CHANGE, APPROVE = "campaigns.change", "campaigns.approve"
# Whoever makes campaigns or approves them may stop one, and let it go on.
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "submit": (CHANGE,),
    "approve": (APPROVE,),
    "reject": (APPROVE,),
    "pause": (CHANGE, APPROVE),
    "resume": (CHANGE, APPROVE),
    "end": (CHANGE, APPROVE),
}


def take_step(*, action: str, campaign: Campaign, by: User, because: str, at: datetime) -> life.Taken:
    """Take one step for somebody who has the right to, or refuse and change nothing. Raises Invalid."""
    if not may_take(by, action, campaign.program):
        detail = _("%(user)s may not do this: it needs the permission %(rights)s for the whole program.")
        detail %= {"user": by.get_username(), "rights": " / ".join(RIGHTS[action])}
        raise Invalid(detail, errors=[FieldError("/by", "forbidden", detail)])
    reason = reason_of(because) if because.strip() else ""
    why = f"campaign {action} {campaign.code}"
    with transaction.atomic(), pghistory.context(user=by.pk, why=reason or why):
        one_at_a_time(campaign.program.code)
        return SERVICES[action](campaign=campaign, by=by, because=reason, at=at)


def may_take(user: User, action: str, program: Program) -> bool:
    """Whether somebody has the right to a step; a second person is asked for besides."""
    return any(rights.may_everywhere(user, permission, program) for permission in RIGHTS[action])


def steps_for(user: User, campaign: Campaign) -> list[str]:
    """The steps that may be taken next, and by this user."""
    return [] if campaign.retired else [a for a in acts_from(campaign.state) if may_take(user, a, campaign.program)]
