"""Which program's door somebody came through, so that allauth's pages look and speak like it."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from core.models import Program
from core.selectors.programs import find_program
from loyalty.display.languages import spoken
from loyalty.identity.chosen import chosen_member

DOOR = "door"  # session key: the code of the program; empty for staff
ACCOUNT = "/account/"
_OF_PROGRAM = re.compile(r"/p/([-a-zA-Z0-9_]+)/")

type Respond = Callable[[HttpRequest], HttpResponseBase]


def remember_door(request: HttpRequest, code: str) -> None:
    """Keep the program whose door was used, or that it was the door of the office: the empty code."""
    if request.session.get(DOOR) != code:
        request.session[DOOR] = code


def door_of(request: HttpRequest) -> Program | None:
    """The program that the reader is on the way to, or came from; None for staff and for the unknown."""
    way = get_next_redirect_url(request) or ""
    named = _OF_PROGRAM.match(urlsplit(unquote(way)).path)
    own_host = getattr(request, "program_code", "")
    code = named[1] if named else "" if way.startswith("/office/") else own_host or request.session.get(DOOR, "")
    return find_program(code) if code else None


class AccountPages:
    """Middleware: pages under ``/account/`` know their program (``request.door``) and speak the reader's language."""

    def __init__(self, get_response: Respond) -> None:
        """Wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Find the door before the view runs."""
        if request.path.startswith(ACCOUNT):
            program = door_of(request)
            _note(request, program)
            request.door = program  # type: ignore[attr-defined]
            _speak(request, program)
        return self.get_response(request)


def _note(request: HttpRequest, program: Program | None) -> None:
    """Who is on the way to the office sees no program until they come through its door again."""
    if program:
        remember_door(request, program.code)
    elif (get_next_redirect_url(request) or "").startswith("/office/") and request.session.get(DOOR):
        remember_door(request, "")


def _speak(request: HttpRequest, program: Program | None) -> None:
    """Elsewhere Django has found the language already."""
    if program is None:
        return
    member = chosen_member(request, program)
    own = member.language if member else None
    translation.activate(spoken(request, offered=program.languages, own=own))


def account_pages(request: HttpRequest) -> dict[str, Any]:
    """Template context of pages behind a door: the program, and which page they extend."""
    if not hasattr(request, "door"):
        return {}
    program: Program | None = request.door
    if program is None:
        return {"frame": "account/office.html", "density": "compact"}
    member = chosen_member(request, program)
    if member is None:
        return {"frame": "portal/door.html", "program": program, "section": "door"}
    return {"frame": "portal/base.html", "program": program, "member": member}
