"""System: programs, clients of the API, jobs, outbox, users."""

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.models import ApiClient, Definition, Job, Market, OutboxMessage, Program, Rate, Region, User
from loyalty.backoffice.base import ReadOnly, Texts


@admin.register(User)
class UserAdmin(UserAdmin, ModelAdmin):  # type: ignore[no-redef,type-arg]
    """People who sign in."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


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


@admin.register(Rate)
class RateAdmin(ReadOnly):
    """Rates between currencies."""

    list_display = ("program", "currency", "valid_from", "rate")
    list_filter = ("program", "currency")


@admin.register(Definition)
class DefinitionAdmin(ReadOnly):
    """Sections of program files that are kept as written."""

    list_display = ("section", "code", "program", "retired")
    list_filter = ("program", "section")
    search_fields = ("code",)


@admin.register(ApiClient)
class ApiClientAdmin(ReadOnly):
    """Machines that call the API."""

    list_display = ("name", "program", "client", "requests_per_second")
    list_filter = ("program",)
    search_fields = ("name",)


@admin.register(Job)
class JobAdmin(ReadOnly):
    """Long work."""

    list_display = ("id", "kind", "program", "state", "steps_done", "steps_total", "created_at")
    list_filter = ("state", "kind")


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnly):
    """What is still to be told."""

    list_display = ("id", "topic", "program", "created_at", "due_at", "attempts")
    list_filter = ("topic",)
