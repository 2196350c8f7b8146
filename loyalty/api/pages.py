"""Small documents beside the API: what each problem type means; and nothing, said properly."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from core.refusals import NotFound
from loyalty.api.problems import PROBLEMS, problem_response


def _shown(name: str) -> dict[str, object]:
    known = PROBLEMS[name]
    return {"type": f"/problems/{name}", "status": known.status, "meaning": known.meaning}


@require_safe
def problem_types(_request: HttpRequest) -> JsonResponse:
    """Every problem type of the API."""
    return JsonResponse({"items": [_shown(name) for name in PROBLEMS]})


@require_safe
def problem_type(_request: HttpRequest, name: str) -> JsonResponse:
    """What one problem type means and what to do about it."""
    if name not in PROBLEMS:
        raise Http404
    return JsonResponse(_shown(name))


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """An address under ``/api/`` that does not exist."""
    return problem_response(NotFound(_("There is nothing at this address")), instance=request.path)
