"""Long work: how far it is, what it reported, and stopping it."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from core.models import Job
from core.services import jobs
from loyalty.backoffice.base import Records
from loyalty.backoffice.columns import StateColumn
from loyalty.backoffice.job_kinds import job_name
from loyalty.identity import rights


@admin.register(Job)
class JobAdmin(StateColumn, Records):
    """Jobs; the list and the page refresh themselves while something is under way."""

    list_display = ("id", "shown_kind", "program", "shown_state", "shown_progress", "created_at", "updated_at")
    list_filter = ("program", "state")
    list_select_related = ("program",)
    change_list_template = "backoffice/jobs.html"

    def get_urls(self) -> list[Any]:
        """Cancelling has an address of its own."""
        stop = self.admin_site.admin_view(require_POST(self.cancel))
        return [path("<int:pk>/cancel/", stop, name="core_job_cancel"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The job's page."""
        if request.method != "GET":
            refused: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return refused
        job = self._job(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "job": job,
            "opts": self.opts,
            "title": job_name(job.kind),
            "original": job,
            "alive": job.state in jobs.UNFINISHED,
            "may_stop": _may_stop(request, job),
        }
        return TemplateResponse(request, "backoffice/job.html", context)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask a job to stop."""
        job = self._job(request, str(pk))
        if not _may_stop(request, job):
            raise Http404
        jobs.cancel(job=job)
        messages.success(request, gettext("The job was told to stop."))
        return redirect("admin:core_job_change", pk)

    def _job(self, request: HttpRequest, object_id: str) -> Job:
        rows = self.get_queryset(request).select_related("program")
        job: Job | None = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
        if job is None:
            raise Http404
        return job

    @display(description=_("Kind"))
    def shown_kind(self, row: Job) -> str:
        """In words."""
        return job_name(row.kind)

    @display(description=_("Progress"))
    def shown_progress(self, row: Job) -> str:
        """A bar, once the work says how much there is."""
        if not row.steps_total:
            return "–"
        bar = '<progress class="thin" value="{}" max="{}" aria-label="{}"></progress>'
        return format_html(bar, row.steps_done, row.steps_total, f"{row.steps_done} / {row.steps_total}")


def _may_stop(request: HttpRequest, job: Job) -> bool:
    return (
        job.state in jobs.UNFINISHED and not job.cancel_requested and rights.may(request.user, "jobs.run", job.program)
    )
