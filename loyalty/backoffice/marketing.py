"""Marketing: campaigns, badges, rewards, and the events that they work on."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from campaigns.models import Badge, Campaign, CampaignVersion, Event, GhostAward, Outcome, Trace, WaitingReversal
from loyalty.backoffice.base import ReadOnly, Texts
from rewards.models import Reward


class VersionPart(TabularInline):
    """Versions of a campaign."""

    model = CampaignVersion
    extra = 0
    max_num = 0
    can_delete = False
    fields = ("number", "created_at", "definition")
    readonly_fields = fields
    ordering: ClassVar[tuple[str, ...]] = ("-number",)


@admin.register(Campaign)
class CampaignAdmin(Texts):
    """Campaigns; what they do comes from the program file."""

    list_display = ("code", "name", "state", "program", "retired")
    list_filter = ("program", "state")
    search_fields = ("code", "name")
    texts: tuple[str, ...] = ("name", "text", "terms")
    inlines = (VersionPart,)


@admin.register(Badge)
class BadgeAdmin(Texts):
    """Badges."""

    list_display = ("code", "name", "icon", "program", "retired")
    list_filter = ("program",)


@admin.register(Reward)
class RewardAdmin(Texts):
    """The catalogue."""

    list_display = ("code", "name", "kind", "category", "brand", "program", "retired")
    list_filter = ("program", "kind", "category")
    search_fields = ("code", "name", "brand")
    texts: tuple[str, ...] = ("name", "text", "terms")


class OutcomePart(TabularInline):
    """What the engine answered."""

    model = Outcome
    extra = 0
    max_num = 0
    can_delete = False
    readonly_fields = ("status", "answer", "fired")


class TracePart(TabularInline):
    """Why rules did not fire."""

    model = Trace
    extra = 0
    max_num = 0
    can_delete = False
    readonly_fields = ("recorded_on", "lines")


@admin.register(Event)
class EventAdmin(ReadOnly):
    """Events, newest first, found by the caller's id or the member's external id."""

    list_display = ("id", "time", "member", "event_type", "source", "key", "amount_minor", "currency")
    list_select_related = ("member", "event_type")
    search_fields = ("key__exact", "member__external_id__exact")
    search_help_text = "Event id or external id of the member"
    inlines = (OutcomePart, TracePart)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Without columns that a list does not show."""
        events: QuerySet[Event] = super().get_queryset(request)
        return events.defer("fingerprint")


@admin.register(WaitingReversal)
class WaitingReversalAdmin(ReadOnly):
    """Reversals whose original was not seen yet."""

    list_display = ("reversal", "program", "source", "key")
    list_filter = ("program",)


@admin.register(GhostAward)
class GhostAwardAdmin(ReadOnly):
    """What held-out members would have been given."""

    list_display = ("event_id", "member", "version", "rule", "kind", "unit", "amount")
    list_select_related = ("member", "version")
