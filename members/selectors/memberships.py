"""Which memberships a user may act for."""

from django.db.models import QuerySet

from core.models import Program, User
from members.models import Member


def memberships(*, user: User, program: Program | None = None) -> QuerySet[Member]:
    """The user's memberships that are not erased, oldest first; of one program or of all."""
    found = Member.objects.filter(user=user).exclude(status=Member.Status.ERASED)
    if program is not None:
        found = found.filter(program=program)
    return found.select_related("program", "market", "region", "tier", "identity").order_by("enrolled_at", "pk")
