"""What a member redeemed, as receipts say it."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from core.rules.arrays import array
from core.selectors.rows import columns, row_of
from core.services import prepared
from members.models import Member
from rewards.models import Redemption, Reward
from rewards.rules.journal_keys import redemption_of

NAMED = f"""
    SELECT r.uuid, {columns(Reward, "w")}
      FROM rewards_redemption r JOIN rewards_reward w ON w.id = r.reward_id WHERE r.uuid = ANY(%s::uuid[])
"""


class Slip(NamedTuple):
    """The name of a redemption and of its reward."""

    uuid: UUID
    reward: str


def waiting_receipts(*, member: Member, limit: int) -> list[Redemption]:
    """Those that somebody still has to approve or to deliver, the oldest first; one query."""
    return list(_receipts(member).filter(state=Redemption.State.PENDING).order_by("pk")[:limit])


def find_receipt(*, member: Member, uuid: UUID) -> Redemption | None:
    """One of a member's own; None: there is none of that name."""
    return _receipts(member).filter(uuid=uuid).first()


def receipt_under(*, client: str, reference: str) -> Redemption | None:
    """What a client redeemed under a reference of its own."""
    return Redemption.objects.filter(client=client, reference=reference).first()


def receipts_of_journals(keys: Collection[str]) -> dict[str, Slip]:
    """The receipts of points that were spent or came back, by the keys of their journals; one query or none."""
    wanted = {key: UUID(name) for key in keys if (name := redemption_of(key))}
    if not wanted:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(NAMED, [array(list(set(wanted.values())))])
        slips = {uuid: Slip(uuid, row_of(Reward, reward).name) for uuid, *reward in cursor.fetchall()}
    return {key: slips[uuid] for key, uuid in wanted.items() if uuid in slips}


def _receipts(member: Member) -> QuerySet[Redemption]:
    return Redemption.objects.filter(member=member).select_related("reward")
