"""The terms on the first visit of members whom a partner system enrolled."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language

from core.models import Terms
from loyalty.portal.base import MemberPage
from loyalty.portal.terms import paragraphs
from members.services.terms import Acceptance, accept_terms


class AcceptPage(MemberPage):
    """The terms, one button to accept them and go on, and the ways out."""

    template_name = "portal/accept.html"
    section = "door"
    before_terms = True

    def way(self) -> str:
        """Where the member wanted to go."""
        return get_next_redirect_url(self.request) or reverse("portal:home", kwargs={"program": self.program.code})

    def in_force(self) -> Terms:
        """The terms to accept."""
        if self.program.terms is None:
            raise Http404
        return self.program.terms

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The terms in force, in the reader's language or the first that they are written in."""
        terms = self.in_force()
        language, text = terms.spoken(get_language() or "")
        shown = {"terms": terms, "written_in": language, "paragraphs": paragraphs(text), "way": self.way()}
        return {**super().get_context_data(**kwargs), **shown, "unticked": kwargs.get("unticked", False)}

    def post(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Note the version that was read: of newer ones, nobody has seen a word."""
        if request.POST.get("terms") != str(self.in_force().pk):
            return self.render_to_response(self.get_context_data(**kwargs, unticked=True), status=422)
        accepted = Acceptance(int(request.POST["terms"]), get_language() or "")
        accept_terms(member=self.member, accepted=accepted, at=self.at)
        return redirect(self.way())
