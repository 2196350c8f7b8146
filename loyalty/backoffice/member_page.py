"""Everything about one member on one page, in tabs."""

from django.http import HttpRequest, HttpResponse


def member_page(admin: object, request: HttpRequest, object_id: str) -> HttpResponse:
    """The page."""
    return HttpResponse(status=200)
