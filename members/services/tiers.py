"""Moving members between tiers: the one place that writes it, whoever decided."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.rules.arrays import columns
from core.services import prepared
from core.services.outbox import Message, publish
from members.models import Notice, TierChange
from members.rules.tiers import Rung
from members.services.notices import News, tell

TOPIC = "tier.changed"
BATCH = 2000
TIERS = """
    UPDATE members_member m SET tier_id = t.tier_id, tier_since = t.since, tier_until = t.until, grace_until = NULL
    FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::date[]) AS t(member_id, tier_id, since, until)
    WHERE m.id = t.member_id
"""


HISTORY = timedelta(days=30)

type Moves = Counter[tuple[str | None, str]]  # members by (from, to) codes


@dataclass(frozen=True, slots=True)
class Move:
    """A member goes from one tier (None: had none) to another; ``time`` is when it was earned or lost.

    ``until``: through which local day the new tier is not judged.
    """

    member_id: int
    before: Rung | None
    after: Rung
    reason: TierChange.Reason
    time: datetime
    event_id: int | None = None
    until: date | None = None

    @property
    def is_up(self) -> bool:
        """Whether the new tier is worth more."""
        return self.before is None or self.after.rank > self.before.rank


def move_members(*, program_id: int, moves: Sequence[Move], at: datetime) -> None:
    """Move members of one program whose rows the caller holds; in order, where one moves twice.

    History keeps every move, a grace that ran is over, others hear of it (``tier.changed``), and each member is told
    once, unless it is long ago: a past that is loaded is no news.
    """
    if not moves:
        return
    changes = TierChange.objects.bulk_create([_change(move) for move in moves], batch_size=BATCH)
    last = {move.member_id: move for move in moves}
    rows = [(move.member_id, move.after.tier_id, move.time, move.until) for move in last.values()]
    with prepared.cursor() as cursor:
        cursor.execute(TIERS, columns(rows))
    publish([_message(program_id, move, change) for move, change in zip(moves, changes, strict=True)])
    tell(program_id=program_id, news=_news(moves, changes, at), at=at)


def _change(move: Move) -> TierChange:
    return TierChange(
        member_id=move.member_id,
        from_tier_id=move.before.tier_id if move.before else None,
        to_tier_id=move.after.tier_id,
        reason=move.reason,
        at=move.time,
        event_id=move.event_id,
    )


def _message(program_id: int, move: Move, change: TierChange) -> Message:
    payload: dict[str, object] = {
        "change": change.pk,
        "member": move.member_id,
        "event": move.event_id,
        "time": move.time.isoformat(),
        "from": move.before.code if move.before else None,
        "to": move.after.code,
        "direction": "up" if move.is_up else "down",
        "reason": str(move.reason),
    }
    return Message(TOPIC, program_id, payload)


def _news(moves: Sequence[Move], changes: Sequence[TierChange], at: datetime) -> list[News]:
    """One piece a member: of the whole way, under the name of its last step."""
    began: dict[int, Rung | None] = {}
    ways: dict[int, tuple[Move, str]] = {}
    for move, change in zip(moves, changes, strict=True):
        before = began.setdefault(move.member_id, move.before)
        ways[move.member_id] = replace(move, before=before), f"tier:{change.pk}"
    return [_piece(way, key) for way, key in ways.values() if _is_news(way, at)]


def _is_news(way: Move, at: datetime) -> bool:
    """Not where somebody came back to where they were, nor the first rung, where everybody starts."""
    leads_on = way.after.rank > 1 if way.before is None else way.after != way.before
    return leads_on and way.time >= at - HISTORY


def _piece(way: Move, key: str) -> News:
    before = way.before.code if way.before else None
    values = {"tier": way.after.code, "before": before, "reason": str(way.reason)}
    return News(way.member_id, Notice.Kind.TIER_UP if way.is_up else Notice.Kind.TIER_DOWN, key, values)


def moves_as_json(moves: Moves) -> list[dict[str, object]]:
    """Numbers of members by the way they go, sorted."""
    rows = sorted(moves.items(), key=lambda row: (row[0][0] or "", row[0][1]))
    return [{"from": before, "to": after, "members": number} for (before, after), number in rows]
