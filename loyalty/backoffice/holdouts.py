"""What campaigns really changed: every holdout with its effect as interval, table and file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from campaigns.rules.holdout import DAYS, MEASURES, Effect
from campaigns.selectors.holdouts import Holdout, holdouts
from core.models import Program
from loyalty.backoffice.budgets import csv_file
from loyalty.backoffice.charts import Interval, interval
from loyalty.display import formats
from loyalty.display.holdout_words import interval_words, measure_words, measured, reason_words, verdict_words
from loyalty.identity import rights
from loyalty.operations.reports.holdout import report_of

REMEMBERED = 300  # seconds: a report reads every day of every member that came up
STATES = ("ready", "blocked", "too-early", "not-randomised")
TONES = {"works": "good", "harms": "bad", "blocked": "bad", "not-randomised": "warn"}


@dataclass(frozen=True, slots=True)
class Line:
    """A holdout with one measure in words and places; without figures, why."""

    row: Holdout
    name: str
    exposed: str
    held_out: str
    effect: str
    interval: str
    plot: Interval | None
    detectable: str
    verdict: str
    tone: str
    reason: str


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """All holdouts of a program, by one measure."""
    programs = list(rights.programs_of(request.user, "insights.view", whole=True))
    code, measure = request.GET.get("program", ""), request.GET.get("measure", MEASURES[0])
    program = next((one for one in programs if code in {"", one.code}), None)
    if program is None or measure not in MEASURES:
        raise Http404
    at, found = _remembered(program)
    if request.GET.get("format") == "csv":
        return csv_file(f"holdout-{program.code}", report_of(program, found, at).as_csv())
    most = _most(found, measure)
    context = {
        **admin.site.each_context(request),
        "title": _("Holdout report"),
        "programs": programs,
        "program": program,
        "at": at,
        "days": DAYS,
        "measure": measure,
        "measures": [(name, measure_words(name)) for name in MEASURES],
        "scale": [measured(value, measure, program.currency, sign=True) for value in (-most, most) if most],
        "lines": [_line(program, one, measure, most) for one in sorted(found, key=_place)],
    }
    return TemplateResponse(request, "backoffice/holdouts.html", context)


def _remembered(program: Program) -> tuple[datetime, list[Holdout]]:
    """What was read in the last minutes, with the time of it."""
    name = f"office:holdouts:{program.pk}"
    known: tuple[datetime, list[Holdout]] | None = cache.get(name)
    if known is None:
        at = timezone.now()
        known = at, holdouts(program=program, at=at)
        cache.set(name, known, REMEMBERED)
    return known


def _place(one: Holdout) -> tuple[bool, int]:
    """The whole program first, then what says something, last what cannot."""
    return one.campaign is not None, STATES.index(one.comparison.state)


def _most(found: Sequence[Holdout], measure: str) -> float:
    """The end of the scale that all lines share."""
    ends = [abs(end) for one in found for effect in one.comparison.effects if effect.measure == measure
            for end in (effect.difference.low, effect.difference.high)]  # fmt: skip
    return max(ends, default=0.0)


def _line(program: Program, one: Holdout, measure: str, most: float) -> Line:
    found = one.comparison
    effect = next((effect for effect in found.effects if effect.measure == measure), None)
    verdict = effect.verdict if effect else found.state
    return Line(
        row=one,
        name=one.campaign.name if one.campaign else _("The whole program"),
        exposed=formats.number(found.exposed.members),
        held_out=formats.number(found.held_out.members),
        **_figures(effect, program.currency, most),
        verdict=verdict_words(verdict),
        tone=TONES.get(verdict, ""),
        reason=reason_words(found),
    )


def _figures(effect: Effect | None, currency: str, most: float) -> dict[str, Any]:
    if effect is None:
        return {"effect": "", "interval": "", "plot": None, "detectable": ""}
    found = effect.difference
    return {
        "effect": measured(found.value, effect.measure, currency, sign=True),
        "interval": interval_words(found, effect.measure, currency),
        "plot": interval(value=found.value, low=found.low, high=found.high, most=most),
        "detectable": measured(effect.detectable, effect.measure, currency),
    }
