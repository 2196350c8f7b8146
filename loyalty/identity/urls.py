"""Addresses under ``/account/``: allauth's, less those that are the portal's; and of headless sign-in."""

from allauth.account import views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.http import urlencode
from django.views.i18n import set_language

from core.models import Program
from loyalty.identity.again import again
from loyalty.identity.fresh import demand_fresh, recently_authenticated


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Members sign in in the portal; staff, and whoever came from nowhere, here."""
    program: Program | None = request.door  # type: ignore[attr-defined]
    if program is None or request.method == "POST":
        page: HttpResponseBase = views.login(request)
        return page
    return HttpResponseRedirect(_portal("sign-in", request, program))


def code_page(request: HttpRequest) -> HttpResponseBase:
    """Codes are typed in the portal."""
    program: Program | None = request.door  # type: ignore[attr-defined]
    return HttpResponseRedirect(_portal("code", request, program) if program else reverse("account_login"))


def sign_up(request: HttpRequest) -> HttpResponseBase:
    """Joining is joining a program."""
    program: Program | None = request.door  # type: ignore[attr-defined]
    return HttpResponseRedirect(_portal("join", request, program) if program else "/")


@login_required
def set_password(request: HttpRequest) -> HttpResponseBase:
    """A first password, from who showed minutes ago who they are; what is typed too late is kept nowhere."""
    if request.method == "POST" and not recently_authenticated(request):
        return HttpResponseRedirect(request.get_full_path())
    demand_fresh(request)
    page: HttpResponseBase = views.password_set(request)
    return page


def _portal(page: str, request: HttpRequest, program: Program) -> str:
    way = request.GET.get("next", "")
    query = f"?{urlencode({'next': way})}" if way else ""
    return reverse(f"portal:{page}", kwargs={"program": program.code}) + query


account_patterns: list[URLPattern | URLResolver] = [
    path("login/", sign_in, name="account_login"),
    path("login/code/", sign_in, name="account_request_login_code"),
    path("login/code/confirm/", code_page, name="account_confirm_login_code"),
    path("again/", again, name="account_again"),
    path("signup/", sign_up, name="account_signup"),
    path("password/set/", set_password, name="account_set_password"),
    path("language/", set_language, name="account_language"),
    path("", include("allauth.urls")),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include(account_patterns)),
    path("_allauth/", include("loyalty.identity.headless")),
    path("_allauth/", include("allauth.headless.urls")),
]
