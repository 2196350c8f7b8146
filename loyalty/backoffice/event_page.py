"""One event: what came in, what it brought, and why each rule paid or did not."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from campaigns.models import Event
from campaigns.selectors.explanations import explained_lines
from campaigns.selectors.names import program_names
from dealers.models import Outlet
from ledger.models import Transfer
from loyalty.backoffice.columns import value
from loyalty.display.entry_words import ENTRY_WORDS
from loyalty.display.explanations import Explainer, Sentence
from loyalty.display.trace_words import Audience
from loyalty.identity import rights

PARTS = ("program", "member__market", "event_type", "outcome")
MOST_MOVES = 100
READERS = {
    Audience.SUPPORT: _("For support"),
    Audience.AUDITOR: _("For auditors"),
    Audience.MEMBER: _("As the member reads it"),
}


def event_page(admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """The page; 404 for events that the reader may not see."""
    event = _event(admin, request, object_id)
    asked = request.GET.get("for", "")
    reader = Audience(asked) if asked in Audience else Audience.SUPPORT
    with timezone.override(ZoneInfo(event.member.market.timezone)):
        context = {
            **admin.admin_site.each_context(request),
            "event": event,
            "title": str(event),
            "original": event,
            "opts": admin.opts,
            "sentences": _sentences(event, reader),
            "reader": reader.value,
            "readers": [(one.value, READERS[one]) for one in READERS],
            "moves": _moves(event) if rights.may(request.user, "ledger.view", event.program) else [],
            "outlet": Outlet.objects.filter(pk=event.outlet_id).first(),
            "reverses": getattr(event, "reverses", None),
            "reversals": [row.reversal for row in event.reversals.select_related("reversal")],
            "data": json.dumps(event.data, indent=2, ensure_ascii=False, sort_keys=True),
            "answer": json.dumps(event.outcome.answer, indent=2, ensure_ascii=False),
        }
        return TemplateResponse(request, "backoffice/event.html", context).render()


def _event(admin: ModelAdmin, request: HttpRequest, object_id: str) -> Event:
    rows = admin.get_queryset(request).defer(None).select_related(*PARTS, "reverses__original")
    event: Event | None = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
    if event is None:
        raise Http404
    return event


def _sentences(event: Event, reader: Audience) -> list[Sentence]:
    names = program_names(event.program)
    explainer = Explainer(event.program, event.member, names, reader)
    return explainer.explain(event, explained_lines([event.pk])[event.pk])


def _moves(event: Event) -> list[dict[str, Any]]:
    """What the event moved, in order."""
    rows = Transfer.objects.filter(event_id=event.pk).select_related("journal__book", "src", "dst").order_by("pk")
    return [
        {
            "row": row,
            "kind": ENTRY_WORDS.get(row.journal.kind, row.journal.kind),
            "amount": value(row.amount, row.journal.book),
        }
        for row in rows[:MOST_MOVES]
    ]
