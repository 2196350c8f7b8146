"""Leaderboards as the engine and the screens hold them: who competes where, from when to when. Pure Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

EVERYWHERE = ""  # the market of a contest that is held in all of them
type Span = tuple[datetime, datetime | None]  # from, until (out); None = for good


class Phase(StrEnum):
    """Where a contest stands."""

    UPCOMING = "upcoming"
    RUNNING = "running"
    SETTLING = "settling"  # over; events that come late still count
    CLOSED = "closed"


class Score(StrEnum):
    """What an event adds to a score: its amount in minor units of the base currency, one, or the points it gave."""

    AMOUNT = "amount"
    COUNT = "count"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Course:
    """A contest of a board in a market, and when: ``closes_at`` is from when on its result is final."""

    contest_id: int
    market: str
    starts: datetime
    ends: datetime | None
    closes_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Whether it has begun and its result is not due yet."""
        return self.starts <= at and (self.closes_at is None or at < self.closes_at)

    def phase(self, at: datetime, *, closed: bool) -> Phase:
        """Where it stands at a moment."""
        if closed:
            return Phase.CLOSED
        if self.ends and self.ends <= at:
            return Phase.SETTLING
        return Phase.RUNNING if self.starts <= at else Phase.UPCOMING


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard; ``running`` while its campaign does, ``launched`` once it was.

    ``spans`` are those of the campaign by market, for all markets that it runs in; ``courses`` are by market, or the
    only one of all markets. ``scores`` are what effects that are in force enter.
    """

    code: str
    campaign: str
    by_market: bool
    top: int
    launched: bool
    running: bool
    spans: Mapping[str, Span] = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    scores: frozenset[str] = frozenset()

    def course(self, market: str) -> Course | None:
        """The contest in which members of a market compete, whenever."""
        return self.courses.get(market if self.by_market else EVERYWHERE) if market in self.spans else None

    def course_at(self, market: str, time: datetime) -> Course | None:
        """The contest that an event of a member of a market counts in: while the campaign runs there."""
        course = self.course(market)
        if course is None or not self.running:
            return None
        starts, ends = self.spans[market]
        return course if starts <= time and (ends is None or time < ends) else None


def closed_key(board: str, market: str, member: UUID) -> str:
    """The event that tells a member where she stood when a contest closed."""
    return f"leaderboard:{board}:{market or 'all'}:{member}"
