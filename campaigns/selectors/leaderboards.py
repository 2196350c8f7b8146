"""Who stands where: ranks are counted from an index, whatever the number of those who compete.

Higher scores come first; of equal ones the one that was reached earlier, by the events' own times; of those the
member who enrolled first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.models import ContestScore
from campaigns.rules.leaderboards import Board, Course, Phase
from core.services import prepared

# One by one: the plan does not know that only a few are asked for, and would read all of them.
NICKNAME = "coalesce((SELECT i.nickname FROM members_memberidentity i WHERE i.member_id = {}.member_id), '')"
TOP = """
    SELECT t.rank, t.member_id, {nickname}, t.score FROM (
        SELECT member_id, score, row_number() OVER (ORDER BY score DESC, reached_at, member_id) AS rank
        FROM campaigns_contestscore WHERE contest_id = %s ORDER BY score DESC, reached_at, member_id LIMIT %s
    ) t ORDER BY t.rank
""".format(nickname=NICKNAME.format("t"))
RESULTS = """
    SELECT r.rank, r.member_id, {nickname}, r.score FROM campaigns_contestresult r
    WHERE r.contest_id = %s AND r.rank BETWEEN 1 AND %s ORDER BY r.rank
""".format(nickname=NICKNAME.format("r"))
# A rank is two ranges of the index: those with more, and those with as much who reached it before.
CONTESTS = """
    SELECT c.id, c.closed_at, c.members, coalesce(i.nickname, ''), s.score, CASE WHEN s.score IS NOT NULL THEN 1
        + (SELECT count(*) FROM campaigns_contestscore b WHERE b.contest_id = s.contest_id AND b.score > s.score)
        + (SELECT count(*) FROM campaigns_contestscore b WHERE b.contest_id = s.contest_id AND b.score = s.score
            AND (b.reached_at, b.member_id) < (s.reached_at, s.member_id)) END
    FROM campaigns_contest c LEFT JOIN campaigns_contestscore s ON s.contest_id = c.id AND s.member_id = %s
    LEFT JOIN members_memberidentity i ON i.member_id = s.member_id
    WHERE c.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A member's place; ``nickname`` is empty for who does not appear by name. ``me``: it is the one who looks."""

    rank: int
    member_id: int
    nickname: str
    score: int
    me: bool

    def document(self) -> dict[str, object]:
        """As in the API."""
        return {"rank": self.rank, "nickname": self.nickname or None, "score": self.score, "me": self.me}


@dataclass(frozen=True, slots=True)
class Standing:
    """A contest as it stands: its board and market, who is where.

    ``members`` is of how many a final result is; ``mine`` is the place of the one who looks.
    """

    board: Board
    course: Course
    name: str
    phase: Phase
    closed_at: datetime | None
    members: int | None
    mine: Place | None

    @property
    def score(self) -> str:
        """What the score counts, empty where effects of several kinds enter."""
        return next(iter(self.board.scores)) if len(self.board.scores) == 1 else ""


def standings(
    courses: Iterable[tuple[Board, Course]], *, names: Mapping[str, str], at: datetime, member_id: int | None = None
) -> list[Standing]:
    """How contests stand, for a member or for nobody, in the order given; one query. ``names`` are those of boards."""
    wanted = list(courses)
    contests = _contests(member_id, [course.contest_id for _, course in wanted])
    found = []
    for board, course in wanted:
        if course.contest_id in contests:
            closed_at, members, mine = contests[course.contest_id]
            phase = course.phase(at, closed=closed_at is not None)
            found.append(Standing(board, course, names[board.code], phase, closed_at, members, mine))
    return found


def _contests(member_id: int | None, ids: Sequence[int]) -> dict[int, tuple[datetime | None, int | None, Place | None]]:
    """When contests were closed, of how many the result is, and the member's place; by contest."""
    if not ids:
        return {}
    return {
        pk: (closed_at, members, Place(rank, member_id, nickname, score, me=True) if rank and member_id else None)
        for pk, closed_at, members, nickname, score, rank in _ask(CONTESTS, member_id, ids)
    }


def first_of(standing: Standing, *, limit: int, member_id: int | None = None) -> list[Place]:
    """The first of a contest, no more than its board shows; of a closed one as they were then."""
    sql = RESULTS if standing.phase is Phase.CLOSED else TOP
    rows = _ask(sql, standing.course.contest_id, min(limit, standing.board.top))
    return [Place(rank, member, nickname, score, me=member == member_id) for rank, member, nickname, score in rows]


def competitors(standing: Standing) -> int:
    """How many compete, or did."""
    if standing.members is not None:
        return standing.members
    return ContestScore.objects.filter(contest=standing.course.contest_id).count()


def _ask(sql: str, *parameters: Any) -> Sequence[tuple[Any, ...]]:
    with prepared.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())
