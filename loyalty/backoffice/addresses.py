"""Addresses in the office that ask for what no database can hold."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from core.rules.texts import is_storable


class OfficeAddresses:
    """Middleware: an address under /office/ with a NUL in its query is not understood, whichever list it is for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer what can be looked for. Raises: BadRequest."""
        if request.path.startswith("/office/") and not is_storable(_asked(request)):
            raise BadRequest
        return self.get_response(request)


def _asked(request: HttpRequest) -> str:
    return "".join(f"{name}{value}" for name, values in request.GET.lists() for value in values)
