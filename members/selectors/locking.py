"""The member row: the lock that guards all that belongs to a member."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import QuerySet

from core.rules.arrays import array
from core.services import prepared
from members.models import Member

HOLD = "SELECT id FROM members_member WHERE uuid = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"


def locked(members: QuerySet[Member]) -> QuerySet[Member]:
    """These members in the lock order of the whole product, each row held until the transaction ends."""
    return members.order_by("id").select_for_update(no_key=True, of=("self",))


def hold_members(uuids: Sequence[UUID]) -> None:
    """Hold the rows of the members with these uuids, thousands at a time, in the same order."""
    with prepared.cursor() as cursor:
        cursor.execute(HOLD, [array(uuids)])


def lock_members(ids: Collection[int]) -> list[int]:
    """Hold the rows of these members; the ids that exist, in lock order."""
    return list(locked(Member.objects.filter(id__in=ids)).values_list("id", flat=True))
