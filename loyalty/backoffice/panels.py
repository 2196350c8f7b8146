"""The figures of the landing page. What adds up millions of rows is remembered for some minutes, with its time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from campaigns.models import Campaign, WaitingReversal
from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant
from campaigns.selectors.pace import BudgetPace, budget_paces
from campaigns.selectors.refusals import refused_since
from campaigns.selectors.states import with_definition, with_state
from campaigns.selectors.used_up import used_up_names
from campaigns.selectors.waiting import late
from core.models import Job, OutboxMessage, Program, User
from core.services import heartbeat
from dealers.models import Budget, StaffNotice
from dealers.selectors.budgets import budgets_used
from dealers.services.staff_notices import unread
from ledger.models import POINTS, Book
from ledger.selectors.outstanding import Outstanding, outstanding
from loyalty.backoffice.budgets import drawing, shown
from loyalty.backoffice.columns import value
from loyalty.display.referral_words import GUARDS
from loyalty.display.staff_words import staff_words
from loyalty.identity import rights
from loyalty.operations import proving
from loyalty.operations.referral_review import APPROVE
from members.models import Referral
from members.selectors.members import present_members
from rewards.models import Redemption, StockLevel, SupplierOrder
from rewards.models.suppliers import FOR_PEOPLE

REMEMBERED = 300  # seconds
SOON = timedelta(days=30)
STALE = timedelta(hours=36)  # the nightly proof is late
LATE = timedelta(minutes=5)  # a message that waits longer than this is stuck
A_FEW = 5
REFUSALS = 7  # days
URGENT = ("exhausted", "ends-early")  # verdicts on a budget, the worst first
MANY = 99  # more than so many are not counted

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
    rows = with_state(Campaign.objects.filter(program=program, retired=False), timezone.now())
    return with_definition(rows.filter(shown__in=states))


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
    """The budgets with the largest share used of what they hold for themselves."""
    books = {book.unit: book for book in Book.objects.filter(program=program)}
    rows = budgets_used(program, rights.visible(request.user, Budget.objects.all()))[:A_FEW]
    return {
        "rows": [
            {"row": row, "used": value(row.used, books[row.unit]), "filled": value(row.filled, books[row.unit])}
            for row in rows
        ],
        "program": program,
    }


def pace(request: HttpRequest, program: Program) -> Shown:
    """The pace of the budget at the top that most needs a look: used up, about to end early, else that of points."""
    tops = rights.restrict(request.user, "budgets.view", Budget.objects.filter(parent=None))
    rows = budget_paces(program=program, budgets=tops, campaigns=Campaign.objects.none(), at=timezone.now())
    worst = min(rows, key=_urgency, default=None)
    drawn = {"entry": shown(worst), **drawing(worst)} if worst else {}
    return {**drawn, "program": program}


def _urgency(row: BudgetPace) -> tuple[int, bool]:
    return URGENT.index(row.pace.verdict) if row.pace.verdict in URGENT else len(URGENT), row.pace.unit != POINTS


def notices(request: HttpRequest, program: Program) -> Shown:
    """What the reader was told and has not read yet, newest first."""
    told = unread(user=request.user, program=program) if isinstance(request.user, User) else []
    return {"notices": staff_words(newest_of_each(told)), "program": program}


def newest_of_each(told: Sequence[StaffNotice]) -> list[StaffNotice]:
    """Newest first; of several levels that one budget reached, the last one."""
    found: dict[tuple[object, ...], StaffNotice] = {}
    for one in told:
        found.setdefault(_about(one), one)
    return list(found.values())


def _about(one: StaffNotice) -> tuple[object, ...]:
    if one.kind != StaffNotice.Kind.BUDGET_LOW:
        return (one.pk,)
    return (one.kind, one.values.get("campaign"), one.values.get("budget"), one.values["unit"])


def refusals(_request: HttpRequest, program: Program) -> Shown:
    """How often budgets did not pay in the last days, by campaign, most often first; else those that are used up."""
    today = timezone.now().astimezone(ZoneInfo(program.timezone)).date()
    rows = refused_since(program=program, since=today - timedelta(days=REFUSALS - 1))
    return {
        "rows": rows[:A_FEW],
        "days": REFUSALS,
        "all": sum(row.refusals for row in rows),
        "used_up": [] if rows else used_up_names(program)[:A_FEW],
        "program": program,
    }


def held_referrals(request: HttpRequest, program: Program) -> Shown:
    """Referrals that wait for the reader's decision, those that wait longest first."""
    rows = rights.restrict(request.user, APPROVE, Referral.objects.filter(program=program, verdict="held"))
    waiting = rows.order_by("held_at", "pk").select_related("friend", "referrer")[: MANY + 1]
    found = [{"row": row, "why": GUARDS.get(row.reason, "")} for row in waiting]
    return {"rows": found[:A_FEW], "count": min(len(found), MANY), "more": len(found) > MANY, "program": program}


def late_reversals(request: HttpRequest, program: Program) -> Shown:
    """Reversals that wait too long for their original and that the reader may see, those that wait longest first."""
    rows = rights.visible(request.user, WaitingReversal.objects.filter(program=program))
    found = list(late(rows, timezone.now()).select_related("reversal").order_by("pk")[: MANY + 1])
    return {"rows": found[:A_FEW], "count": min(len(found), MANY), "more": len(found) > MANY, "program": program}


def approvals(request: HttpRequest, program: Program) -> Shown:
    """Redemptions that wait for somebody's approval, the oldest first."""
    waiting = Redemption.objects.filter(program=program, state=Redemption.State.PENDING, waits_for="approval")
    rows = rights.restrict(request.user, "redemptions.approve", waiting)
    return {
        "rows": list(rows.select_related("reward").order_by("pk")[:A_FEW]),
        "waiting": rows.count(),
        "program": program,
    }


def waiting_orders(request: HttpRequest, program: Program) -> Shown:
    """Orders at suppliers that wait for people and that the reader may see, those that wait longest first."""
    rows = SupplierOrder.objects.filter(FOR_PEOPLE, supplier__program=program)
    seen = rights.restrict(request.user, "suppliers.view", rows).order_by(
        Coalesce("overdue_since", "closed_at", "proposed_at"), "pk"
    )
    found = list(seen.select_related("supplier", "redemption__reward")[: MANY + 1])
    return {"rows": found[:A_FEW], "count": min(len(found), MANY), "more": len(found) > MANY, "program": program}


def stock(_request: HttpRequest, program: Program) -> Shown:
    """Rewards whose codes run out, those of one value maybe, the emptiest first."""
    rows = StockLevel.objects.filter(reward__program=program, level__gt=StockLevel.Level.ENOUGH, reward__retired=False)
    return {
        "rows": list(rows.select_related("reward").order_by("-level", "since")[:A_FEW]),
        "all": rows.values("reward").distinct().count(),
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
