"""Derived events: what they are called, when the calendar causes them, how deep they may lead."""

from calendar import isleap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

RESERVED = "/loyalty/"  # sources of the platform
DEEPEST = 3  # an event's effects cause events, whose effects cause events, whose effects cause events, and that is all
INACTIVE_DAYS = (30, 60, 90, 180, 365)  # after so many local days without activity a member is inactive (again)
LATEST_DAYS = 31  # days that are made up for after a standstill

FEBRUARY_28, FEBRUARY_29 = (2, 28), (2, 29)


@dataclass(frozen=True, slots=True)
class Derived:
    """An event that follows from something: its type and key, whose and of what moment, what it carries.

    ``cause`` is the number of the event that it follows from, if it follows from one.
    """

    type: str
    key: str
    member_id: int
    time: datetime
    data: Mapping[str, object]
    cause: int | None = None


def source_of(program: str) -> str:
    """The source of a program's derived events; nobody else may use it."""
    return f"{RESERVED}{program}"


def badge_key(event_id: int, place: int) -> str:
    """The badge that an event gave as the effect at this place of its answer."""
    return f"badge:{event_id}:{place}"


def goal_key(event_id: int, number: int) -> str:
    """The number-th milestone that an event reached."""
    return f"goal:{event_id}:{number}"


def tier_key(change_id: int) -> str:
    """A change of tier."""
    return f"tier:{change_id}"


def joined_key(referral: UUID | str) -> str:
    """Of the referrer: a friend joined."""
    return f"joined:{referral}"


def qualified_key(referral: UUID | str, times: int) -> str:
    """Of the referrer: a friend took part; what was taken back and reached again is another event."""
    return f"qualified:{referral}:{times}"


def referred_joined_key(referral: UUID | str) -> str:
    """Of the friend: joined through somebody."""
    return f"referred:{referral}"


def referred_qualified_key(referral: UUID | str, times: int) -> str:
    """Of the friend: took part."""
    return f"referred-qualified:{referral}:{times}"


def redeemed_key(redemption: UUID | str) -> str:
    """A reward that was redeemed."""
    return f"redeemed:{redemption}"


def reversal_key(key: str) -> str:
    """The reversal of a derived event."""
    return f"reversed:{key}"


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a local day begins, also where its midnight is skipped or comes twice."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def month_days(day: date) -> list[tuple[int, int]]:
    """The anniversaries that fall on a day: without a 29 February in the year, its own is on the 28th."""
    own = (day.month, day.day)
    return [own, FEBRUARY_29] if own == FEBRUARY_28 and not isleap(day.year) else [own]


def days_due(last: date | None, today: date) -> list[date]:
    """The local days to be worked, oldest first: those since the last one, at first only today."""
    first = today if last is None else max(last + timedelta(days=1), today - timedelta(days=LATEST_DAYS - 1))
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]
