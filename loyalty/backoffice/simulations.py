"""Simulations: starting one, and the latest."""

from datetime import date, datetime, time, timedelta
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
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns.models import Campaign
from campaigns.services.simulations import KIND, start_simulation
from campaigns.services.trials import Trial, trial_of
from core.models import Job, Program
from core.refusals import Refusal
from loyalty.backoffice.budgets import chosen_program
from loyalty.identity import rights

USUAL = 90  # days that are offered
LATEST = 20  # simulations in the list
STARTS = ("campaigns.change", "campaigns.approve")


class DayInput(UnfoldAdminTextInputWidget):
    """The browser's own choice of a day."""

    input_type = "date"


class StartForm(forms.Form):
    """What is tried out, over which days."""

    campaign = forms.ChoiceField(label=gettext_lazy("Campaign"), required=False, widget=UnfoldAdminSelectWidget)
    since = forms.DateField(label=gettext_lazy("From"), widget=DayInput(), localize=False)
    until = forms.DateField(label=gettext_lazy("Through"), widget=DayInput(), localize=False)

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        """Offer the campaigns of a program."""
        super().__init__(*args, **kwargs)
        rows = Campaign.objects.filter(program=program, retired=False).order_by("code")
        names = [(row.code, f"{row.name} · {row.get_state_display()}") for row in rows]
        field: Any = self.fields["campaign"]
        field.choices = [("", _("All campaigns as they were")), *names]


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The form to start one, and the latest."""
    programs, program = chosen_program(request, "campaigns.view", whole=True)
    may_start = any(rights.may_everywhere(request.user, permission, program) for permission in STARTS)
    form = StartForm(program, request.POST or None, initial=_usual(request, program))
    if request.method == "POST":
        if not may_start:
            raise Http404
        job = _started(request, program, form) if form.is_valid() else None
        if job:
            return redirect("admin:simulation", job.pk)
    rows = Job.objects.filter(program=program, kind=KIND).order_by("-pk")[:LATEST]
    context = {
        **admin.site.each_context(request),
        "title": _("Simulations"),
        "programs": programs,
        "program": program,
        "form": form if may_start else None,
        "rows": [(row, row.arguments.get("name") or _("All campaigns as they were")) for row in rows],
    }
    return TemplateResponse(request, "backoffice/simulations.html", context)


def _usual(request: HttpRequest, program: Program) -> dict[str, Any]:
    """The last ninety days, and the campaign of the address."""
    today = timezone.now().astimezone(ZoneInfo(program.timezone)).date()
    first = today - timedelta(days=USUAL)
    return {"campaign": request.GET.get("campaign", ""), "since": first.isoformat(), "until": today.isoformat()}


def _started(request: HttpRequest, program: Program, form: StartForm) -> Job | None:
    """The queued job, or None where it was refused."""
    code, zone = form.cleaned_data["campaign"], ZoneInfo(program.timezone)
    trial = trial_of(Campaign.objects.get(program=program, code=code)) if code else Trial()
    since, until = _begin(form.cleaned_data["since"], zone), _begin(form.cleaned_data["until"] + timedelta(1), zone)
    try:
        return start_simulation(program=program, trial=trial, since=since, until=until, name=code)
    except Refusal as refusal:
        messages.error(request, str(refusal.errors[0].detail if refusal.errors else refusal.detail))
    return None


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
