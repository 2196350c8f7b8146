"""Events: what came in, what the engine answered, and why."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.models import Event, WaitingReversal
from campaigns.rules.life import SETTLING
from campaigns.selectors.search import search_events
from campaigns.selectors.waiting import late
from loyalty.backoffice.base import Records
from loyalty.backoffice.columns import Shade, money
from loyalty.backoffice.event_page import event_page
from loyalty.backoffice.finding import member_ids
from loyalty.display import formats
from loyalty.display.value_words import days
from loyalty.identity import rights

AGES = {"early": None, "late": "warning"}


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


class WaitsFilter(admin.SimpleListFilter):
    """Those whose original should have come by now."""

    title = _("waits for")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Longer than originals may take."""
        return [("long", gettext("longer than %(days)s") % {"days": days(SETTLING.days)})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """All of them, or the late ones."""
        return late(queryset, timezone.now()) if self.value() else queryset


@admin.register(WaitingReversal)
class WaitingReversalAdmin(Records):
    """Reversals whose original was not seen yet, and for how long already."""

    list_display = ("reversal", "program", "source", "key", "shown_recorded", "shown_age")
    list_filter = ("program", WaitsFilter)
    list_select_related = ("reversal", "program")
    search_fields = ("key",)
    search_help_text = _("Id of the reversal or of its original, or whose it is")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Those with this id, those that wait for it, else those of the members that the term names."""
        wanted = search_term.strip().replace("\0", "")
        if not wanted:
            return queryset, False
        programs = list(rights.programs_of(request.user, "events.view"))
        named = list(search_events(programs=programs, term=wanted).values_list("pk", flat=True)[:100])
        found = queryset.filter(Q(pk__in=named) | Q(program__in=programs, key=wanted))
        whose = {"reversal__member__in": member_ids(request.user, wanted)}
        return found if found.exists() else queryset.filter(**whose), False

    @display(description=_("recorded at"))
    def shown_recorded(self, row: WaitingReversal) -> str:
        """When it came in."""
        return formats.moment(row.reversal.recorded_at)

    @display(description=_("waits for"), label=AGES)
    def shown_age(self, row: WaitingReversal) -> Shade:
        """How many whole days, and in colour where that is too long."""
        age = timezone.now() - row.reversal.recorded_at
        return Shade("late" if age > SETTLING else "early", days(age.days))
