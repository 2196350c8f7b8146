"""Corrections of awards: proposing one, and deciding on it."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns.models import CampaignVersion, Rerated, Rerating
from campaigns.services.rerating_jobs import start_proposal, start_step
from campaigns.services.reratings import reject_rerating, summary
from core.models import Job, Program, User
from core.refusals import Refusal
from loyalty.backoffice.budgets import chosen_program, csv_file
from loyalty.backoffice.finding import member_name
from loyalty.backoffice.simulations import DayInput
from loyalty.identity import rights
from loyalty.operations.reports.tables import csv_text
from loyalty.operations.reratings import may

LATEST = 20  # corrections in the list
SHOWN = 100  # awards on the page; the file has all
COLUMNS = ("member", "event_id", "campaign", "rule", "unit", "before", "after", "difference", "moved", "state")


class ProposalForm(forms.Form):
    """Which version was right, over which days, and what is to become of the differences."""

    version: Any = forms.ModelChoiceField(
        label=gettext_lazy("Version that is right"), queryset=None, widget=UnfoldAdminSelectWidget
    )
    since = forms.DateField(label=gettext_lazy("From"), widget=DayInput())
    until = forms.DateField(label=gettext_lazy("Through"), widget=DayInput())
    policy = forms.ChoiceField(
        label=gettext_lazy("Policy"), choices=Rerating.Policy.choices, widget=UnfoldAdminSelectWidget
    )
    because = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=UnfoldAdminTextInputWidget)

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        """Offer the versions of a program's campaigns, newest first."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["version"]
        field.queryset = CampaignVersion.objects.filter(program=program).select_related("campaign__program")
        field.queryset = field.queryset.order_by("campaign__code", "-number")
        field.label_from_instance = lambda row: f"{row.campaign.code} · {row.number}"


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The form to propose one, and the latest."""
    programs, program = chosen_program(request, "campaigns.view", whole=True)
    may_propose = isinstance(request.user, User) and may(request.user, "propose", program)
    form = ProposalForm(program, request.POST or None)
    if request.method == "POST":
        if not may_propose:
            raise Http404
        job = _proposed(request, program, form) if form.is_valid() else None
        if job:
            return redirect("admin:core_job_change", job.pk)
    rows = Rerating.objects.filter(program=program).select_related("version__campaign", "by").order_by("-pk")
    context = {
        **admin.site.each_context(request),
        "title": _("Corrections"),
        "programs": programs,
        "program": program,
        "form": form if may_propose else None,
        "rows": rows[:LATEST],
    }
    return TemplateResponse(request, "backoffice/reratings.html", context)


def _proposed(request: HttpRequest, program: Program, form: ProposalForm) -> Job | None:
    zone, asked = ZoneInfo(program.timezone), form.cleaned_data
    since = datetime.combine(asked["since"], time.min, zone)
    until = datetime.combine(asked["until"] + timedelta(1), time.min, zone)
    try:
        return start_proposal(
            version=asked["version"],
            since=since,
            until=until,
            policy=asked["policy"],
            because=asked["because"],
            by=request.user,  # type: ignore[arg-type]  # staff
        )
    except Refusal as refusal:
        messages.error(request, str(refusal.errors[0].detail if refusal.errors else refusal.detail))
    return None


@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What one changes, and what may be done about it."""
    row = _row(request, pk)
    rows = Rerated.objects.filter(rerating=row).order_by("event_id", "place")
    awards = rows.annotate(whose=member_name(request.user))
    if request.GET.get("format") == "csv":
        lines = awards.values_list("whose", *COLUMNS[1:])
        return csv_file(f"correction-{row.pk}", csv_text(COLUMNS, list(lines)))
    context = {
        **admin.site.each_context(request),
        "title": _("Correction"),
        "row": row,
        "until": row.until - timedelta(seconds=1),
        "summary": [{**line, "state": Rerated.State(str(line["state"])).label} for line in summary(row)],
        "awards": awards[:SHOWN],
        "steps": _steps(request, row),
    }
    return TemplateResponse(request, "backoffice/rerating.html", context)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, reject or undo."""
    row, step = _row(request, pk), request.POST.get("step", "")
    user = request.user
    if step not in dict(_steps(request, row)) or not isinstance(user, User):
        raise Http404
    if step == "reject":
        reject_rerating(rerating=row, by=user, at=timezone.now())
        messages.success(request, _("Done."))
        return redirect("admin:rerating", pk)
    return redirect("admin:core_job_change", start_step(rerating=row, step=step, by=user).pk)


def _row(request: HttpRequest, pk: int) -> Rerating:
    rows = Rerating.objects.select_related("program", "version__campaign", "by", "decided_by", "undone_by")
    row = rows.filter(pk=pk).first()
    if row is None or not rights.may_everywhere(request.user, "campaigns.view", row.program):
        raise Http404
    return row


def _steps(request: HttpRequest, row: Rerating) -> list[tuple[str, str]]:
    """What the reader may do next; who proposed it cannot approve it."""
    user = request.user
    if not isinstance(user, User) or not may(user, "approve", row.program):
        return []
    if row.state == Rerating.State.PROPOSED:
        approve = [("approve", _("Approve"))] if row.by_id != user.pk else []
        return [*approve, ("reject", _("Send back"))]
    is_posted = row.state == Rerating.State.APPROVED and row.posted_at
    return [("undo", _("Undo all of it"))] if is_posted else []
