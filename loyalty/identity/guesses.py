"""Codes are not guessed: one count of tries a session, kept for all processes at once.

A sign-in's own count lies in its session, which requests that come at the same moment read before any of them has
written it. This one is locked.
"""

from collections.abc import Callable
from http import HTTPStatus

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from loyalty.identity.answers import HEADLESS

TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS.value
RATES = {"guess": "10/15m/key"}
WAIT_SECONDS = 15 * 60
GUESSED = frozenset(
    {
        "portal:code",
        "account_email_verification_sent",
        "account_verify_phone",
        "account_confirm_password_reset_code",
        "mfa_authenticate",
        "mfa_activate_totp",
        "mfa_reauthenticate",
        "headless-code-confirm",
        "headless:app:account:verify_email",
        "headless:app:account:verify_phone",
        "headless:app:account:reset_password",
        "headless:app:mfa:authenticate",
        "headless:app:mfa:reauthenticate",
    }
)

type Respond = Callable[[HttpRequest], HttpResponseBase]


class Guesses:
    """Middleware: a session sends at most ten codes in a quarter of an hour."""

    def __init__(self, get_response: Respond) -> None:
        """Wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing is known before the address is resolved."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponseBase | None:
        """Count a code that is sent in."""
        match = request.resolver_match
        if request.method != "POST" or match is None or match.view_name not in GUESSED:
            return None
        app = request.path.startswith(HEADLESS)
        session = request.headers.get("X-Session-Token") if app else request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if ratelimit.consume(request, app="loyalty.identity", action="guess", config=RATES, key=session or ""):
            return None
        wait = {"Retry-After": str(WAIT_SECONDS)}
        return (
            JsonResponse({"status": TOO_MANY}, status=TOO_MANY, headers=wait) if app else ratelimit.respond_429(request)
        )
