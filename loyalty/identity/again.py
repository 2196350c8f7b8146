"""Showing who one is once more without a password: by a new code, for those who always sign in by code."""

from allauth.account.internal.flows.logout import logout
from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from core.models import Program, User
from loyalty.identity.codes import CodeSignIn, may_ask
from loyalty.identity.doors import remember_door
from loyalty.identity.joining import known_contact


def again(request: HttpRequest) -> HttpResponse:
    """Say why, then end the session and send a code: whoever reads it goes on where they were."""
    if not isinstance(request.user, User):
        return HttpResponseRedirect(reverse("account_login"))
    way, address = get_next_redirect_url(request) or "", known_contact(request.user)
    if request.method != "POST":
        return render(request, "account/again.html", {"way": way, "address": address})
    program: Program | None = request.door  # type: ignore[attr-defined]
    logout(request)
    if program is None:
        return HttpResponseRedirect(_with(reverse("account_login"), way))
    remember_door(request, program.code)
    known = address.email or address.phone
    page = "sign-in"
    if known and may_ask(request, address):
        CodeSignIn.begin(request, address)
        page = "code"
    return HttpResponseRedirect(_with(reverse(f"portal:{page}", kwargs={"program": program.code}), way))


def _with(page: str, way: str) -> str:
    return f"{page}?{urlencode({'next': way})}" if way else page
