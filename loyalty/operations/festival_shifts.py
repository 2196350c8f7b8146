"""Shifting festivals as staff do it: with the right for it, kept with who did it, one at a time with program files."""

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.services.festivals import shift_festival
from core.models import Market, User
from core.refusals import FieldError, Invalid
from loyalty.identity import rights
from loyalty.operations.program_file.loading import one_at_a_time

CHANGE = "campaigns.change"


def shift_by(*, market: Market, festival: str, falls_on: date, days: int, by: User, at: datetime) -> None:
    """Shift a festival in a market for somebody who has the right to, or refuse and change nothing. Raises Invalid."""
    if not rights.may_everywhere(by, CHANGE, market.program):
        detail = _("%(user)s may not do this: it needs the permission %(rights)s for the whole program.")
        detail %= {"user": by.get_username(), "rights": CHANGE}
        raise Invalid(detail, errors=[FieldError("/by", "forbidden", detail)])
    with transaction.atomic(), pghistory.context(user=by.pk, why=f"festivals shift {festival}"):
        one_at_a_time(market.program.code)
        shift_festival(market=market, festival=festival, falls_on=falls_on, days=days, at=at)
