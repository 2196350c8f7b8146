"""Marketing: badges, rewards, limits in use."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from campaigns.models import Badge, GhostAward, TotalCounter
from loyalty.backoffice.base import ReadOnly, Records, Texts
from rewards.models import Reward


@admin.register(TotalCounter)
class TotalCounterAdmin(ReadOnly):
    """How much of the limits for all members is used."""

    list_display = ("campaign", "rule", "per", "bucket", "unit", "used", "most")
    list_select_related = ("campaign",)


@admin.register(Badge)
class BadgeAdmin(Texts):
    """Badges."""

    list_display = ("code", "name", "icon", "program", "retired")
    list_filter = ("program", "retired")
    search_fields = ("code", "name")


@admin.register(Reward)
class RewardAdmin(Texts):
    """The catalogue."""

    list_display = ("code", "name", "kind", "category", "brand", "program", "retired")
    list_filter = ("program", "kind", "category", "retired")
    search_fields = ("code", "name", "brand")
    texts: tuple[str, ...] = ("name", "text", "terms")


@admin.register(GhostAward)
class GhostAwardAdmin(Records):
    """What held-out members would have been given."""

    list_display = ("id", "event_id", "member", "version", "rule", "kind", "unit", "amount")
    list_select_related = ("member", "version__campaign")
    list_display_links = ("id",)
    search_help_text = _("External id of the member")
