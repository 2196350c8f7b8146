"""Joining a program: who one is, where, and what one agrees to."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from core.models import Market, Program, User
from loyalty.identity.addresses import Address, country_of, read_address
from loyalty.identity.codes import CodeSignIn, may_ask
from loyalty.identity.joining import begin_join, join, known_contact
from loyalty.portal.doors import DoorPage
from loyalty.portal.places import countries, likely_markets
from loyalty.portal.sign_in import TOO_MANY
from members.rules.profiles import CONSENTS
from members.selectors.memberships import memberships


class JoinForm(forms.Form):
    """What a new member says. Whoever is signed in has an address already."""

    name = forms.CharField(max_length=200, error_messages={"required": _("Tell us your name.")})
    address = forms.CharField(
        max_length=254, error_messages={"required": _("Enter an e-mail address or a phone number.")}
    )
    market = forms.ChoiceField()
    language = forms.ChoiceField()
    birth_date = forms.DateField(required=False, error_messages={"invalid": _("This is not a date.")})
    terms = forms.BooleanField(error_messages={"required": _("Please accept the terms to join.")})
    marketing = forms.BooleanField(required=False)
    profiling = forms.BooleanField(required=False)

    def __init__(self, *args: Any, program: Program, markets: list[Market], user: User | None, **kwargs: Any) -> None:
        """Offer the program's markets and languages."""
        super().__init__(*args, **kwargs)
        self.markets = markets
        self.offer("market", [(market.code, market.name) for market in markets])
        self.offer("language", [(code, get_language_info(code)["name_local"]) for code in program.languages])
        if user:
            del self.fields["address"]

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """What can be chosen."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # it is declared above
        field.choices = choices

    def clean_address(self) -> Address:
        """Codes by SMS go to the program's countries only: numbers elsewhere cost, and are used to make them cost."""
        known = countries(self.markets)
        address = read_address(self.cleaned_data["address"], countries=known)
        if address.phone and country_of(address.phone) not in known:
            raise forms.ValidationError(_("We cannot send codes to this country. Use your e-mail address."))
        return address

    def profile(self) -> dict[str, object]:
        """The member, in the shape of the API."""
        given = self.cleaned_data
        born = given["birth_date"]
        return {
            "market": given["market"],
            "language": given["language"],
            "name": given["name"],
            "birth_date": born.isoformat() if born else None,
            "consents": {purpose: given[purpose] for purpose in CONSENTS},
        }


class Join(DoorPage):
    """The form; a stranger proves the address with a code, somebody signed in is a member at once."""

    template_name = "portal/join.html"

    def user(self) -> User | None:
        """Who is signed in."""
        return self.request.user if isinstance(self.request.user, User) else None

    def form(self) -> JoinForm:
        """What was sent, or a form with guesses."""
        user, markets = self.user(), likely_markets(self.request, self.program)
        data = self.request.POST if self.request.method == "POST" else None
        guessed = {
            "name": user.get_full_name() if user else "",
            "market": markets[0].code if markets else "",
            "language": get_language(),
        }
        return JoinForm(data, initial=guessed, program=self.program, markets=markets, user=user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Members need not join."""
        user = self.user()
        if user and memberships(user=user, program=self.program).exists():
            return self.to("choose")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the address that is known already."""
        user = self.user()
        known = str(known_contact(user)) if user else ""
        return {"form": kwargs.get("form") or self.form(), **super().get_context_data(**kwargs), "known": known}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Join, or prove the address first."""
        form, user = self.form(), self.user()
        if not form.is_valid():
            return self.again(form, HTTPStatus.BAD_REQUEST)
        if user is None:
            return self.prove(form)
        contact = known_contact(user)
        profile = {**form.profile(), "email": contact.email, "phone": contact.phone}
        if not join(request, user=user, program=self.program, profile=profile):
            return self.again(form, HTTPStatus.BAD_REQUEST)
        return self.to("choose")

    def prove(self, form: JoinForm) -> HttpResponse:
        """Send a code; what was written waits for it."""
        address: Address = form.cleaned_data["address"]
        if not may_ask(self.request, address):
            form.add_error("address", str(TOO_MANY))
            return self.again(form, HTTPStatus.TOO_MANY_REQUESTS)
        begin_join(self.request, program=self.program, address=address, profile=form.profile())
        CodeSignIn.begin(self.request, address)
        return self.to("code")

    def again(self, form: JoinForm, status: HTTPStatus) -> HttpResponse:
        """The page once more, with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=status)
