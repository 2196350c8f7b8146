"""Choosing a language: for this browser, and for the member who is signed in."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from loyalty.display.languages import remember
from loyalty.portal.base import ProgramPage
from members.services.changes import patch_member


class LanguageChoice(ProgramPage):
    """``POST language=ar&next=/p/…``: remembers, and goes back to where the reader was."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Take a language of the program."""
        language = request.POST.get("language", "")
        if language not in self.program.languages:
            return HttpResponseBadRequest()
        if self.member and self.member.language != language:
            patch_member(
                program=self.program,
                reference=self.member.external_id,
                changes={"language": language},
                at=self.at,
            )
        response = HttpResponseRedirect(self.back())
        remember(response, language)
        return response

    def back(self) -> str:
        """The page that asked, if it is one of ours."""
        wanted = self.request.POST.get("next", "")
        ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if ours else reverse("portal:home", kwargs={"program": self.program.code})
