"""Which language a reader gets: what they chose, what their profile says, what their browser asks for."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation.trans_real import parse_accept_lang_header


def spoken(request: HttpRequest, *, offered: Sequence[str], own: str | None = None) -> str:
    """The first wish that is offered: the choice kept in a cookie, the own language, the browser's; else the first."""
    wishes = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME), own, *_of_browser(request)]
    return next((wish for wish in wishes if wish and wish in offered), offered[0])


def _of_browser(request: HttpRequest) -> Iterator[str]:
    """``id-ID,en;q=0.8``: the regions do not matter."""
    for tag in accepted(request):
        yield tag.partition("-")[0]


def accepted(request: HttpRequest) -> Iterator[str]:
    """The tags of ``Accept-Language`` in lower case, the dearest first; one of weight nought is not wanted at all."""
    for tag, weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        if weight:
            yield tag


def remember(response: HttpResponse, language: str) -> None:
    """Keep the choice in Django's own cookie, so that pages outside of programs follow it as well."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
