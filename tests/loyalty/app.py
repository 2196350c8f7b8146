"""Calling the API in tests as a member's app: with the token of a session."""

from dataclasses import dataclass, field
from importlib import import_module
from typing import cast
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser

from core.models import User
from members.models import Member
from tests.loyalty.api import send


@dataclass
class App:
    """A phone on which somebody has signed in; ``token`` may be exchanged for another one, or for none."""

    user: User
    token: str | None
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    def call(self, method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
        """Call an address under ``/api/v1/`` with a JSON body; header names with underscores."""
        session = {"X_Session_Token": self.token} if self.token else {}
        return send(self.browser, method, path, body, {**session, **headers})

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET."""
        return self.call("GET", path, **headers)

    def patch(self, path: str, body: object, **headers: str) -> HttpResponse:
        """PATCH."""
        return self.call("PATCH", path, body, **headers)


def make_app(*members: Member) -> App:
    """Somebody who has these memberships, signed in."""
    user = User.objects.create_user(username=uuid4().hex)
    Member.objects.filter(pk__in=[member.pk for member in members]).update(user=user)
    return App(user, session_of(user))


def session_of(user: User) -> str:
    """A session of the user, as signing in makes it."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    return cast(str, request.session.session_key)
