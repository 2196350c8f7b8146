"""Joining a program: who one is, where, and what one agrees to."""

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from core.models import User
from core.refusals import Invalid
from loyalty.identity.addresses import Address
from loyalty.identity.codes import CodeSignIn, may_ask
from loyalty.identity.invitations import invitation, remember_invitation
from loyalty.identity.joining import REFUSED, RefusedJoin, begin_join, join, known_contact, refused_join, wrongs
from loyalty.portal.doors import DoorPage
from loyalty.portal.join_form import JoinForm, as_sent
from loyalty.portal.places import likely_markets
from loyalty.portal.sign_in import TOO_MANY
from members.rules.joining import CUSTOMER, kinds
from members.selectors.memberships import memberships


class Join(DoorPage):
    """The form; a stranger proves the address with a code, somebody signed in is a member at once."""

    template_name = "portal/join.html"

    def user(self) -> User | None:
        """Who is signed in."""
        return self.request.user if isinstance(self.request.user, User) else None

    def kind(self) -> str:
        """As what one joins here: as one chose, if the program lets one choose."""
        offered = kinds(self.program.joining)
        before = str(self.refused.profile.get("kind", CUSTOMER)) if self.refused else ""
        asked = self.request.POST.get("as") or self.request.GET.get("as") or before
        return asked if asked in offered else offered[0]

    @cached_property
    def refused(self) -> RefusedJoin | None:
        """What was written before the address was proven, if it was refused then."""
        return refused_join(self.request, self.program) if self.user() else None

    def form(self) -> JoinForm:
        """What was sent or is to be corrected, or a form with guesses."""
        user, markets = self.user(), likely_markets(self.request, self.program)
        sent = self.request.POST if self.request.method == "POST" else None
        refused = self.refused if sent is None else None
        guessed = {
            "name": user.get_full_name() if user else "",
            "market": markets[0].code if markets else "",
            "language": get_language(),
        }
        data = as_sent(refused.profile, refused.accepted) if refused else sent
        form = JoinForm(data, initial=guessed, program=self.program, kind=self.kind(), markets=markets, user=user)
        if refused:
            form.refuse(refused.wrongs)
        return form

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Members need not join; whose link it was is remembered."""
        user = self.user()
        if code := request.GET.get("ref"):
            remember_invitation(request, program=self.program.code, code=code)
        if user and memberships(user=user, program=self.program).exists():
            return self.to("choose")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the address that is known already."""
        user = self.user()
        known = str(known_contact(user)) if user else ""
        return {
            "form": kwargs.get("form") or self.form(),
            **super().get_context_data(**kwargs),
            "known": known,
            "invited": bool(invitation(self.request, self.program)),
            "kinds": kinds(self.program.joining),
        }

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Join, or prove the address first."""
        form, user = self.form(), self.user()
        if not form.is_valid():
            return self.again(form, HTTPStatus.BAD_REQUEST)
        if user is None:
            return self.prove(form)
        contact = known_contact(user)
        profile = {**form.profile(), "email": contact.email, "phone": contact.phone}
        try:
            join(request, user=user, program=self.program, profile=profile, accepted=form.accepted)
        except Invalid as refusal:
            form.refuse(wrongs(refusal))
            messages.error(request, str(REFUSED))
            return self.again(form, HTTPStatus.BAD_REQUEST)
        return self.to("choose")

    def prove(self, form: JoinForm) -> HttpResponse:
        """Send a code; what was written waits for it."""
        address: Address = form.cleaned_data["address"]
        if not may_ask(self.request, address):
            form.add_error("address", str(TOO_MANY))
            return self.again(form, HTTPStatus.TOO_MANY_REQUESTS)
        begin_join(self.request, program=self.program, address=address, profile=form.profile(), accepted=form.accepted)
        CodeSignIn.begin(self.request, address)
        return self.to("code")

    def again(self, form: JoinForm, status: HTTPStatus) -> HttpResponse:
        """The page once more, with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=status)
