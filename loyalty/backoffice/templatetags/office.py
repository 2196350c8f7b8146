"""Tags of the back office's own pages: ``{% load office %}``."""

import json
from typing import Any

from django import template
from django.contrib import admin
from django.db.models import Model
from django.template.context import RequestContext
from django.urls import reverse
from django.utils.translation import gettext as _

from loyalty.backoffice import job_kinds
from loyalty.display import formats
from loyalty.display.value_words import listed
from loyalty.identity import rights

register = template.Library()

HIDDEN = "•••"
SHOWN = 4  # digits of a phone number, the last ones
TONES = {
    "active": "good",
    "verified": "good",
    "processed": "good",
    "live": "good",
    "done": "good",
    "running": "brand",
    "pending": "warn",
    "waiting": "warn",
    "queued": "warn",
    "paused": "warn",
    "frozen": "bad",
    "rejected": "bad",
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
        known = {"marketing": _("Marketing"), "profiling": _("Profiling")}
        return listed([str(known.get(each, each)) for each in value])
    return (_("yes") if value else _("no")) if isinstance(value, bool) else value


@register.filter
def tone(state: str) -> str:
    """The colour of a state."""
    return TONES.get(state, "")


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
