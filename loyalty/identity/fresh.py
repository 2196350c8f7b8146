"""Pages and actions that ask who is there once more: sensitive ones, after a few minutes.

``@fresh`` on a view, ``Fresh`` before a class-based view's bases, or ``demand_fresh(request)`` inside a view. allauth
asks for the password or the second factor and comes back, with the form that was sent.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.models import User


def last_authenticated_at(request: HttpRequest) -> float:
    """When the user last showed who they are in this session, in seconds since 1970; 0: never."""
    user = request.user
    records = get_authentication_records(request, user if isinstance(user, User) else None)
    return max((float(record["at"]) for record in records), default=0.0)


def recently_authenticated(request: HttpRequest) -> bool:
    """Whether that is only minutes ago."""
    return time.time() - last_authenticated_at(request) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def demand_fresh(request: HttpRequest) -> None:
    """Go on only if the user showed who they are minutes ago; else allauth asks and comes back here."""
    if isinstance(request.user, AnonymousUser) or not recently_authenticated(request):
        raise ReauthenticationRequired


def fresh[**P, R: HttpResponseBase](view: Callable[P, R]) -> Callable[P, R]:
    """Decorate a view that only somebody may call who showed who they are minutes ago."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        request = next(value for value in args if isinstance(value, HttpRequest))
        demand_fresh(request)
        return view(*args, **kwargs)

    return checked


class Fresh:
    """Mixin for class-based views: ``class Adjust(Fresh, FormView)``."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask first."""
        demand_fresh(request)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer
