"""The program's own look: a small style sheet, and what an installed portal is called."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.models import Program
from loyalty.display.brand import sheet


def brand_sheet(_request: HttpRequest, program: str) -> HttpResponse:
    """The brand as a style sheet, over the tokens."""
    found = get_object_or_404(Program, code=program)
    return HttpResponse(sheet(found.brand), content_type="text/css; charset=utf-8")


def manifest(_request: HttpRequest, program: str) -> JsonResponse:
    """What a phone needs to put the portal on its home screen."""
    found = get_object_or_404(Program, code=program)
    home = reverse("portal:home", kwargs={"program": program})
    described = {
        "name": found.name,
        "short_name": found.name,
        "start_url": home,
        "scope": home,
        "display": "standalone",
    }
    return JsonResponse(described, content_type="application/manifest+json")
