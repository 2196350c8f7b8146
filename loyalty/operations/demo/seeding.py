"""Seeding: the three programs, their members and half a year of events; each program is a job that can go on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from campaigns.models import Contest
from campaigns.services.contests import close_contests
from core.models import Job, Program
from core.refusals import Invalid
from core.services import jobs
from loyalty.operations.demo import automotive, merchant, wallet
from loyalty.operations.demo.catalogue import stock_marketplace
from loyalty.operations.demo.offers import with_offers
from loyalty.operations.demo.personas import PEOPLE
from loyalty.operations.demo.playing import play
from loyalty.operations.demo.staff import goodwill_hands
from loyalty.operations.demo.stories import Happening
from loyalty.operations.program_file.loading import load_program

KIND = "demo.seed"
BEFORE = timedelta(days=500)  # the programs began before the oldest of the stories
PROGRAMS = tuple(PEOPLE)
STORIES = {"wallet": wallet.story, "merchant": merchant.story, "automotive": automotive.story}
SIZES = {"wallet": wallet.SIZE, "merchant": merchant.SIZE, "automotive": automotive.SIZE}
LISTS: Mapping[str, tuple[str, Callable[[int], Collection[str]]]] = {
    "wallet": ("insiders", wallet.insiders),
    "merchant": ("power", merchant.power),
    "automotive": ("founders", automotive.founders),
}


def to_do(*, now: datetime, share: float, programs: Sequence[str] = PROGRAMS) -> list[Job]:
    """The programs that are not seeded yet, each as a job: new ones are loaded, interrupted ones go on.

    ``share`` of the usual number of members is invented. A program that somebody else made stays as it is.
    """
    found = [_job(code, now, share) for code in programs]
    return [job for job in found if job and job.state != Job.State.DONE]


def _job(code: str, now: datetime, share: float) -> Job | None:
    job = Job.objects.filter(kind=KIND, program__code=code).select_related("program").first()
    if job is not None:
        again = Job.objects.filter(pk=job.pk).exclude(state=Job.State.DONE)
        again.update(state=Job.State.QUEUED, attempts=0, cancel_requested=False, error="")
        return job
    if Program.objects.filter(code=code).exists():
        return None
    program = load(code, now - BEFORE)
    Contest.objects.filter(board__program=program).update(opened_at=now)  # until the story is told nothing is closed
    arguments = {"now": now.isoformat(), "members": max(round(SIZES[code] * share), 1)}
    return jobs.start(kind=KIND, program_id=program.pk, arguments=arguments, wake=lambda _job_id: None)


def load(code: str, at: datetime) -> Program:
    """Load the file of a program."""
    raw = Path(settings.BASE_DIR, "programs", f"{code}.yaml").read_bytes()
    plan = load_program(raw=raw, at=at, why="manage.py demo seed")
    if plan.errors:
        raise Invalid(plan.as_text(f"{code}.yaml"))
    return Program.objects.get(code=code)


def story(code: str, *, now: datetime, members: int) -> list[Happening]:
    """All that happens in a program: what its personas do, and everybody else."""
    told = [page for persona in PEOPLE[code](now) for page in persona.story]
    others = STORIES[code](now=now, size=members)
    return [*with_offers(code, told, now, told=True), *with_offers(code, others, now, told=False)]


def seed(progress: jobs.Progress) -> dict[str, object]:
    """The work of a job: play the story of its program."""
    program = progress.job.program
    if program is None:
        raise Invalid
    now, members = datetime.fromisoformat(progress.job.arguments["now"]), progress.job.arguments["members"]
    stock_marketplace(program)
    segment, listed = LISTS[program.code]
    happenings = story(program.code, now=now, members=members)
    play(
        program=program,
        story=happenings,
        lists={segment: listed(members)},
        now=now,
        hands=goodwill_hands(),
        told=progress.report,
        skip=progress.job.steps_done,
    )
    Contest.objects.filter(board__program=program).update(opened_at=now - BEFORE)
    close_contests(program=program, at=now)
    return {"happenings": len(happenings)}
