"""Who is told of suppliers: finance of floats, who may change suppliers of their secrets, who runs orders of those."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Q

from core.models import OutboxMessage, Program, User
from dealers.models import StaffNotice, StaffRole
from dealers.services.staff_notices import tell_staff
from loyalty.identity import rights
from loyalty.identity.permissions import ROLES
from rewards.models import SupplierOrder
from rewards.models.suppliers import FOR_PEOPLE

FINANCE = (StaffRole.Role.FINANCE, StaffRole.Role.FINANCE_APPROVER)
MANY = 5  # of a supplier's orders that wait for people, so many are told one by one, more as one notice a day


def tell_floats(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Tell finance, each person once each time a float falls below its threshold."""
    _tell(messages, StaffNotice.Kind.SUPPLIER_LOW, FINANCE, "suppliers.view", at)


def tell_locked(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Tell who may enter the secret of a supplier again that nobody can read, each person once each time."""
    _tell(messages, StaffNotice.Kind.SUPPLIER_LOCKED, _roles("suppliers.change"), "suppliers.change", at)


def _tell(messages: Sequence[OutboxMessage], kind: str, roles: Collection[str], permission: str, at: datetime) -> None:
    programs = Program.objects.in_bulk([message.program_id for message in messages])
    for message in messages:
        program, said = programs[message.program_id], message.payload
        users = {user.pk for user in _staff([program.pk], roles) if rights.may_everywhere(user, permission, program)}
        named = f"{kind}:{program.pk}:{said['supplier']}:{said['since']}"
        tell_staff(program_id=program.pk, users=users, kind=kind, key=named, values=said, at=at)


def tell_orders(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Tell who runs orders that one began to wait for people, each person once; what waits no more is not told.

    Queries grow with the staff, not with the orders, until these are many: then one notice a supplier and day says so.
    """
    asked = SupplierOrder.objects.filter(FOR_PEOPLE, pk__in=[message.payload["order"] for message in messages])
    orders = asked.select_related("supplier").in_bulk()
    waiting = _waiting({order.supplier_id for order in orders.values()})
    seen = {
        user.pk: set(rights.restrict(user, "suppliers.run", asked).values_list("pk", flat=True))
        for user in _staff({message.program_id for message in messages}, _roles("suppliers.run"))
    }
    for message in messages:
        order = orders.get(message.payload["order"])
        if order is not None:
            said = _said(order, message.payload, waiting[order.supplier_id])
            users = {user for user, reached in seen.items() if order.pk in reached}
            kind = StaffNotice.Kind.ORDER_WAITS
            tell_staff(program_id=message.program_id, users=users, kind=kind, key=said[0], values=said[1], at=at)


def _said(order: SupplierOrder, told: Mapping[str, object], waiting: int) -> tuple[str, Mapping[str, object]]:
    """Key and values of a notice: of this order, or that there are many."""
    state = "overdue" if order.overdue_since else order.state
    values = {"name": order.supplier.name, "order": order.po_number, "state": state}
    if waiting <= MANY:
        return f"order:{order.pk}:{told['since']}", values
    return f"orders:{order.supplier_id}:{str(told['since'])[:10]}", {**values, "state": "many"}


def _waiting(suppliers: Collection[int]) -> dict[int, int]:
    rows = SupplierOrder.objects.filter(FOR_PEOPLE, supplier__in=suppliers).values_list("supplier")
    return dict(rows.annotate(Count("pk")).order_by())


def _roles(permission: str) -> list[str]:
    return [role for role, permissions in ROLES.items() if permission in permissions]


def _staff(programs: Collection[int], roles: Collection[str]) -> list[User]:
    given = StaffRole.objects.filter(program__in=programs, role__in=roles)
    return list(User.objects.filter(Q(pk__in=given.values("user")), is_active=True).order_by("pk"))
