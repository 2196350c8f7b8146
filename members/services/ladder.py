"""Editing the ladder: who would move, and moving them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core.models import Job, Market, Program
from core.services import jobs
from members.models import Member, TierChange
from members.rules.reviews import rung_after_edit
from members.rules.tiers import Ladder, Progress, Rung, Style
from members.selectors.locking import lock_members
from members.selectors.tiers import Clock, Standing, clock, everybody, last_years, read_ladder, read_rungs, standings_of
from members.services.tiers import Move, Moves, move_members, moves_as_json

JOB = "tiers.ladder"
BATCH = 5_000

type Told = Callable[[int], None]


def plan_ladder(*, program: Program, before: Ladder, after: Ladder, at: datetime) -> Moves:
    """Count who would move when the ladder is edited; nothing is written."""
    return _walk(program, before, after, at, plan_only=True, told=lambda _: None)


def apply_ladder(*, program: Program, before: Ladder, at: datetime, told: Told = lambda _: None) -> Moves:
    """Move members to where the ladder as it is now leads, if it was edited; ``told`` hears how many were looked at.

    In short transactions, beside the engine; stopped half-way, a later run does the rest.
    """
    return _walk(program, before, read_ladder(program), at, plan_only=False, told=told)


def queue_ladder(*, program: Program, before: Ladder, at: datetime, wake: Callable[[int], object]) -> Job:
    """Have ``apply_ladder`` run as a job, after the commit of the edit: it is not lost, and shows how far it is."""
    arguments: dict[str, object] = {"before": asdict(before), "at": at.isoformat()}
    return jobs.start(kind=JOB, program_id=program.pk, arguments=arguments, wake=wake)


def run(progress: jobs.Progress) -> dict[str, object]:
    """The job."""
    arguments: dict[str, Any] = progress.job.arguments
    program = Program.objects.get(jobs=progress.job)
    members = Member.objects.filter(program=program).count()
    moves = apply_ladder(
        program=program,
        before=_ladder(arguments["before"]),
        at=datetime.fromisoformat(arguments["at"]),
        told=lambda done: progress.report(done, members),
    )
    return {"moves": moves_as_json(moves)}


def _ladder(stored: dict[str, Any]) -> Ladder:
    rungs = tuple(Rung(**rung) for rung in stored["rungs"])
    return Ladder(rungs, stored["calendar_year"], Style(stored["style"]), stored["grace_days"])


@dataclass(frozen=True, slots=True)
class _Edit:
    """A ladder before and after an edit, every tier that ever was, and what day it is."""

    program: Program
    before: Ladder
    after: Ladder
    rungs: Mapping[int, Rung]
    today: Clock

    def moves(self, standings: Sequence[Standing]) -> list[Move]:
        """Those of these members who have to move."""
        earlier = last_years(ladder=self.after, standings=standings)
        ways = [(one, self._way(one, earlier.get(one.member_id))) for one in standings]
        return [
            Move(one.member_id, self.rungs.get(one.tier_id or 0), to, TierChange.Reason.LADDER, self.today.at)
            for one, to in ways
            if to is not None
        ]

    def _way(self, one: Standing, last_year: Progress | None) -> Rung | None:
        return rung_after_edit(self.before, self.after, one.tier_id, one.progress, last_year)

    @transaction.atomic
    def move(self, ids: Sequence[int]) -> list[Move]:
        """Look again with the members' rows held, and move them."""
        moves = self.moves(standings_of(ladder=self.after, clock=self.today, ids=lock_members(ids)))
        move_members(program_id=self.program.pk, moves=moves, at=self.today.at)
        return moves


def _walk(program: Program, before: Ladder, after: Ladder, at: datetime, *, plan_only: bool, told: Told) -> Moves:
    moves: Moves = Counter()
    if not after.rungs or not before.moves_members(after):
        return moves
    today = clock(Market.objects.filter(program=program), at)
    edit = _Edit(program, before, after, read_rungs(program), today)
    last, done = 0, 0
    while found := everybody(ladder=after, clock=today, after=last, limit=BATCH):
        last, done = found[-1].member_id, done + len(found)
        moving = edit.moves(found)
        if moving and not plan_only:
            moving = edit.move([move.member_id for move in moving])
        moves.update((move.before.code if move.before else None, move.after.code) for move in moving)
        told(done)
    return moves
