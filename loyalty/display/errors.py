"""Pages for what goes wrong: in the look and the language of the program that was asked for."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.models import Program
from loyalty.display.languages import spoken

_OF_PROGRAM = re.compile(r"/p/([-a-zA-Z0-9_]+)/")

# An icon, what happened, what to do.
WORDS: Mapping[HTTPStatus, tuple[str, Promise, Promise]] = {
    HTTPStatus.BAD_REQUEST: (
        "circle-question-mark",
        _("We did not understand that"),
        _("Go back, load the page again and try once more."),
    ),
    HTTPStatus.FORBIDDEN: (
        "lock",
        _("This page is not open to you"),
        _("You may be signed in as somebody else, or the page belongs to other hands."),
    ),
    HTTPStatus.NOT_FOUND: (
        "map",
        _("There is nothing at this address"),
        _("It may be mistyped, or the page has moved."),
    ),
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's shape
    """400."""
    return error_page(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """403."""
    return error_page(request, HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """404."""
    return error_page(request, HTTPStatus.NOT_FOUND)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403 for a form without a valid token: mostly a page that was left open for too long."""
    said = _("This page was open for too long"), _("Nothing was saved. Go back, load it again and repeat what you did.")
    return error_page(request, HTTPStatus.FORBIDDEN, said=("hourglass", *said))


def error_page(
    request: HttpRequest, status: HTTPStatus, *, said: tuple[str, Promise, Promise] | None = None
) -> HttpResponse:
    """The page of an error."""
    program = program_of(request)
    if program:
        translation.activate(spoken(request, offered=program.languages))
    symbol, what, advice = said or WORDS[status]
    context = {
        "program": program,
        "section": "error",
        "frame": "portal/door.html" if program else "display/plain.html",
        "symbol": symbol,
        "what": what,
        "advice": advice,
    }
    return render(request, "display/error.html", context, status=status)


def program_of(request: HttpRequest) -> Program | None:
    """The program that the address names or the host belongs to, if there is one."""
    named = _OF_PROGRAM.match(request.path_info)
    code = named[1] if named else getattr(request, "program_code", None)
    return Program.objects.filter(code=code).first() if code else None
