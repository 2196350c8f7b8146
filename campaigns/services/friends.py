"""What is told of friends who were brought: identity proven, joined, qualified; and what only time brings."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction

from campaigns.rules.derived import Derived, referred_joined_key, referred_qualified_key
from campaigns.services.causes import by_program
from campaigns.services.configuration import current_configuration
from campaigns.services.derived import derive, hold, is_heard
from campaigns.services.referrals import OPEN, reconsider
from core.models import OutboxMessage
from members.models import Referral

OF_FRIEND: Mapping[str, str] = {"referral.joined": "referred.joined", "referral.qualified": "referred.qualified"}
BATCH = 500  # referrals in one transaction


def reconsider_told(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Look again at friends who joined or whose identity was proven, or is not any more."""
    for program_id, mine in by_program(messages):
        if current_configuration(program_id).referral:
            uuids = {UUID(one.payload.get("friend", one.payload["member"])) for one in mine}
            rows = Referral.objects.filter(program=program_id, friend__uuid__in=uuids, verdict__in=OPEN)
            look_again(program_id=program_id, friends=list(rows.values_list("friend", flat=True)), at=at)


def derive_for_friends(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Derive the friends' own events, inside the transaction that marks the messages as taken in."""
    for program_id, mine in by_program(messages):
        configuration = current_configuration(program_id)
        heard = [one for one in mine if is_heard(configuration, OF_FRIEND[one.topic])]
        if heard:
            derive(program_id=program_id, found=_derived(program_id, heard), at=at)


def qualify_due(*, at: datetime) -> int:
    """Let referrals count whose cooling is over; how many were looked at. It works in short transactions."""
    due = Referral.objects.filter(due_at__lte=at, qualified_at=None, verdict__in=OPEN).order_by("program", "friend")
    by_owner: dict[int, list[int]] = {}
    for program_id, friend_id in due.values_list("program", "friend"):
        by_owner.setdefault(program_id, []).append(friend_id)
    for program_id, friends in by_owner.items():
        for some in batched(friends, BATCH):
            with transaction.atomic():
                look_again(program_id=program_id, friends=some, at=at)
    return sum(map(len, by_owner.values()))


def look_again(*, program_id: int, friends: Collection[int], at: datetime) -> None:
    """Hold these friends and bring their referrals to what the facts say."""
    if not friends:
        return
    configuration, members = hold(program_id, friends)
    rows = Referral.objects.filter(friend__in=list(members)).order_by("friend")
    reconsider(configuration, members, list(rows), at=at)


def _derived(program_id: int, messages: Sequence[OutboxMessage]) -> list[Derived]:
    told = {UUID(one.payload["referral"]): one for one in messages}
    rows = Referral.objects.filter(program=program_id, uuid__in=list(told))
    return [
        _of_friend(told[uuid], uuid, friend_id, str(referrer))
        for uuid, friend_id, referrer in rows.values_list("uuid", "friend", "referrer__uuid")
    ]


def _of_friend(message: OutboxMessage, uuid: UUID, friend_id: int, referrer: str) -> Derived:
    told, kind = message.payload, OF_FRIEND[message.topic]
    key = referred_joined_key(uuid) if "round" not in told else referred_qualified_key(uuid, told["round"])
    time = datetime.fromisoformat(told["time"])
    return Derived(kind, key, friend_id, time, {"referrer": referrer}, cause=told.get("event"))
