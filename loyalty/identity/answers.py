"""What apps are answered under ``/_allauth/``: always JSON, and when to try again."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

HEADLESS = "/_allauth/"
WAIT_SECONDS = 60  # the shortest time after which a count of tries goes down

type Respond = Callable[[HttpRequest], HttpResponseBase]


class AppAnswers:
    """Middleware: what failed is told in the shape of allauth's own errors, also where the library says nothing."""

    def __init__(self, get_response: Respond) -> None:
        """Wrap allauth's middleware, which answers what it could not read."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look at what goes out."""
        response = self.get_response(request)
        if not request.path.startswith(HEADLESS) or response.status_code < HTTPStatus.BAD_REQUEST:
            return response
        if response.headers.get("Content-Type") != "application/json":
            response = _in_json(response)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            response.headers.setdefault("Retry-After", str(WAIT_SECONDS))
        return response


def _in_json(response: HttpResponseBase) -> JsonResponse:
    said: dict[str, object] = {"status": response.status_code}
    if response.status_code == HTTPStatus.BAD_REQUEST:
        said["errors"] = [{"message": _("Send a JSON object."), "code": "malformed"}]
    answer = JsonResponse(said, status=response.status_code)
    if allowed := response.headers.get("Allow"):
        answer["Allow"] = allowed
    return answer
