"""The member row: the lock that guards all that belongs to a member."""

from collections.abc import Collection

from django.db.models import QuerySet

from members.models import Member


def locked(members: QuerySet[Member]) -> QuerySet[Member]:
    """These members in the lock order of the whole product, each row held until the transaction ends."""
    return members.order_by("id").select_for_update(no_key=True, of=("self",))


def lock_members(ids: Collection[int]) -> list[int]:
    """Hold the rows of these members; the ids that exist, in lock order."""
    return list(locked(Member.objects.filter(id__in=ids)).values_list("id", flat=True))
