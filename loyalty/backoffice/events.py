"""Events: what came in, what the engine answered, and why."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.models import Event, WaitingReversal
from campaigns.selectors.search import search_events
from loyalty.backoffice.base import ReadOnly, Records
from loyalty.backoffice.columns import money
from loyalty.backoffice.event_page import event_page
from loyalty.backoffice.finding import member_ids
from loyalty.identity import rights


@admin.register(Event)
class EventAdmin(Records):
    """Events, newest first, found by the caller's id or by the member."""

    list_display = ("id", "time", "member", "shown_type", "shown_amount", "source", "key")
    list_filter = ("program",)
    list_select_related = ("member", "event_type")
    search_fields = ("key",)
    search_help_text = _("Id of the event, or whose it is")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Without columns that a list does not show."""
        events: QuerySet[Event] = super().get_queryset(request)
        return events.defer("fingerprint", "data")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Events with this id, else events of the members that the term names."""
        wanted = search_term.strip()
        if not wanted:
            return queryset, False
        programs = list(rights.programs_of(request.user, "events.view"))
        named = list(search_events(programs=programs, term=wanted).values_list("pk", flat=True)[:100])
        return queryset.filter(
            **({"pk__in": named} if named else {"member__in": member_ids(request.user, wanted)})
        ), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Everything about an event."""
        if request.method != "GET":
            refused: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return refused
        return event_page(self, request, object_id)

    @display(description=_("Type"))
    def shown_type(self, row: Event) -> str:
        """Its name; a reversal has no declared type."""
        return row.event_type.name if row.event_type else str(_("Reversal"))

    @display(description=_("Amount"), formatting="price")
    def shown_amount(self, row: Event) -> str:
        """With its currency."""
        return money(row.amount_minor, row.currency)


@admin.register(WaitingReversal)
class WaitingReversalAdmin(ReadOnly):
    """Reversals whose original was not seen yet."""

    list_display = ("reversal", "program", "source", "key")
    list_filter = ("program",)
    list_select_related = ("reversal", "program")
