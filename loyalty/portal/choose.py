"""For which membership somebody acts; and the way for those who have none or one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from core.models import User
from loyalty.identity.chosen import choose_member
from loyalty.identity.devices import note_device
from loyalty.identity.people import claim_memberships
from loyalty.portal.doors import DoorPage
from members.models import Member
from members.selectors.memberships import memberships


class Choose(DoorPage):
    """Members with several memberships choose one here; with one they pass, without any they are asked to join."""

    template_name = "portal/choose.html"
    found: list[Member]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Strangers sign in first."""
        if not isinstance(request.user, User):
            return self.to("sign-in")
        if claim_memberships(request.user):
            note_device(request, request.user)
        self.found = list(memberships(user=request.user, program=self.program))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nothing to choose: go on."""
        if not self.found:
            return self.to("join")
        if len(self.found) == 1:
            return self.take(self.found[0])
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Act for one of one's own memberships."""
        wanted = request.POST.get("member")
        for member in self.found:
            if str(member.uuid) == wanted:
                return self.take(member)
        raise Http404

    def take(self, member: Member) -> HttpResponse:
        """Remember it and go on."""
        choose_member(self.request, member)
        return HttpResponseRedirect(self.way or self.address("home"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The memberships."""
        return {**super().get_context_data(**kwargs), "memberships": self.found}
