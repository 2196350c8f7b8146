"""Which memberships a user may act for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from core.models import Market, Program, Region, User
from core.selectors.programs import VERSION, known_program
from core.selectors.rows import columns, row_of, width
from core.services import prepared
from members.models import Member, MemberIdentity, Tier

OWN = f"""
    SELECT {VERSION}, {columns(MemberIdentity, "i")}, {columns(Member, "m")}
      FROM core_program p
      LEFT JOIN members_member m ON m.program_id = p.id AND m.user_id = %s AND m.status <> 'erased'
      LEFT JOIN members_memberidentity i ON i.member_id = m.id
     WHERE p.code = %s ORDER BY m.enrolled_at, m.id
"""
OF_VERSION = 3  # columns
OF_MEMBER = OF_VERSION + width(MemberIdentity)  # where they begin


def memberships(*, user: User, program: Program | None = None) -> QuerySet[Member]:
    """The user's memberships that are not erased, oldest first; of one program or of all."""
    found = (program.members if program else Member.objects.select_related("program")).filter(user=user)
    alive = found.exclude(status=Member.Status.ERASED).order_by("enrolled_at", "pk")
    return alive.select_related("market", "region", "tier", "identity")


def program_with_members(*, code: str, user: User | None) -> tuple[Program | None, list[Member]]:
    """A program and the user's memberships in it, as ``memberships`` has them; one short query for every page."""
    with prepared.cursor() as cursor:
        cursor.execute(OWN, [user.pk if user else None, code])
        rows = cursor.fetchall()
    if not rows:
        return None, []
    program = known_program(*rows[0][:OF_VERSION])
    places = _places(program.pk, program.revision)
    found = [_member(row[OF_VERSION:OF_MEMBER], row[OF_MEMBER:], places) for row in rows if row[OF_MEMBER] is not None]
    for member in found:
        member.program, member.user = program, user
    return program, found


@dataclass(frozen=True, slots=True)
class _Places:
    """Configuration that members point to, by id."""

    markets: dict[int, Market]
    regions: dict[int | None, Region]
    tiers: dict[int | None, Tier]


@lru_cache(maxsize=64)
def _places(program_id: int, revision: int) -> _Places:  # noqa: ARG001  # the revision is the key
    return _Places(
        {row.pk: row for row in Market.objects.filter(program=program_id)},
        {row.pk: row for row in Region.objects.filter(program=program_id)},
        {row.pk: row for row in Tier.objects.filter(program=program_id)},
    )


def _member(identity: Sequence[Any], values: Sequence[Any], places: _Places) -> Member:
    """A member with what is known; what came into the configuration a moment ago is read when it is asked for."""
    member = row_of(Member, values)
    if identity[0] is not None:
        member.identity = row_of(MemberIdentity, identity)
    if market := places.markets.get(member.market_id):
        member.market = market
    if region := places.regions.get(member.region_id):
        member.region = region
    if tier := places.tiers.get(member.tier_id):
        member.tier = tier
    return member


def carrying(*, emails: Collection[str], phones: Collection[str]) -> QuerySet[Member]:
    """Members, not erased, with one of these addresses; they are lower case, numbers E.164."""
    lowered = MemberIdentity.objects.annotate(lowered=Lower("email"))
    carriers = lowered.filter(Q(lowered__in=emails) | Q(phone__in=phones)).values("member_id")
    return Member.objects.filter(pk__in=carriers).exclude(status=Member.Status.ERASED)


def sole_user(*, emails: Collection[str], phones: Collection[str]) -> User | None:
    """The one user whose memberships, all of them, carry one of these addresses; None if there are several, or others.

    Who holds such an address may act for everything that the user may: it is the same person by another address.
    """
    carriers = carrying(emails=emails, phones=phones)
    users = list(User.objects.filter(pk__in=carriers.values("user"))[:2])
    if len(users) != 1 or memberships(user=users[0]).exclude(pk__in=carriers.values("pk")).exists():
        return None
    return users[0]
