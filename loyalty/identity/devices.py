"""With what people sign in: a browser that keeps a name of ours, or an app that names its device.

Both are kept as signals of all memberships of the person (``members.services.signals``), so that points rest after
somebody signed in with something new. A browser's is a kind of its own, which guards of referrals do not look at.
"""

import re
import secrets

from allauth.core.internal.httpkit import is_headless_request
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.models import User
from members.services.signals import BROWSER, DEVICE, remember_device

COOKIE = "loyalty_device"
COOKIE_SECONDS = 400 * 86400  # as long as browsers keep one
HEADER = "X-Device-Id"
UNNAMED = "_device_name"  # on a request that shows no name
LONGEST = 400  # characters, as of signals that partner systems send
_NAME = re.compile(r"[\w-]{43}", re.ASCII)  # what ``token_urlsafe`` makes of 32 bytes


def note_sign_in(request: HttpRequest, user: User) -> str | None:
    """Keep with what somebody signed in just now; the name that their browser is to keep, None for apps."""
    kind, name = note_device(request, user)
    return name if kind == BROWSER else None


def note_device(request: HttpRequest, user: User) -> tuple[str, str]:
    """Keep with what somebody works, at a sign-in and where memberships are added; its kind and name.

    What shows no name is seen for the first time, whoever says otherwise; a request has one name all the same.
    """
    kind, shown = _shown(request)
    name: str = shown or getattr(request, UNNAMED, "") or secrets.token_urlsafe()
    setattr(request, UNNAMED, name)
    remember_device(user=user, kind=kind, value=name, at=timezone.now())
    return kind, name


def keep_name(response: HttpResponse, name: str) -> None:
    """Let the browser keep its name; scripts and other sites do not see it."""
    response.set_cookie(
        COOKIE, name, max_age=COOKIE_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def _shown(request: HttpRequest) -> tuple[str, str]:
    """The kind of the device, and the name it shows; empty if it shows none that can be one."""
    if is_headless_request(request):
        name = request.headers.get(HEADER, "").strip()
        return DEVICE, name if len(name) <= LONGEST and name.isascii() and name.isprintable() else ""
    name = request.COOKIES.get(COOKIE, "")
    return BROWSER, name if _NAME.fullmatch(name) else ""
