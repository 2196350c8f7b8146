"""Who changed configuration in the back office, and in which request."""

from collections.abc import Callable

import pghistory
import structlog
from django.http import HttpRequest, HttpResponse


class OfficeHistory:
    """Middleware: the history of rows changed under /office/ names the user, the page and the request id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Open a context for requests that may write."""
        if request.method != "POST" or not request.path.startswith("/office/"):
            return self.get_response(request)
        known = structlog.contextvars.get_contextvars()
        with pghistory.context(user=request.user.pk, why=f"edited at {request.path}", request=known.get("request_id")):
            return self.get_response(request)
