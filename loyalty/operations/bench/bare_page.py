"""The yardstick of pages: an address that answers prepared bytes to somebody who is signed in."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

PREPARED: dict[str, bytes] = {}  # by path


def answer(request: HttpRequest, program: str) -> HttpResponse:
    """The bytes; who is not signed in gets none."""
    known = request.user.is_authenticated and bool(program)
    return HttpResponse(PREPARED[request.path] if known else b"")


urlpatterns = [path("p/<slug:program>/", answer)]
