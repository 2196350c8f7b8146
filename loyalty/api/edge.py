"""The outermost layer of the API: a name for each request, and problem documents for whatever fails anywhere."""

import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponseBase

from core.refusals import NotFound, Refusal
from loyalty.api import refusals
from loyalty.api.pace import DEFAULT_PACE, pace_headers
from loyalty.api.problems import MEDIA_TYPE, problem_response

log = structlog.get_logger(__name__)
API = "/api/"
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:@+/=-]{1,128}", re.ASCII)

type Respond = Callable[[HttpRequest], HttpResponseBase]

# What Django answers by itself, before or around a view of ours.
BY_STATUS: dict[int, type[Refusal]] = {
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.METHOD_NOT_ALLOWED: refusals.MethodNotAllowed,
    HTTPStatus.NOT_ACCEPTABLE: refusals.NotAcceptable,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: refusals.TooLarge,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: refusals.UnsupportedMediaType,
    HTTPStatus.SERVICE_UNAVAILABLE: refusals.Unavailable,
}


class ApiEdge:
    """Middleware, first of all: ``X-Request-Id`` on every answer and log line, no HTML under ``/api/``."""

    def __init__(self, get_response: Respond) -> None:
        """Wrap everything else."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request under its id."""
        request_id = _request_id(request)
        began = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if request.path.startswith(API):
                response = _problem_instead_of_html(request, response)
                for name, value in pace_headers(DEFAULT_PACE).items():
                    response.headers.setdefault(name, value)
                _note(request, response, time.monotonic() - began)
                response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  # Django's line has the path
        response.headers["X-Request-Id"] = request_id
        return response


def _request_id(request: HttpRequest) -> str:
    """The caller's id of the request, if it is a plain one, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _problem_instead_of_html(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    failed = response.status_code >= HTTPStatus.BAD_REQUEST
    if not failed or response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
        return response
    server = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    refusal = BY_STATUS.get(response.status_code, refusals.Unexpected if server else refusals.Malformed)
    problem = problem_response(refusal(), instance=request.path)
    for name in ("Allow", "Content-Language", "Vary"):
        if value := response.headers.get(name):
            problem.headers[name] = value
    return problem


def _note(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """One line a request; the route and not the path, which names members."""
    route = request.resolver_match.route if request.resolver_match else None
    milliseconds = round(seconds * 1000, 1)
    log.info("request", method=request.method, route=route, status=response.status_code, milliseconds=milliseconds)
