"""Budgets at a glance: the tree with what is used of each, and each one's pace as chart, table and file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns.models import Campaign
from campaigns.selectors.pace import BudgetPace, budget_paces
from core.models import Program
from dealers.models import Budget
from loyalty.backoffice.charts import PaceChart, pace_chart
from loyalty.display.budget_words import budget_amount, plan_words, speed_words, verdict_words
from loyalty.identity import rights
from loyalty.operations.reports.budgets import DAY_COLUMNS, day_rows, report_of, used_percent
from loyalty.operations.reports.tables import csv_text

TONES = {"exhausted": "bad", "ends-early": "warn", "lasts": "good"}
FULL, MUCH = 100, 80  # per cent used


@dataclass(frozen=True, slots=True)
class Shown:
    """A budget in words and figures."""

    row: BudgetPace
    granted: str
    passed_on: str
    used: str
    left: str
    percent: int
    verdict: str
    tone: str
    link: str

    @property
    def share(self) -> float:
        """The part of what was granted that is used, in whole per cent."""
        return self.percent / 100


def shown(row: BudgetPace) -> Shown:
    """A budget as a line of the tree."""
    pace = row.pace
    named = {name: budget_amount(getattr(pace, name), pace.unit) for name in ("granted", "passed_on", "used", "left")}
    link = reverse("admin:budget_pace", args=[row.kind, row.row.pk, pace.unit])
    return Shown(row, **named, percent=used_percent(pace), verdict=verdict_words(pace),
                 tone=TONES.get(pace.verdict, ""), link=link)  # fmt: skip


def chosen_program(request: HttpRequest, permission: str, *, whole: bool = False) -> tuple[list[Program], Program]:
    """The programs in which the reader has the permission, and the one of the address or the first.

    ``whole``: for all of the program, not only for a place in it.
    """
    programs = list(rights.programs_of(request.user, permission, whole=whole))
    code = request.GET.get("program", "")
    found = next(
        (program for program in programs if program.code == code), None if code else next(iter(programs), None)
    )
    if found is None:
        raise Http404
    return programs, found


def paces_for(
    request: HttpRequest, program: Program, kind: str = "", pk: int = 0
) -> list[BudgetPace]:  # fmt: skip
    """The budgets that the reader may see, or one of them. Campaigns' own are for who sees the whole program."""
    budgets, campaigns = (
        rights.restrict(request.user, "budgets.view", Budget.objects.all()),
        _campaigns(request, program),
    )
    if kind == "budget":
        budgets, campaigns = budgets.filter(pk=pk), campaigns.none()
    elif kind == "campaign":
        budgets, campaigns = budgets.none(), campaigns.filter(pk=pk)
    return budget_paces(program=program, budgets=budgets, campaigns=campaigns, at=timezone.now())


def _campaigns(request: HttpRequest, program: Program) -> QuerySet[Campaign]:
    rows = Campaign.objects.filter(program=program)
    return rows if rights.may_everywhere(request.user, "budgets.view", program) else rows.none()


def used_up_first(rows: Sequence[BudgetPace], depth: int = 0) -> list[BudgetPace]:
    """The same tree; of what stands on one level, branches with a budget that is used up come first."""
    found: list[BudgetPace] = []
    for branch in sorted(_branches(rows, depth), key=lambda branch: not any(map(_is_used_up, branch))):
        heads = [one for one in branch if one.depth <= depth]
        below = branch[len(heads) :]
        found += [*heads, *(used_up_first(below, depth + 1) if below else [])]
    return found


def _branches(rows: Sequence[BudgetPace], depth: int) -> list[list[BudgetPace]]:
    """Each row of this level, in all its units, with what stands below it."""
    found: list[list[BudgetPace]] = []
    for one in rows:
        if not found or (one.depth <= depth and one.row != found[-1][0].row):
            found.append([])
        found[-1].append(one)
    return found


def _is_used_up(one: BudgetPace) -> bool:
    """What has ended needs nothing more."""
    over = isinstance(one.row, Campaign) and one.row.state == Campaign.State.ENDED
    return one.pace.verdict == "exhausted" and not over


@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """All budgets that the reader may see."""
    programs, program = chosen_program(request, "budgets.view")
    rows = paces_for(request, program)
    if request.GET.get("format") == "csv":
        return csv_file(f"budgets-{program.code}", report_of(program, rows, timezone.now()).as_csv())
    context = {
        **admin.site.each_context(request),
        "title": _("Budget pace"),
        "programs": programs,
        "program": program,
        "rows": [shown(row) for row in used_up_first(rows)],
        "at": timezone.now(),
    }
    return TemplateResponse(request, "backoffice/budgets.html", context)


@require_GET
def one_pace(request: HttpRequest, kind: str, pk: int, unit: str) -> HttpResponse:
    """One budget in one unit."""
    row = _one(request, kind, pk, unit)
    if request.GET.get("format") == "csv":
        return csv_file(f"budget-{row.row.code}-{unit}", csv_text(DAY_COLUMNS, day_rows(row.pace)))
    context = {
        **admin.site.each_context(request),
        "title": row.name,
        "program": row.row.program,
        "entry": shown(row),
        **drawing(row),
        "days": [_day(row, place) for place in range(len(row.pace.points) - 1, -1, -1)],
    }
    return TemplateResponse(request, "backoffice/budget_pace.html", context)


def _one(request: HttpRequest, kind: str, pk: int, unit: str) -> BudgetPace:
    owner: Budget | Campaign | None = None
    if kind in {"budget", "campaign"}:
        rows: QuerySet[Any] = (Budget if kind == "budget" else Campaign)._default_manager.all()
        owner = rows.select_related("program").filter(pk=pk).first()
    found = paces_for(request, owner.program, kind, pk) if owner else []
    row = next((one for one in found if one.pace.unit == unit), None)
    if row is None:
        raise Http404
    return row


def drawing(row: BudgetPace) -> dict[str, Any]:
    """The chart of a pace and its words."""
    chart: PaceChart = pace_chart(row.pace)
    return {"chart": chart, "verdict": verdict_words(row.pace), "plan": plan_words(row.pace),
            "speed": speed_words(row.pace)}  # fmt: skip


def _day(row: BudgetPace, place: int) -> Mapping[str, object]:
    point, unit = row.pace.points[place], row.pace.unit
    amounts = {name: budget_amount(getattr(point, name), unit) for name in ("used", "total", "planned")}
    return {"day": point.day, **amounts}


def csv_file(name: str, text: str) -> HttpResponse:
    """A file for spreadsheets."""
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
