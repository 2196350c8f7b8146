"""Who of the staff may see and do what: the roles' permissions, each within its program and place.

What is common to a program is seen by roles for a part of it, and written by those for the whole.

The back office asks ``may`` for a page, ``may_view`` and ``may_change`` for a model or a row of it, and shows
``visible`` rows. What the roles are allowed stands in ``permissions``, where rows belong in ``belongings``. A user's
roles are read once and kept on the user, who lives as long as the request.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

from core.models import Program, User
from dealers.models import Outlet, StaffRole
from loyalty.identity.belongings import BELONGINGS, Belonging
from loyalty.identity.permissions import CHANGE, PERMISSIONS, ROLES, VIEW

type Anybody = User | AnonymousUser


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role gives, where: in a program, or only in one region, dealer or outlet of it."""

    permissions: frozenset[str]
    program_id: int
    region_id: int | None = None
    dealer_id: int | None = None
    outlet_id: int | None = None

    @property
    def whole(self) -> bool:
        """Whether it is for all of the program."""
        return (self.region_id, self.dealer_id, self.outlet_id) == (None, None, None)


def grants_of(user: Anybody) -> tuple[Grant, ...]:
    """What the user's roles give; one query a request."""
    if not isinstance(user, User) or not user.is_active:
        return ()
    return _kept(user).grants


@dataclass(slots=True)
class _Kept:
    """What was read for a user: grants, and whether a permission holds for a row."""

    grants: tuple[Grant, ...]
    rows: dict[tuple[str, type[Model], object], bool] = field(default_factory=dict)


def _kept(user: User) -> _Kept:
    kept: _Kept | None = getattr(user, "_rights", None)
    if kept is None:
        roles = StaffRole.objects.filter(user=user)
        columns = ("role", "program_id", "region_id", "dealer_id", "outlet_id")
        kept = _Kept(tuple(Grant(ROLES[role], *place) for role, *place in roles.values_list(*columns)))
        user._rights = kept  # type: ignore[attr-defined]  # noqa: SLF001  # ours, for as long as the request lives
    return kept


def _all(user: Anybody) -> bool:
    """Superusers may everything."""
    return bool(user.is_active and user.is_superuser)


def may(user: Anybody, permission: str, program: Program | None = None, *, whole: bool = False) -> bool:
    """Whether a role of the user gives the permission: in this program or any, for a part or the ``whole`` of it."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)
    return _all(user) or any(
        permission in grant.permissions
        and (program is None or grant.program_id == program.pk)
        and (grant.whole or not whole)
        for grant in grants_of(user)
    )


def may_everywhere(user: Anybody, permission: str, program: Program) -> bool:
    """Whether the user has the permission for all of the program, not only for a place in it."""
    return may(user, permission, program, whole=True)


def may_at(
    user: Anybody,
    permission: str,
    *,
    program_id: int,
    region_id: int | None = None,
    dealer_id: int | None = None,
    outlet_id: int | None = None,
) -> bool:
    """Whether the user has the permission for what lies here; asks no database, so that lists can ask for each row."""
    return _all(user) or any(
        permission in grant.permissions
        and grant.program_id == program_id
        and grant.region_id in {None, region_id}
        and grant.dealer_id in {None, dealer_id}
        and grant.outlet_id in {None, outlet_id}
        for grant in grants_of(user)
    )


def programs_of(user: Anybody, permission: str = "office.view", *, whole: bool = False) -> QuerySet[Program]:
    """The programs in which the user has a permission, by code; ``whole``: for all of the program."""
    programs = Program.objects.order_by("code")
    if _all(user):
        return programs
    grants = [grant for grant in grants_of(user) if permission in grant.permissions and (grant.whole or not whole)]
    return programs.filter(pk__in={grant.program_id for grant in grants})


def restrict[M: Model](user: Anybody, permission: str, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows for which the user has the permission; of a model that belongs nowhere, none."""
    if _all(user):
        return rows
    belonging = BELONGINGS.get(rows.model)
    whole = _is_of_whole(rows.model, permission)
    grants = [grant for grant in grants_of(user) if permission in grant.permissions and (grant.whole or not whole)]
    if belonging is None or not grants:
        return rows.none()
    within = _within(belonging, grants)
    if belonging.many:
        within = Q(pk__in=rows.model._default_manager.filter(within).values("pk"))
    return rows.filter(within)


def visible[M: Model](user: Anybody, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows that the user may see."""
    return restrict(user, _permission(rows.model, VIEW), rows)


def may_view(user: Anybody, model: type[Model], row: Model | None = None) -> bool:
    """Whether the user may see this row, or any rows of the model."""
    return _may_on(user, VIEW, model, row)


def may_change(user: Anybody, model: type[Model], row: Model | None = None) -> bool:
    """Whether the user may write this row, or any rows of the model."""
    return _may_on(user, CHANGE, model, row)


def _may_on(user: Anybody, act: str, model: type[Model], row: Model | None) -> bool:
    permission = _permission(model, act)
    if _all(user):
        return True
    if permission not in PERMISSIONS or not isinstance(user, User):
        return False
    if not may(user, permission, whole=_is_of_whole(model, permission)):
        return False
    if row is None or row.pk is None:
        return True
    known, key = _kept(user).rows, (permission, model, row.pk)
    if key not in known:
        known[key] = restrict(user, permission, model._default_manager.filter(pk=row.pk)).exists()
    return known[key]


def _is_of_whole(model: type[Model], permission: str) -> bool:
    """Whether a role for one place is not enough: whoever writes what is common writes it for all places."""
    belonging = BELONGINGS.get(model)
    return belonging is not None and belonging.common and not permission.endswith(f".{VIEW}")


def _permission(model: type[Model], act: str) -> str:
    belonging = BELONGINGS.get(model)
    return f"{belonging.area}.{act}" if belonging else ""


def _within(belonging: Belonging, grants: Iterable[Grant]) -> Q:
    """The rows of the grants' programs and places."""
    whole = {grant.program_id for grant in grants if grant.whole}
    found = Q(**{f"{belonging.program}__in": whole})
    for grant in grants:
        if grant.program_id not in whole:
            found |= Q(**{belonging.program: grant.program_id}) & _place(belonging, grant)
    return found


def _place(belonging: Belonging, grant: Grant) -> Q:
    if belonging.common:
        return Q()
    place = Q()
    if grant.region_id is not None:
        place &= _any(belonging.regions, grant.region_id) | _outlets(belonging, Q(dealer__region=grant.region_id))
    if grant.dealer_id is not None:
        place &= _any(belonging.dealers, grant.dealer_id) | _outlets(belonging, Q(dealer=grant.dealer_id))
    if grant.outlet_id is not None:
        place &= _outlets(belonging, Q(pk=grant.outlet_id))
    return place


NOBODY = Q(pk__in=())


def _any(lookups: Iterable[str], value: int) -> Q:
    found = NOBODY
    for lookup in lookups:
        found |= Q(**{lookup: value})
    return found


def _outlets(belonging: Belonging, which: Q) -> Q:
    if not belonging.outlet:
        return NOBODY
    return Q(**{f"{belonging.outlet}__in": Outlet.objects.filter(which).values("pk")})
