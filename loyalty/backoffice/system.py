"""System: programs and their places, staff, clients of the API, messages, audit."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.models import Definition, Market, OutboxMessage, Program, Rate, Region, Terms, User
from loyalty.backoffice.base import ReadOnly, Records, Texts
from loyalty.backoffice.scope import Scoped


@admin.register(User)
class UserAdmin(Scoped, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """People who sign in. Only superusers write here, since whoever sets passwords may become anybody.

    Administrators see the staff of their programs.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("username__exact", "email__iexact", "phone__exact")
    show_full_result_count = False
    actions = None
    seen = ("username", "first_name", "last_name", "email", "is_active", "last_login", "date_joined")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Who somebody is; what they may do is for superusers."""
        if request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": self.seen}),)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)


@admin.register(Program)
class ProgramAdmin(Texts):
    """Programs."""

    list_display = ("code", "name", "currency", "timezone", "revision")
    search_fields = ("code", "name")
    ordering: ClassVar[tuple[str, ...]] = ("code",)
    texts: tuple[str, ...] = ("name", "points_name")


@admin.register(Market, Region)
class PlaceAdmin(Texts):
    """Markets and regions."""

    list_display = ("code", "name", "program", "retired")
    list_filter = ("program", "retired")
    search_fields = ("code", "name")


@admin.register(Terms)
class TermsAdmin(Texts):
    """Versions of terms, as they were or can be accepted: another text is another version."""

    list_display = ("program", "version", "since")
    list_filter = ("program",)
    search_fields = ("text",)
    ordering: ClassVar[tuple[str, ...]] = ("program", "-version")
    texts: tuple[str, ...] = ("text",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False


@admin.register(Rate)
class RateAdmin(ReadOnly):
    """Rates between currencies."""

    list_display = ("currency", "valid_from", "rate", "program")
    list_filter = ("program", "currency")
    search_fields = ("currency",)


@admin.register(Definition)
class DefinitionAdmin(ReadOnly):
    """Sections of program files that are kept as written."""

    list_display = ("section", "code", "program", "retired")
    list_filter = ("program", "section")
    search_fields = ("code",)


class DueFilter(admin.SimpleListFilter):
    """What is still to be told, or was; the table has an index for each."""

    title = _("State")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both."""
        return [("yes", _("To be sent")), ("no", _("Sent"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """What was told is due no more."""
        return queryset.filter(due_at__isnull=self.value() == "no") if self.value() else queryset


@admin.register(OutboxMessage)
class OutboxAdmin(Records):
    """What is still to be told."""

    list_display = ("id", "topic", "program", "created_at", "due_at", "attempts")
    list_filter = ("program", DueFilter)
    list_select_related = ("program",)


@admin.register(LogEntry)
class LogEntryAdmin(Records):
    """What staff did by hand: for superusers, as entries name rows of any program."""

    list_display = ("id", "action_time", "user", "content_type", "object_repr", "action_flag")
    list_select_related = ("user", "content_type")
    search_fields = ("object_id__exact",)
    search_help_text = _("Number of the row")
