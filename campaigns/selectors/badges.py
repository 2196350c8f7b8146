"""Badges that a member earned."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Event, MemberBadge
from members.models import Member


@dataclass(frozen=True, slots=True)
class EarnedBadge:
    """A badge in the language that is active, and the event that gave it (source, id)."""

    id: int
    code: str
    name: str
    icon: str
    earned_at: datetime
    event: tuple[str, str]


def earned_badges(*, member: Member, limit: int, before: int | None = None) -> list[EarnedBadge]:
    """The latest earned first, beginning before an id; two queries."""
    rows = MemberBadge.objects.filter(member=member).select_related("badge").order_by("-pk")
    rows = rows.filter(pk__lt=before) if before is not None else rows
    found = list(rows[:limit])
    events = Event.objects.only("source", "key").in_bulk([row.event_id for row in found])
    return [_earned(row, events[row.event_id]) for row in found]


def _earned(row: MemberBadge, event: Event) -> EarnedBadge:
    badge = row.badge
    return EarnedBadge(row.pk, badge.code, badge.name, badge.icon, row.earned_at, (event.source, event.key))
