"""What was told through the outbox becomes events of the members whom it concerns."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from campaigns.rules.derived import Derived, badge_key, goal_key, joined_key, qualified_key, redeemed_key, tier_key
from campaigns.rules.leaderboards import closed_key
from campaigns.services.configuration import current_configuration
from campaigns.services.derived import derive, is_heard, take_back_derived
from campaigns.services.undoing import Undone, undo
from core.models import OutboxMessage
from members.models import Member, TierChange
from members.selectors.locking import lock_members

type Payload = Mapping[str, Any]
type Told = tuple[str, Mapping[str, object]]  # key, data

# What each topic tells of a member (by uuid): the key of the event, and what it carries.
READERS: Mapping[str, Callable[[Payload, UUID], Told]] = {
    "member.enrolled": lambda _told, uuid: (f"enrolled:{uuid}", {}),
    "member.kyc_verified": lambda _told, uuid: (f"kyc:{uuid}", {}),
    "segment.entered": lambda told, uuid: (
        f"segment:{told['segment']}:{uuid}:{told['time']}",
        {"segment": told["segment"]},
    ),
    "tier.changed": lambda told, _uuid: (
        tier_key(told["change"]),
        {name: told[name] for name in ("from", "to", "direction")},
    ),
    "badge.earned": lambda told, _uuid: (badge_key(told["event"], told["place"]), {"badge": told["badge"]}),
    "goal.reached": lambda told, _uuid: (
        goal_key(told["event"], told["number"]),
        {name: told[name] for name in ("campaign", "rule", "reach")},
    ),
    "reward.redeemed": lambda told, _uuid: (
        redeemed_key(told["redemption"]),
        {name: told[name] for name in ("reward", "category", "points")},
    ),
    "leaderboard.closed": lambda told, uuid: (
        closed_key(told["board"], told["market"] or "", uuid),
        {name: told[name] for name in ("board", "market", "rank", "score", "of")},
    ),
    "referral.joined": lambda told, _uuid: (joined_key(told["referral"]), {"friend": told["friend"]}),
    "referral.qualified": lambda told, _uuid: (
        qualified_key(told["referral"], told["round"]),
        {"friend": told["friend"]},
    ),
}


def derive_told(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Derive the events that follow from messages, inside the transaction that marks them as taken in."""
    for program_id, mine in by_program(messages):
        configuration = current_configuration(program_id)
        heard = [one for one in mine if is_heard(configuration, one.topic) and not _is_undoing(one)]
        if heard:
            derive(program_id=program_id, found=_read(program_id, heard), at=at)


def take_back_undone(*, messages: Sequence[OutboxMessage], at: datetime) -> None:
    """Reverse the derived events whose grounds were undone, inside the transaction that marks the messages."""
    for program_id, mine in by_program(messages):
        undone = {key: datetime.fromisoformat(one.payload["time"]) for one in mine for key in one.payload["keys"]}
        take_back_derived(program_id=program_id, undone=undone, at=at)


def undo_cancelled(*, messages: Sequence[OutboxMessage]) -> None:
    """Let the events of redemptions that were cancelled not come to be, or be taken back."""
    for program_id, mine in by_program(messages):
        lock_members([one.payload["member"] for one in mine])
        undone = [
            Undone([redeemed_key(one.payload["redemption"])], datetime.fromisoformat(one.payload["time"]))
            for one in mine
        ]
        undo(program_id=program_id, undone=undone)


def by_program(messages: Sequence[OutboxMessage]) -> list[tuple[int, list[OutboxMessage]]]:
    """Messages of each program, programs in one order."""
    found: defaultdict[int, list[OutboxMessage]] = defaultdict(list)
    for one in messages:
        found[one.program_id].append(one)
    return sorted(found.items())


def _is_undoing(message: OutboxMessage) -> bool:
    """Whether a tier changes back because events were taken back: its own event is taken back instead."""
    return message.topic == "tier.changed" and message.payload["reason"] == TierChange.Reason.UNDONE


def _read(program_id: int, messages: Sequence[OutboxMessage]) -> list[Derived]:
    """The events that messages tell, of members who are still there."""
    named = [(one, name) for one in messages for name in _names(one.payload)]
    ids = [name for _, name in named if isinstance(name, int)]
    uuids = [UUID(name) for _, name in named if isinstance(name, str)]
    rows = Member.objects.filter(Q(pk__in=ids) | Q(uuid__in=uuids), program=program_id).values_list("pk", "uuid")
    members = {name: (pk, uuid) for pk, uuid in rows for name in (pk, str(uuid))}
    return [_derived(one, *members[name]) for one, name in named if name in members]


def _names(payload: Payload) -> Iterator[int | str]:
    """The members that a message is about."""
    yield from payload["members"] if "members" in payload else [payload["member"]]


def _derived(message: OutboxMessage, member_id: int, uuid: UUID) -> Derived:
    told = message.payload
    key, data = READERS[message.topic](told, uuid)
    time = datetime.fromisoformat(told["time"])
    return Derived(message.topic, key, member_id, time, data, cause=told.get("event"))
