"""Members: who they are, what they did, which tier they hold."""

from typing import ClassVar

from django.contrib import admin
from unfold.admin import TabularInline

from loyalty.backoffice.base import ReadOnly, Texts
from members.models import (
    Attribute,
    EventType,
    Member,
    MemberFacts,
    MemberIdentity,
    MerchantProfile,
    Segment,
    Tier,
    TierChange,
    Vehicle,
)


class _Part(TabularInline):
    """A part of a member, read only."""

    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002
        """Read only."""
        return False


class IdentityPart(_Part):
    """Who the member is."""

    model = MemberIdentity


class MerchantPart(_Part):
    """The merchant."""

    model = MerchantProfile


class VehiclePart(_Part):
    """Vehicles."""

    model = Vehicle


class FactsPart(_Part):
    """Sums of the last days and months."""

    model = MemberFacts


class TierPart(_Part):
    """How the member came to its tier."""

    model = TierChange


@admin.register(Member)
class MemberAdmin(ReadOnly):
    """Members, found by external id, uuid, phone, e-mail address or part of the name."""

    list_display = ("external_id", "program", "kind", "status", "market", "tier", "kyc", "enrolled_at")
    list_filter = ("program", "status", "kind", "market", "tier")
    list_select_related = ("program", "market", "tier")
    search_fields = (
        "external_id__exact",
        "uuid__exact",
        "identity__phone__exact",
        "identity__email__iexact",
        "identity__name_folded",
    )
    search_help_text = "External id, phone, e-mail address or part of the name"
    inlines = (IdentityPart, MerchantPart, VehiclePart, FactsPart, TierPart)


@admin.register(Segment)
class SegmentAdmin(Texts):
    """Segments."""

    list_display = ("code", "name", "kind", "program", "retired")
    list_filter = ("program", "kind")
    search_fields = ("code", "name")


@admin.register(Tier)
class TierAdmin(Texts):
    """The ladder."""

    list_display = ("code", "name", "rank", "program", "requires", "retired")
    list_filter = ("program",)
    ordering: ClassVar[tuple[str, ...]] = ("program", "rank")


@admin.register(EventType)
class EventTypeAdmin(Texts):
    """What may happen to a member."""

    list_display = ("code", "name", "amount", "qualifying", "program", "retired")
    list_filter = ("program", "qualifying")


@admin.register(Attribute)
class AttributeAdmin(ReadOnly):
    """Declared attributes of members."""

    list_display = ("code", "type", "choices", "program", "retired")
    list_filter = ("program",)
