"""A host name may belong to one program: its addresses then go without ``/p/{program}``."""

from collections.abc import Callable
from functools import cache
from types import ModuleType

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, get_resolver, include, path

from loyalty.portal.urls import app_name, urlpatterns


class PortalHosts:
    """Middleware, above all that looks at addresses: on a program's own host the portal stands at the root."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap everything that resolves addresses."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Choose the map of addresses by the host's name."""
        program = settings.PORTAL_HOSTS.get(request.headers.get("Host", "").partition(":")[0].lower())
        if program:
            request.urlconf = addresses(program)  # type: ignore[assignment]  # Django takes modules too
            request.program_code = program  # type: ignore[attr-defined]
        return self.get_response(request)


@cache
def addresses(program: str) -> ModuleType:
    """All addresses, led by those of one program, so that links to it take the short form."""
    found = ModuleType(f"loyalty.portal.hosts.{program}")
    usual = get_resolver(settings.ROOT_URLCONF)
    own = [URLPattern(one.pattern, one.callback, {"program": program}, one.name) for one in urlpatterns]
    found.urlpatterns = [path("", include((own, app_name))), *usual.url_patterns]  # type: ignore[attr-defined]
    for status in (400, 403, 404):
        setattr(found, f"handler{status}", usual.resolve_error_handler(status))
    return found
