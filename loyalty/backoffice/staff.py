"""Who may do what: roles of staff, and machines that call the API."""

from django.contrib import admin

from core.models import ApiClient
from dealers.models import StaffRole
from loyalty.backoffice.base import ReadOnly


@admin.register(StaffRole)
class StaffRoleAdmin(ReadOnly):
    """Roles."""

    list_display = ("user", "role", "program", "region", "dealer", "outlet")
    list_filter = ("program", "role")
    list_select_related = ("user", "program", "region", "dealer", "outlet")


@admin.register(ApiClient)
class ApiClientAdmin(ReadOnly):
    """Machines that call the API."""

    list_display = ("name", "program", "client", "requests_per_second")
    list_filter = ("program",)
    list_select_related = ("program", "client")
    search_fields = ("name",)
