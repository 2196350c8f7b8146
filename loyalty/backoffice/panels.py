"""The figures of the landing page. What adds up millions of rows is remembered for some minutes, with its time."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant
from core.models import Job, OutboxMessage, Program
from core.services import heartbeat
from dealers.models import Budget
from dealers.selectors.budgets import budgets_left
from ledger.models import POINTS, Book
from ledger.selectors.outstanding import Outstanding, outstanding
from loyalty.backoffice.columns import value
from loyalty.identity import rights
from loyalty.operations import proving
from members.selectors.members import present_members

REMEMBERED = 300  # seconds
SOON = timedelta(days=30)
STALE = timedelta(hours=36)  # the nightly proof is late
LATE = timedelta(minutes=5)  # a message that waits longer than this is stuck
A_FEW = 5

type Shown = Mapping[str, Any]


def figures(request: HttpRequest, program: Program) -> Shown:
    """Members, points outstanding and what they are worth, money outstanding, live campaigns."""
    found: dict[str, Any] = _remembered(program, "figures", _count)
    return {**found, "program": program, "live": _of_state(program, Campaign.State.LIVE).count()}


def _count(program: Program) -> dict[str, Any]:
    books = {book.unit: book for book in Book.objects.filter(program=program).exclude(unit="status")}
    held = {unit: outstanding(book) for unit, book in books.items()}
    points = held.pop(POINTS, Outstanding(0, 0, 0))
    money = {unit: amount.available + amount.pending for unit, amount in held.items()}
    return {
        "members": present_members(program).count(),
        "points": points,
        "liability": (points.available + points.pending) * program.liability_value,
        "money": [(unit, amount) for unit, amount in sorted(money.items()) if amount],
        "at": timezone.now(),
    }


def _remembered(program: Program, name: str, read: Callable[[Program], Any]) -> Any:
    return cache.get_or_set(f"office:{name}:{program.pk}", lambda: read(program), REMEMBERED)


def proofs(request: HttpRequest, program: Program) -> Shown:
    """The light: green when the latest proof found nothing, red when a book fails or is halted, else amber."""
    jobs_of_proof = Job.objects.filter(kind=proving.KIND, program__in=[program.pk]) | Job.objects.filter(
        kind=proving.KIND, program=None
    )
    last = jobs_of_proof.filter(state=Job.State.DONE).order_by("-pk").first()
    books = list(Book.objects.filter(program=program).order_by("code"))
    wrong = {book.code: _wrong(book, last) for book in books}
    return {
        "light": _light(wrong, last),
        "last": last,
        "running": jobs_of_proof.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).order_by("-pk").first(),
        "books": [{"book": book, "wrong": wrong[book.code]} for book in books],
        "program": program,
    }


def _wrong(book: Book, last: Job | None) -> list[str]:
    found: list[str] = last.report.get("books", {}).get(book.code, []) if last else []
    return found or (["halted"] if book.halted else [])


def _light(wrong: Mapping[str, list[str]], last: Job | None) -> str:
    if any(wrong.values()):
        return "bad"
    return "good" if last and last.updated_at > timezone.now() - STALE else "warn"


def _of_state(program: Program, *states: Campaign.State) -> Any:
    latest = CampaignVersion.objects.filter(campaign=OuterRef("pk")).order_by("-number")
    rows = Campaign.objects.filter(program=program, retired=False, state__in=states)
    return rows.annotate(definition=Subquery(latest.values("definition")[:1]))


def campaigns(request: HttpRequest, program: Program) -> Shown:
    """What is live, what ends soon, what waits for somebody."""
    live = list(_of_state(program, Campaign.State.LIVE).order_by("code"))
    zone, now = ZoneInfo(program.timezone), timezone.now()
    ends = {campaign.pk: _ends(campaign.definition or {}, zone) for campaign in live}
    ending = [(row, at) for row in live if (at := ends[row.pk]) and now < at <= now + SOON]
    waiting = _of_state(program, Campaign.State.DRAFT, Campaign.State.IN_REVIEW, Campaign.State.PAUSED)
    return {
        "live": len(live),
        "ending": sorted(ending, key=lambda pair: pair[1])[:A_FEW],
        "waiting": list(waiting.order_by("-pk")[:A_FEW]),
        "program": program,
    }


def _ends(definition: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    return instant(moment(definition["ends"]), zone) if definition.get("ends") else None


def budgets(request: HttpRequest, program: Program) -> Shown:
    """The budgets with the smallest share left."""
    books = {book.unit: book for book in Book.objects.filter(program=program)}
    rows = budgets_left(program, rights.visible(request.user, Budget.objects.all()))[:A_FEW]
    return {
        "rows": [
            {"row": row, "left": value(row.left, books[row.unit]), "given": value(row.given, books[row.unit])}
            for row in rows
        ],
        "program": program,
    }


def jobs(request: HttpRequest, program: Program) -> Shown:
    """The latest long work."""
    return {"jobs": list(Job.objects.filter(program__in=[program.pk]).order_by("-pk")[:A_FEW]), "program": program}


def health(request: HttpRequest, program: Program) -> Shown:
    """Whether work goes on: a worker that answers, messages that leave, jobs that end well."""
    now = timezone.now()
    return {
        "beating": heartbeat.is_beating(),
        "stuck": OutboxMessage.objects.filter(program=program, due_at__lt=now - LATE).count(),
        "failed": Job.objects.filter(
            program=program, state=Job.State.FAILED, updated_at__gt=now - timedelta(days=7)
        ).count(),
        "program": program,
    }
