"""Times in the office are those of the reader's program."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from loyalty.identity import rights


class OfficeClock:
    """Middleware: pages under /office/ show times in the time zone of the reader's first program."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer by the program's clock."""
        if not request.path.startswith("/office/"):
            return self.get_response(request)
        program = rights.programs_of(request.user).only("timezone").first()
        with timezone.override(program.timezone if program else timezone.get_default_timezone()):
            return self.get_response(request)
