"""Who is told that codes run out: those who may load new ones."""

from collections.abc import Sequence
from datetime import datetime

from core.models import OutboxMessage, User
from dealers.models import StaffNotice, StaffRole
from dealers.services.staff_notices import tell_staff
from loyalty.identity.permissions import ROLES

LOADING = [role for role, permissions in ROLES.items() if "rewards.change" in permissions]


def tell_stock(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Tell people of rewards whose codes run out, each person once each time."""
    for message in messages:
        said = message.payload
        roles = StaffRole.objects.filter(program=message.program_id, role__in=LOADING)
        users = User.objects.filter(pk__in=roles.values("user"), is_active=True)
        tell_staff(
            program_id=message.program_id,
            users=set(users.values_list("pk", flat=True)),
            kind=StaffNotice.Kind.STOCK_LOW,
            key=f"stock:{message.pk}",
            values=said,
            at=at,
        )
