"""Long work: how far it is, and stopping it."""

from django.contrib import admin

from core.models import Job
from loyalty.backoffice.base import Records
from loyalty.backoffice.columns import StateColumn


@admin.register(Job)
class JobAdmin(StateColumn, Records):
    """Jobs."""

    list_display = ("id", "kind", "program", "shown_state", "steps_done", "steps_total", "created_at")
    list_filter = ("program", "state")
    list_select_related = ("program",)
