"""The door of the office: staff only, and only with a second factor."""

import time
from collections.abc import Callable
from http import HTTPStatus

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from core.models import User

OFFICE = "/office/"
LOGIN = "/office/login/"
LOGOUT = "/office/logout/"

type Respond = Callable[[HttpRequest], HttpResponseBase]


class OfficeDoor:
    """Middleware: every address under ``/office/`` is behind sign-in, staff, and a second factor of this session."""

    def __init__(self, get_response: Respond) -> None:
        """Wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let in, or lead to what is missing."""
        if request.path.startswith(OFFICE) and request.path != LOGOUT:
            return self.missing(request) or self.get_response(request)
        return self.get_response(request)

    def missing(self, request: HttpRequest) -> HttpResponseBase | None:
        """The way to what is missing; None if nothing is."""
        user = request.user
        if not isinstance(user, User):
            return _lead(request, "account_login")
        if not user.is_staff:
            return _refuse(request)
        if showed_second_factor(request, user):
            return _refuse(request) if request.path.startswith(LOGIN) else None
        has_one = is_mfa_enabled(user, [Authenticator.Type.TOTP])
        return _lead(request, "mfa_reauthenticate" if has_one else "mfa_activate_totp")


def showed_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether this session showed a second factor, not too long ago."""
    since = time.time() - settings.STAFF_SESSION_SECONDS
    records = get_authentication_records(request, user)
    return any(record["method"] == "mfa" and record["at"] > since for record in records)


def _refuse(request: HttpRequest) -> HttpResponseBase:
    """Signed in, and not for here: also whoever the office itself sends back to its own sign-in."""
    request.door = None  # type: ignore[attr-defined]
    return render(request, "account/refused.html", status=HTTPStatus.FORBIDDEN)


def _lead(request: HttpRequest, name: str) -> HttpResponseRedirect:
    way = request.get_full_path() if request.method == "GET" else OFFICE
    if way.startswith(LOGIN):
        way = OFFICE
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: way})}")
