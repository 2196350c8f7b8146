"""Tags of the back office's own pages: ``{% load office %}``."""

import json
from typing import Any

from django import template
from django.contrib import admin
from django.db.models import Model
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from core.models import Job
from ledger.models import POINTS, STATUS
from loyalty.backoffice import columns, job_kinds
from loyalty.backoffice.menu import group_at
from loyalty.display import budget_words, fact_words, formats
from loyalty.display.value_words import listed
from loyalty.identity import rights
from rewards.models import StatementLine

register = template.Library()

HIDDEN = "•••"
SHOWN = 4  # digits of a phone number, the last ones
TONES = {
    "active": "good",
    "verified": "good",
    "processed": "good",
    "live": "good",
    "done": "good",
    "completed": "good",
    "assigned": "brand",
    "seen": "brand",
    "activated": "brand",
    "held_out": "warn",
    "running": "brand",
    "pending": "warn",
    "waiting": "warn",
    "queued": "warn",
    "paused": "warn",
    "frozen": "bad",
    "rejected": "bad",
    "reading": "brand",
    "preview": "warn",
    "loading": "brand",
    "loaded": "good",
    "matched": "good",
    "faulty": "bad",
    "failed": "bad",
    "erased": "bad",
}


@register.filter
def masked_email(address: str) -> str:
    """``n•••@example.com``."""
    name, _at, host = address.partition("@")
    return f"{name[:1]}{HIDDEN}@{host}" if host else ""


@register.filter
def masked_phone(number: str) -> str:
    """``+65 ••• 4567``."""
    return f"{number[:3]} {HIDDEN} {number[-SHOWN:]}" if number else ""


@register.filter
def in_words(value: object) -> object:
    """What a profile holds: consents by name, yes and no; all else as it is."""
    if isinstance(value, list):
        return listed([consent_name(each) for each in value])
    return (_("yes") if value else _("no")) if isinstance(value, bool) else value


@register.filter
def consent_name(purpose: str) -> str:
    """What a consent is for."""
    return str({"marketing": _("Marketing"), "profiling": _("Profiling")}.get(purpose, purpose))


@register.simple_tag
def match_words(match: str, reason: str) -> str:
    """What matching a line of a statement found, and why."""
    if not match:
        return _("Not matched yet")
    found = str(StatementLine.Match(match).label)
    return f"{found}: {StatementLine.Reason(reason).label}" if reason else found


@register.filter
def as_in_menu(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The way to a page as Unfold tells it, beginning with the menu's group instead of Django's app.

    Names of models begin with a capital; names of rows and files stay as they are.
    """
    group = next((found for part in parts if (found := group_at(part.get("link", "")))), "")
    way = [{"title": group}, *parts[1:]] if group else parts
    return [part | {"title": _title(part)} for part in way]


def _title(part: dict[str, Any]) -> Any:
    title = part["title"]
    if isinstance(title, Job):
        return f"{job_kinds.job_name(title.kind)} {title.pk}"
    return capfirst(title) if _is_model(part) else title


def _is_model(part: dict[str, Any]) -> bool:
    return bool(part.get("link")) and not isinstance(part["title"], Model)


@register.filter
def tone(state: str) -> str:
    """The colour of a state."""
    return TONES.get(state, "")


@register.filter
def spaced(code: str) -> str:
    """A code as words."""
    return fact_words.spaced(code)


@register.filter
def change_page(row: Model) -> str:
    """The address of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@register.filter
def list_page(label: str) -> str:
    """The address of a model's list, by ``app.model``."""
    return reverse(f"admin:{label.lower().replace('.', '_')}_changelist")


@register.simple_tag(takes_context=True)
def may_open(context: RequestContext, row: Model) -> bool:
    """Whether the reader may see the row's page."""
    registered = admin.site.is_registered(type(row))
    return registered and rights.may_view(context["request"].user, type(row), row)


@register.simple_tag(takes_context=True)
def with_query(context: RequestContext, **values: Any) -> str:
    """The address of this page with other parameters; empty ones are left out."""
    query = context["request"].GET.copy()
    for name, value in values.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


@register.filter
def effect_amount(effect: dict[str, Any]) -> str:
    """What an effect of an outcome gave: ``+860``."""
    amount = effect["amount"]
    if currency := effect.get("currency"):
        return f"+{formats.amount(amount, currency)}"
    return formats.signed(amount) if isinstance(amount, int) else str(amount)


@register.filter
def campaign_state(state: str) -> str:
    """What people call a campaign's state."""
    return str(Campaign.State(state).label)


@register.filter
def budget_amount(value: int, unit: str) -> str:
    """An amount of a budget's unit."""
    return budget_words.budget_amount(value, unit)


@register.filter
def unit_name(unit: str) -> str:
    """What people call a unit of the ledger; of money the code of the currency."""
    return str({POINTS: _("Points"), STATUS: _("Status points")}.get(unit, unit))


@register.filter
def of_unit(value: int | str, unit: str) -> str:
    """An amount of such a unit."""
    return columns.of_unit(value, unit)


@register.filter
def job_name(kind: str) -> str:
    """What people call a kind of job."""
    return job_kinds.job_name(kind)


@register.filter
def indented(value: object) -> str:
    """JSON over several lines."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def gives(effects: list[dict[str, Any]]) -> bool:
    """Whether effects gave something, and took nothing."""
    return bool(effects) and not any(isinstance(e["amount"], int) and e["amount"] < 0 for e in effects)
