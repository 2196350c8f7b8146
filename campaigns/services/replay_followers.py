"""What events of a replay cause: badges, milestones and tiers are events again, as in truth, but in memory.

What was caused in truth too comes in its own sequence, as it is stored; what was not is judged right after its cause.
Stored events whose cause gives no ground for them any more are left out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from campaigns.rules.answers import milestone_name
from campaigns.rules.derived import DEEPEST
from campaigns.rules.judgement import Judgement
from campaigns.rules.replay_takebacks import Back
from campaigns.rules.state import Program
from campaigns.selectors.replays import Stored
from members.rules.tiers import Rung

TYPES = ("badge.earned", "goal.reached", "tier.changed")
FOLLOWING = """
    SELECT d.cause_id, d.event_id, d.depth, e.event_type_id, e.data
    FROM campaigns_derivedevent d JOIN campaigns_event e ON e.id = d.event_id
    WHERE d.program_id = %s AND d.cause_id = ANY(%s::bigint[]) AND e.event_type_id = ANY(%s::bigint[])
    ORDER BY d.event_id
"""

type Mark = tuple[str, str | int]  # what must fall for it: a badge by code, a milestone or a change of tier by number


class Told(NamedTuple):
    """What an event tells; its ``mark`` says what ends it."""

    type: str
    data: frozenset[tuple[str, str]]
    mark: Mark


class Caused(NamedTuple):
    """An event of the replay alone, by its (negative) number, and what caused it."""

    cause_id: int
    mark: Mark
    event_id: int


class Follower(NamedTuple):
    """A stored event that follows from another."""

    event_id: int
    type: str
    data: frozenset[tuple[str, str]]


@dataclass(slots=True)
class Followers:
    """``types`` are those that some rule listens to or asks for, by id; none: nothing is asked."""

    program_id: int
    types: Mapping[int, str]
    of: dict[int, list[Follower]] = field(default_factory=dict)  # by cause, of the events at hand
    depths: dict[int, int] = field(default_factory=dict)  # of stored followers still to come
    gone: set[int] = field(default_factory=set)  # followers that nothing causes any more

    def read(self, rows: Sequence[Stored]) -> None:
        """Know what followed from these events; one query."""
        if not self.types:
            return
        self.of.clear()
        with connection.cursor() as cursor:
            cursor.execute(FOLLOWING, [self.program_id, [row.event_id for row in rows], list(self.types)])
            for cause_id, event_id, depth, type_id, data in cursor.fetchall():
                follower = Follower(event_id, self.types[type_id], frozenset(json.loads(data).items()))
                self.of.setdefault(cause_id, []).append(follower)
                self.depths[event_id] = depth

    def new(self, row: Stored, judgement: Judgement, program: Program, change_id: int, depth: int) -> list[Told]:
        """What an event tells that it did not tell in truth, if somebody listens; what is told no more is noted."""
        if not self.types:
            return []
        stored = list(self.of.get(row.event_id, ()))
        fresh = []
        for told in _told(judgement, change_id):
            same = next((one for one in stored if (one.type, one.data) == (told.type, told.data)), None)
            if same:
                stored.remove(same)
            elif depth < DEEPEST and program.hears(told.type):
                fresh.append(told)
        self.gone.update(one.event_id for one in stored)
        return fresh


def _told(judgement: Judgement, change_id: int) -> Iterator[Told]:
    for award in judgement.awards:
        if award.wish.kind == "badge":
            code = award.wish.code
            yield Told("badge.earned", frozenset({("badge", code)}), ("badge", code))
    for number, reached in enumerate(judgement.reached):
        if not reached.ghost:
            yield Told("goal.reached", frozenset(milestone_name(reached).items()), ("goal", number))
    before = judgement.tier_before
    for after in (judgement.tier, judgement.lifted):
        if after:
            yield Told("tier.changed", frozenset(_move(before, after)), ("tier", change_id))
            before = after


def _move(before: Rung | None, after: Rung) -> Iterator[tuple[str, str]]:
    if before:
        yield "from", before.code
    yield "to", after.code
    yield "direction", "up" if before is None or after.rank > before.rank else "down"


def fallen(caused: Sequence[Caused], back: Back) -> list[Caused]:
    """Of the events that a replay caused: those whose ground was taken."""
    marks: set[tuple[int, Mark]] = set()
    for kept, taking, _forgiven in back.taken:
        if taking.effect["kind"] == "badge":
            marks.add((kept.event.event_id, ("badge", str(taking.effect["badge"]))))
    marks |= {(kept.event.event_id, ("goal", one.number)) for kept, one in back.lost}
    undone = set(back.undone)
    return [
        one for one in caused if (one.cause_id, one.mark) in marks or (one.mark[0] == "tier" and one.mark[1] in undone)
    ]
