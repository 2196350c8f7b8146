"""What all pages of the portal have in common: the program, its language, the member who looks."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.generic import TemplateView

from core.models import Program
from loyalty.display.languages import spoken
from loyalty.identity.chosen import find_program_and_member
from loyalty.identity.owed import owes_terms
from members.models import Member
from members.selectors.notices import unread_notices


class ProgramPage(TemplateView):
    """A page of one program. ``section`` is the entry of the main menu that it belongs to."""

    section = ""
    program: Program
    member: Member | None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Know the program and the member, and speak the reader's language."""
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        program, self.member = find_program_and_member(request, kwargs["program"])
        if program is None:
            raise Http404
        self.program = program
        translation.activate(self.language())

    def language(self) -> str:
        """A language of the program: the chosen one, the member's, or the first that the browser asks for."""
        own = self.member.language if self.member else None
        return spoken(self.request, offered=self.program.languages, own=own)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The program, the member and the section, for every page."""
        context = super().get_context_data(**kwargs)
        return {**context, "program": self.program, "member": self.member, "section": self.section, "at": self.at}


class MemberPage(ProgramPage):
    """A page for a signed-in member of the program; others are sent to sign in, or to choose a membership.

    ``before_terms``: it is there for members too who have not accepted the program's terms yet.
    """

    member: Member
    before_terms = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let members in; days and times are those of their market."""
        if self.member is None:
            return self.send_away(request)
        if not self.before_terms and owes_terms(request, self.member):
            way = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('portal:accept', kwargs={'program': self.program.code})}?{way}")
        with timezone.override(ZoneInfo(self.member.market.timezone)):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if isinstance(response, TemplateResponse) else response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How many notices wait, besides."""
        return {**super().get_context_data(**kwargs), "unread": self.unread()}

    def unread(self) -> int:
        """Notices that are not read yet; a page that reads the member's whole glance asks that instead."""
        return unread_notices(self.member)

    def send_away(self, request: HttpRequest) -> HttpResponseBase:
        """To the sign-in page, or to the chooser."""
        door = "portal:choose" if request.user.is_authenticated else "portal:sign-in"
        return redirect(door, program=self.program.code, permanent=False)
