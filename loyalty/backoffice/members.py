"""Members: who they are, what they did, which tier they hold; and what programs say about them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from loyalty.backoffice.base import ReadOnly, Records, Texts
from loyalty.backoffice.columns import STATES
from loyalty.backoffice.finding import member_ids
from loyalty.backoffice.member_page import member_page, reveal
from loyalty.identity import rights
from members.models import (
    Attribute,
    EventType,
    Member,
    MemberIdentity,
    Notice,
    Segment,
    Tier,
    TierChange,
    Vehicle,
)


@admin.register(Member)
class MemberAdmin(Records):
    """Members, found by anything that is known of them."""

    list_display = (
        "external_id",
        "shown_name",
        "shown_status",
        "kind",
        "program",
        "market",
        "shown_tier",
        "shown_kyc",
        "enrolled_at",
    )
    list_filter = ("program", "status", "kind", "market", "tier", "kyc")
    list_select_related = ("program", "market", "tier", "identity")
    search_fields = ("external_id",)
    search_help_text = _("Name, phone, e-mail, plate, VIN or member id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Members that the term names."""
        wanted = search_term.strip()
        return (queryset.filter(pk__in=member_ids(request.user, wanted)) if wanted else queryset), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Members, and whether the reader may know who each of them is."""
        identities = MemberIdentity.objects.filter(member=OuterRef("pk"))
        known = Exists(rights.visible(request.user, identities))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(known=known)
        return rows

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Names for those who may know them."""
        known = rights.may(request.user, "personal_data.view")
        return tuple(name for name in self.list_display if known or name != "shown_name")

    def get_urls(self) -> list[Any]:
        """Contact data in full have an address of their own."""
        shown = self.admin_site.admin_view(lambda request, object_id: reveal(self, request, object_id))
        return [path("<int:object_id>/contact/", shown, name="members_member_reveal"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Everything about a member."""
        if request.method != "GET":
            refused: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return refused
        return member_page(self, request, object_id)

    @display(description=_("Name"))
    def shown_name(self, row: Member) -> str:
        """Of the person or the business, where the reader may know it."""
        return row.identity.name if getattr(row, "known", False) else ""

    @display(description=_("Status"), label=STATES)
    def shown_status(self, row: Member) -> tuple[str, str]:
        """In words and colour."""
        return row.status, row.get_status_display()

    @display(description=_("Tier"))
    def shown_tier(self, row: Member) -> str:
        """By its name."""
        return row.tier.name if row.tier else ""

    @display(description=_("KYC"), label=STATES)
    def shown_kyc(self, row: Member) -> tuple[str, str]:
        """In words and colour."""
        return row.kyc, row.get_kyc_display()


class OfMember(Records):
    """Rows of members, found by whose they are; ``whose`` is the way to the member along which there is an index."""

    whose = "member"
    search_help_text = _("Name, phone, e-mail, plate, VIN or member id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows of the members that the term names."""
        wanted = search_term.strip()
        return (queryset.filter(**self.of(request, wanted)) if wanted else queryset), False

    def of(self, request: HttpRequest, term: str) -> dict[str, list[int]]:
        """The lookup that finds rows of the members that a term names."""
        return {f"{self.whose}__in": member_ids(request.user, term)}


@admin.register(TierChange)
class TierChangeAdmin(OfMember):
    """How members moved between tiers."""

    list_display = ("id", "member", "from_tier", "to_tier", "reason", "at")
    list_filter = ("reason",)
    list_select_related = ("member", "from_tier", "to_tier")
    search_fields = ("member",)


@admin.register(Notice)
class NoticeAdmin(OfMember):
    """What members were told."""

    list_display = ("id", "member", "kind", "at", "read_at")
    list_filter = ("kind",)
    list_select_related = ("member",)
    search_fields = ("member",)


@admin.register(Vehicle)
class VehicleAdmin(OfMember):
    """Cars."""

    list_display = ("plate", "vin", "model", "member", "bought_on", "warranty_until")
    list_filter = ("program",)
    list_select_related = ("member",)
    search_fields = ("plate",)


@admin.register(Segment)
class SegmentAdmin(Texts):
    """Segments."""

    list_display = ("code", "name", "kind", "program", "retired")
    list_filter = ("program", "kind", "retired")
    search_fields = ("code", "name")


@admin.register(Tier)
class TierAdmin(Texts):
    """The ladder."""

    list_display = ("code", "name", "rank", "program", "requires", "retired")
    list_filter = ("program", "retired")
    search_fields = ("code", "name")
    ordering: ClassVar[tuple[str, ...]] = ("program", "rank")


@admin.register(EventType)
class EventTypeAdmin(Texts):
    """What may happen to a member."""

    list_display = ("code", "name", "amount", "qualifying", "program", "retired")
    list_filter = ("program", "qualifying", "retired")
    search_fields = ("code", "name")


@admin.register(Attribute)
class AttributeAdmin(ReadOnly):
    """Declared attributes of members."""

    list_display = ("code", "type", "choices", "program", "retired")
    list_filter = ("program",)
    search_fields = ("code",)
