"""The address for load balancers and for a person who waits: does everything serve?"""

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.services import heartbeat


@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """200 once database and worker serve (and web, as it answers); 503 before, and when one of them stops."""
    try:
        state = {"web": True, "worker": heartbeat.is_beating(), "database": True}
    except Error:
        state = {"web": True, "worker": False, "database": False}
    return JsonResponse(state, status=200 if all(state.values()) else 503)
