"""Shifting festivals: which campaigns follow and which have begun is seen before anything moves."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models.functions import Abs
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from campaigns.models import FestivalShift
from campaigns.rules.festive import MOST_SHIFTED
from campaigns.services.festival_preview import coming, preview_shift
from core.models import Market, Program, User
from core.refusals import Refusal
from loyalty.display import formats
from loyalty.identity import rights
from loyalty.operations.festival_shifts import CHANGE, shift_by

BETWEEN = " "  # a festival and its day in one choice


class ShiftForm(forms.Form):
    """Which festival, in which year, by how many days."""

    festival = forms.ChoiceField(label=_("Festival and calculated day"))
    days = forms.IntegerField(
        label=_("Days later (+) or earlier (−)"), min_value=-MOST_SHIFTED, max_value=MOST_SHIFTED,
        help_text=_("0 takes a shift back."),
    )  # fmt: skip

    def __init__(self, market: Market, data: Any) -> None:
        """Offer what comes to the market."""
        super().__init__(data)
        choices = coming(market=market, today=timezone.localdate())
        names = dict(FestivalShift.Festival.choices)
        self.fields["festival"].choices = [  # type: ignore[attr-defined]  # a choice field
            (f"{name}{BETWEEN}{day}", f"{names[name]} · {formats.day(day)}") for name, day in choices
        ]

    def wanted(self) -> dict[str, Any]:
        """What the services ask for."""
        festival, _between, day = self.cleaned_data["festival"].partition(BETWEEN)
        return {"festival": festival, "falls_on": date.fromisoformat(day), "days": self.cleaned_data["days"]}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Choose a market and a shift, see what follows, and do it."""
    programs = list(rights.programs_of(request.user, CHANGE, whole=True))
    program, market, markets = _place(request, programs)
    sent = request.POST if request.method == "POST" else request.GET if "festival" in request.GET else None
    form = ShiftForm(market, sent)
    if request.method == "POST" and form.is_valid() and isinstance(request.user, User):
        return _shift(request, market, form)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Festivals"),
        "programs": programs,
        "program": program,
        "markets": markets,
        "market": market,
        "form": form,
        "shifts": FestivalShift.objects.filter(market=market).annotate(size=Abs("days")).order_by("falls_on"),
        **(_preview(request, market, form) if sent is not None and form.is_valid() else {}),
    }
    return TemplateResponse(request, "backoffice/festivals.html", context)


def _place(request: HttpRequest, programs: list[Program]) -> tuple[Program, Market, list[Market]]:
    """The program and market of the address, or the first of each."""
    asked = request.POST if request.method == "POST" else request.GET
    program = next((one for one in programs if asked.get("program", "") in {"", one.code}), None)
    rows = Market.objects.filter(program=program, retired=False).select_related("program").order_by("code")
    markets = list(rows) if program else []
    market = next((one for one in markets if asked.get("market", "") in {"", one.code}), None)
    if program is None or market is None:
        raise Http404
    return program, market, markets


def _preview(request: HttpRequest, market: Market, form: ShiftForm) -> dict[str, Any]:
    try:
        moved = preview_shift(market=market, **form.wanted(), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
        return {}
    return {"previewed": True, "moved": moved, "wanted": form.wanted()}


def _shift(request: HttpRequest, market: Market, form: ShiftForm) -> HttpResponse:
    try:
        shift_by(market=market, **form.wanted(), by=request.user, at=timezone.now())  # type: ignore[arg-type]  # a user
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, gettext("Done."))
    query = urlencode({"program": market.program.code, "market": market.code})
    return redirect(f"{reverse('admin:festivals')}?{query}")
