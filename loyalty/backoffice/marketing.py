"""Marketing: badges, limits in use."""

from django.contrib import admin

from campaigns.models import Badge, GhostAward, TotalCounter
from loyalty.backoffice.base import ReadOnly, Texts
from loyalty.backoffice.members import OfMember


@admin.register(TotalCounter)
class TotalCounterAdmin(ReadOnly):
    """How much of the limits for all members is used."""

    list_display = ("campaign", "rule", "per", "bucket", "unit", "used", "most")
    list_select_related = ("campaign",)
    search_fields = ("campaign__code", "campaign__name", "rule")


@admin.register(Badge)
class BadgeAdmin(Texts):
    """Badges."""

    list_display = ("code", "name", "icon", "program", "retired")
    list_filter = ("program", "retired")
    search_fields = ("code", "name")


@admin.register(GhostAward)
class GhostAwardAdmin(OfMember):
    """What held-out members would have been given."""

    whose = "event__member"

    list_display = ("id", "event", "member", "version", "rule", "kind", "unit", "amount")
    list_select_related = ("event", "member", "version__campaign")
    list_display_links = ("id",)
    search_fields = ("member",)
