"""Marketing: campaigns, badges, rewards."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from campaigns.models import Badge, Campaign, CampaignVersion, GhostAward, TotalCounter
from loyalty.backoffice.base import Part, ReadOnly, Records, Texts
from loyalty.backoffice.columns import StateColumn
from rewards.models import Reward


class VersionPart(Part):
    """Versions of a campaign."""

    model = CampaignVersion
    fields = ("number", "created_at", "definition")
    readonly_fields = fields
    ordering: ClassVar[tuple[str, ...]] = ("-number",)


@admin.register(Campaign)
class CampaignAdmin(StateColumn, Texts):
    """Campaigns; what they do comes from the program file."""

    list_display = ("code", "name", "shown_state", "program", "retired")
    list_filter = ("program", "state", "retired")
    search_fields = ("code", "name")
    texts: tuple[str, ...] = ("name", "text", "terms")
    inlines = (VersionPart,)


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
