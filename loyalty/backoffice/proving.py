"""Proving books at the push of a button."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core.models import Job
from core.services import jobs
from loyalty.identity import rights
from loyalty.operations.proving import KIND, start_proofs


@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """Prove a program's books now, unless that is under way."""
    allowed = rights.programs_of(request.user, "jobs.run") & rights.programs_of(request.user, "ledger.view")
    program = allowed.filter(code=request.POST.get("program", "")).first()
    if program is None:
        raise Http404
    running = Job.objects.filter(kind=KIND, program=program, state__in=jobs.UNFINISHED).first()
    job = running or start_proofs(program=program)
    return redirect("admin:core_job_change", job.pk)
