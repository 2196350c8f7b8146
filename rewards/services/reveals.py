"""Showing staff the whole code of a voucher: only after it is written down who looked, when and why."""

from datetime import datetime

from core.models import User
from core.reasons import reason_of
from rewards.models import CodeReveal, Voucher


def reveal_code(*, voucher: Voucher, by: User, because: str, request_id: str, at: datetime) -> None:
    """Write down that somebody looks at a voucher's code and PIN, for a reason. Raises: Invalid without one."""
    reason = reason_of(because)
    CodeReveal.objects.create(voucher=voucher, by=by, at=at, because=reason, request_id=request_id)
