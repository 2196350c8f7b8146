"""What staff are told: shown where they land, until they have read it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.models import User
from dealers.services.staff_notices import mark_staff_notices_read
from loyalty.identity import rights


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark the reader's own notices of a program as read, up to the newest that was shown."""
    program = rights.programs_of(request.user).filter(code=request.POST.get("program", "")).first()
    newest = request.POST.get("up_to", "")
    if program is None or not newest.isdecimal() or not isinstance(request.user, User):
        raise Http404
    mark_staff_notices_read(user=request.user, program=program, up_to=int(newest[:18]), at=timezone.now())
    return redirect(f"{reverse('admin:index')}?program={program.code}")
