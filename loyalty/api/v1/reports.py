"""Reports: figures as JSON, or as CSV for spreadsheets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from campaigns.selectors.holdouts import Cohort
from core.models import Market, Program
from core.refusals import NotFound
from dealers.models import Budget, Dealer
from loyalty.api.refusals import Malformed
from loyalty.api.v1 import examples
from loyalty.api.v1.access import JsonOnly
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import Success, described, path, query
from loyalty.api.v1.parameters import read_day_parameter, read_word
from loyalty.api.v1.schema import ANYTHING, MOMENT, items, record, text
from loyalty.operations.reports.budgets import Period, budgets_report
from loyalty.operations.reports.holdout import holdout_report
from loyalty.operations.reports.tables import Report

CSV, JSON = "text/csv", "application/json"
NARROWING = frozenset({"campaign", "market", "dealer", "from", "to"})  # what every report reads
UNKNOWN = {
    "campaign": gettext_lazy("The program has no campaign of this code."),
    "market": gettext_lazy("The program has no market of this code."),
    "dealer": gettext_lazy("The program has no dealer of this code."),
}
LINE = {"type": "object", "additionalProperties": ANYTHING}
REPORT = record({"report": text(), "program": text(), "at": MOMENT, "items": items(LINE)})


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a report is to be about; None = all there is. Days from ``since`` on and before ``until``."""

    campaign: Campaign | None
    market: Market | None
    dealer: Dealer | None
    since: date | None
    until: date | None


class JsonOrCsv(JsonOnly):
    """CSV for whoever accepts it and no JSON, or asks for it by ``format``; else JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one renderer; for CSV the view writes the answer itself."""
        ranges = [part.split(";")[0].strip().lower() for part in request.headers.get("Accept", "").split(",")]
        wanted = request.query_params.get("format", "")
        by_header = {"text/csv", "text/*"} & set(ranges) and not {JSON, "application/*", "*/*"} & set(ranges)
        if wanted == "csv" or (not wanted and by_header):
            return next(iter(renderers)), CSV
        return super().select_renderer(request, renderers, format_suffix)


class ReportView(ApiView):
    """One report of the caller's program."""

    scopes = {"GET": "reports:read"}
    content_negotiation_class = JsonOrCsv

    @described(
        "Read a report",
        tag="Reports",
        answers={200: Success("The report; docs/budgets.md and docs/holdout.md say what its columns mean", REPORT,
                              examples.REPORT)},
        refusals=["not-found", "validation"],
        files={CSV: "The same as lines of a file"},
        parameters=[
            path("name", "`budgets` or `holdout`", "holdout"),
            query("campaign", "Of this campaign alone, by code"),
            query("market", "Of this market alone, by code"),
            query("dealer", "By code. `budgets`: those of this dealer; `holdout`: what members did at its outlets"),
            query(
                "from",
                "A day. `budgets`: `used_in_period` counts from this accounting day on; "
                "`holdout`: members who came up from this local day on",
                format="date",
            ),
            query("to", "The day after the last one of either", format="date"),
            query("format", "`json` or `csv`; else as `Accept` says", enum=["json", "csv"]),
        ],
    )  # fmt: skip
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """Read a report as of now: `budgets`, or `holdout`."""
        if name not in READERS:
            raise NotFound(_("There is no report of this name; there are: %(names)s") % {"names": ", ".join(READERS)})
        if request.query_params.get("format", "json") not in {"json", "csv"}:
            raise Malformed(_("The format is json or csv"))
        if unread := sorted(request.query_params.keys() - NARROWING - {"format"}):
            detail = _("The report %(report)s does not read: %(names)s")
            raise Malformed(detail % {"report": name, "names": ", ".join(unread)})
        report = READERS[name](self.program, self.at, _narrowing(self.program, request))
        if request.accepted_media_type == CSV:
            response = HttpResponse(report.as_csv(), content_type=f"{CSV}; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="{name}-{self.program.code}.csv"'
            return response
        return Response(report.as_json())


def _narrowing(program: Program, request: Request) -> Narrowing:
    """What the parameters name. Raises NotFound, and Malformed for what is no day."""
    return Narrowing(
        _named(request, "campaign", Campaign.objects.filter(program=program).select_related("program")),
        _named(request, "market", program.markets.all()),
        _named(request, "dealer", program.dealers.all()),
        read_day_parameter(request, "from"),
        read_day_parameter(request, "to"),
    )


def _named[M: Model](request: Request, name: str, rows: QuerySet[M]) -> M | None:
    """The row whose code a parameter is, None if it is not there. Raises NotFound, Invalid."""
    code = read_word(request, name)
    if code is None:
        return None
    found = rows.filter(code=code).first()
    if found is None:
        raise NotFound(UNKNOWN[name])
    return found


def _holdout(program: Program, at: datetime, asked: Narrowing) -> Report:
    market, dealer = asked.market.code if asked.market else None, asked.dealer.code if asked.dealer else None
    cohort = Cohort(asked.since, asked.until, market, dealer)
    return holdout_report(program=program, at=at, campaign=asked.campaign, cohort=cohort)


def _budgets(program: Program, at: datetime, asked: Narrowing) -> Report:
    budgets, campaigns = Budget.objects.filter(program=program), Campaign.objects.filter(program=program)
    if asked.market:
        budgets, campaigns = budgets.filter(market=asked.market), campaigns.none()
    if asked.dealer:
        budgets, campaigns = budgets.filter(dealer=asked.dealer), campaigns.none()
    if asked.campaign:
        budgets, campaigns = budgets.none(), campaigns.filter(pk=asked.campaign.pk)
    period = Period(asked.since, asked.until)
    return budgets_report(program=program, at=at, budgets=budgets, campaigns=campaigns, period=period)


type Reader = Callable[[Program, datetime, Narrowing], Report]
READERS: Mapping[str, Reader] = {"budgets": _budgets, "holdout": _holdout}
