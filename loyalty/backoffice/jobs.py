"""Long work: how far it is, what it reported, and stopping it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from campaigns.services import rerating_jobs, simulations
from core.models import Job
from core.services import jobs
from loyalty.backoffice.base import Records
from loyalty.backoffice.columns import StateColumn
from loyalty.backoffice.job_kinds import KINDS, job_name
from loyalty.backoffice.job_words import report_words
from loyalty.identity import rights


class KindFilter(admin.SimpleListFilter):
    """By what people call the work."""

    title = _("Kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All kinds."""
        return [(kind, str(name)) for kind, name in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the chosen one."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(StateColumn, Records):
    """Jobs; the list and the page refresh themselves while something is under way."""

    list_display = ("id", "shown_kind", "program", "shown_state", "shown_progress", "created_at", "updated_at")
    list_filter = ("program", KindFilter, "state")
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
            "found": _found(job),
            "said": report_words(job.report),
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


def _found(job: Job) -> str:
    """The page that shows what came of it, to those who may see it; empty where the report itself is for all."""
    if job.kind == simulations.KIND:
        return reverse("admin:simulation", args=[job.pk])
    is_done = job.kind == rerating_jobs.KIND and "rerating" in job.report
    return reverse("admin:rerating", args=[job.report["rerating"]]) if is_done else ""


def _may_stop(request: HttpRequest, job: Job) -> bool:
    return (
        job.state in jobs.UNFINISHED and not job.cancel_requested and rights.may(request.user, "jobs.run", job.program)
    )
