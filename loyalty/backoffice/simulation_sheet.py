"""The decision sheet of a simulation: what would have been given beside what was, as charts, tables and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from campaigns.models import Forecast
from campaigns.selectors.forecasts import what_happened
from campaigns.selectors.names import Names, program_names
from campaigns.services.simulations import KIND, interval_of
from core.models import Job, Program
from core.services import jobs
from dealers.models import Budget
from loyalty.backoffice.budgets import csv_file
from loyalty.backoffice.columns import of_unit
from loyalty.backoffice.finding import external_ids
from loyalty.backoffice.simulation_chart import day_chart
from loyalty.backoffice.simulation_files import EXTREMES, extremes, refusals, sheet_of, tier_moves
from loyalty.display import formats
from loyalty.display.trace_words import SHORT
from loyalty.identity import rights
from loyalty.operations.reports.tables import csv_text
from members.models import Member

TABLES: Mapping[str, Any] = {
    "day": gettext_lazy("By day"),
    "market": gettext_lazy("By market"),
    "tier": gettext_lazy("By tier"),
    "campaign": gettext_lazy("By campaign"),
}

type Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: both sides in words, and as values for bars."""

    name: str
    simulated: str
    live: str
    awards: str
    live_awards: str
    value: int
    most: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the name of its file."""

    key: str
    title: Any
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Purse:
    """A budget that paid: in words, with the day on which it ended, or would at this pace."""

    name: str
    spent: str
    left: str
    ended: date | None
    ends: date | None


@require_GET
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress while it runs; then the decision sheet."""
    job, program = _job(request, pk)
    report: dict[str, Any] = job.report
    if request.GET.get("format") == "csv":
        return _file(request, job, report)
    since, until = interval_of(job)
    alive = job.state in jobs.UNFINISHED
    may_stop = alive and not job.cancel_requested and rights.may(request.user, "jobs.run", job.program)
    context = {
        **admin.site.each_context(request),
        "title": _("Simulation"),
        "job": job,
        "name": job.arguments.get("name") or _("All campaigns as they were"),
        "since": since,
        "until": until - timedelta(seconds=1),
        "alive": alive,
        "may_stop": may_stop,
        **(_found(request, job, program, report) if report else {}),
    }
    return TemplateResponse(request, "backoffice/simulation.html", context)


def _job(request: HttpRequest, pk: int) -> tuple[Job, Program]:
    job = Job.objects.filter(pk=pk, kind=KIND).select_related("program").first()
    if job is None or job.program is None or not rights.may_everywhere(request.user, "campaigns.view", job.program):
        raise Http404
    return job, job.program


def _file(request: HttpRequest, job: Job, report: Report) -> HttpResponse:
    """One of its tables for spreadsheets."""
    table = request.GET.get("table", "")
    found = sheet_of(report, table, _seen(request, job, report)) if report else None
    if found is None:
        raise Http404
    return csv_file(f"simulation-{job.pk}-{table}", csv_text(*found))


def _seen(request: HttpRequest, job: Job, report: Report) -> set[str]:
    """External ids of those of the members it names whom the reader may see."""
    named = [one["member"] for side in EXTREMES for one in report[side]]
    return set(external_ids(request.user, Member.objects.filter(program=job.program, external_id__in=named)).values())


def _found(request: HttpRequest, job: Job, program: Program, report: Report) -> dict[str, Any]:
    names = program_names(program)
    known: Mapping[str, Mapping[str, str]] = {
        "market": names.markets,
        "tier": names.tiers,
        "campaign": {row.code: row.name for row in names.campaigns.values()},
    }
    return {
        "report": report,
        "sides": [(_("Simulated"), _side(report["simulated"])), (_("As it was"), _side(report["live"]))],
        "chart": day_chart(report["by_day"]),
        "tables": [Table(key, title, _lines(report, key, known.get(key, {}))) for key, title in TABLES.items()],
        "moves": _moves(report, names),
        "refused": [(SHORT.get(reason, reason), formats.number(times)) for reason, times in refusals(report)],
        "purses": _purses(program, report, known["campaign"]),
        "extremes": _extremes(report, _seen(request, job, report)),
        "forecasts": [
            (forecast, _value(forecast.figures), _value(what_happened(forecast)))
            for forecast in Forecast.objects.filter(job=job).select_related("version__campaign__program")
        ],
    }


def _side(side: Mapping[str, Any]) -> dict[str, str]:
    return {"members": formats.number(side["members"]), "awards": formats.number(side["awards"]), "value": _value(side)}


def _value(side: Mapping[str, Any] | None) -> str:
    """Points and money in words."""
    if side is None:
        return "–"
    money = [formats.amount(amount, unit) for unit, amount in side["money"].items()]
    return " · ".join([_("%(number)s pts") % {"number": formats.number(side["points"])}, *money])


def _lines(report: Report, key: str, names: Mapping[str, str]) -> list[Line]:
    rows = report[f"by_{key}"]
    most = max((abs(row["simulated"]["points"]) for row in rows), default=0)
    return [
        Line(
            formats.day(date.fromisoformat(row[key])) if key == "day" else names.get(row[key], row[key]) or "–",
            _value(row["simulated"]),
            _value(row["live"]),
            formats.number(row["simulated"]["awards"]),
            formats.number(row["live"]["awards"]),
            max(row["simulated"]["points"], 0),
            most,
        )
        for row in rows
    ]


def _moves(report: Report, names: Names) -> list[tuple[str, str, str, str]]:
    """Moves between tiers by their names, and how often on both sides."""
    tiers = {"": _("No tier"), **names.tiers}
    return [
        (tiers.get(before, before), tiers.get(after, after), formats.number(simulated), formats.number(live))
        for before, after, simulated, live in tier_moves(report)
    ]


def _purses(program: Program, report: Report, campaigns: Mapping[str, str]) -> list[Purse]:
    """The budgets that paid; ``program`` is the root of the tree, a campaign's own is called as the campaign is."""
    root = Budget.objects.filter(program=program, parent=None, retired=False).order_by("code").first()

    def name(payer: str) -> str:
        kind, _colon, code = payer.partition(":")
        return campaigns.get(code, code) if kind == "campaign" else code or (root.code if root else payer)

    return [
        Purse(
            name(one["payer"]),
            of_unit(one["spent"], one["unit"]),
            of_unit(one["left"], one["unit"]),
            *(date.fromisoformat(one[when]) if one[when] else None for when in ("ends_on", "projected_end")),
        )
        for one in report["budgets"]
    ]


def _extremes(report: Report, seen: set[str]) -> list[tuple[bool, str, str]]:
    """Whether somebody gains, who it is, and how much it is."""
    currency = report["liability"]["currency"]
    return [
        (Decimal(difference) > 0, member or "–", formats.amount(difference, currency))
        for member, difference in extremes(report, seen)
    ]
