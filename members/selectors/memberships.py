"""Which memberships a user may act for."""

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from core.models import Program, User
from members.models import Member, MemberIdentity


def memberships(*, user: User, program: Program | None = None) -> QuerySet[Member]:
    """The user's memberships that are not erased, oldest first; of one program or of all."""
    found = Member.objects.filter(user=user).exclude(status=Member.Status.ERASED)
    if program is not None:
        found = found.filter(program=program)
    return found.select_related("program", "market", "region", "tier", "identity").order_by("enrolled_at", "pk")


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
