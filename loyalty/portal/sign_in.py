"""Signing in: an address and a code, or a password; and signing out."""

from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from allauth.core.exceptions import RateLimited
from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.identity.addresses import Address, read_address
from loyalty.identity.codes import CodeSignIn, can_be_code, may_ask
from loyalty.identity.joining import forget_join
from loyalty.portal.doors import DoorPage, EntryPage
from loyalty.portal.places import countries, likely_markets

TOO_MANY = gettext_lazy("Too many tries. Wait a few minutes, then try again.")


class AddressForm(forms.Form):
    """One field for an e-mail address or a phone number."""

    address = forms.CharField(error_messages={"required": gettext_lazy("Enter an e-mail address or a phone number.")})

    def __init__(self, *args: Any, countries: list[str], **kwargs: Any) -> None:
        """Know where numbers without country code may come from."""
        super().__init__(*args, **kwargs)
        self.countries = countries

    def clean_address(self) -> Address:
        """Read it."""
        return read_address(self.cleaned_data["address"], countries=self.countries)


class PasswordForm(AddressForm):
    """The address with its password."""

    password = forms.CharField(strip=False, error_messages={"required": gettext_lazy("Enter your password.")})


class SignIn(EntryPage):
    """Asks for an address and sends a code there. The answer is the same, whoever it belongs to."""

    template_name = "portal/sign_in.html"
    form_class: type[AddressForm] = AddressForm

    def form(self) -> AddressForm:
        """What was sent, or an empty form."""
        data = self.request.POST if self.request.method == "POST" else None
        return self.form_class(data, countries=countries(likely_markets(self.request, self.program)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form."""
        return {"form": kwargs.get("form") or self.form(), **super().get_context_data(**kwargs)}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Go on to the code, or say what is wrong."""
        form = self.form()
        if not form.is_valid():
            return self.again(form)
        forget_join(request)
        return self.go_on(form)

    def go_on(self, form: AddressForm) -> HttpResponse:
        """Send the code."""
        if not may_ask(self.request, form.cleaned_data["address"]):
            form.add_error("address", str(TOO_MANY))
            return self.again(form, HTTPStatus.TOO_MANY_REQUESTS)
        CodeSignIn.begin(self.request, form.cleaned_data["address"])
        return self.to("code")

    def again(self, form: AddressForm, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> HttpResponse:
        """The page once more, with what is wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=status)


class PasswordSignIn(SignIn):
    """Takes an address with its password."""

    template_name = "portal/password.html"
    form_class = PasswordForm

    def go_on(self, form: AddressForm) -> HttpResponse:
        """Try it; a wrong address and a wrong password look the same."""
        address: Address = form.cleaned_data["address"]
        credentials = {"email": address.email} if address.email else {"phone": address.phone}
        adapter = get_adapter()
        try:
            user = adapter.authenticate(self.request, **credentials, password=form.cleaned_data["password"])
        except ValidationError as too_many:
            form.add_error(None, too_many)
            return self.again(form, HTTPStatus.TOO_MANY_REQUESTS)
        if user is None:
            form.add_error(None, adapter.validation_error("email_password_mismatch"))
            return self.again(form)
        login = Login(user=user, email=address.email or None, redirect_url=self.way or None)
        answer: HttpResponse = perform_password_login(self.request, credentials, login)
        return answer


class Code(EntryPage):
    """Takes the code, sends another one, says how many tries are left."""

    template_name = "portal/code.html"
    process: CodeSignIn

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only while a code is waited for; else begin anew."""
        process = None if request.user.is_authenticated else CodeSignIn.waiting(request)
        if process is None and not request.user.is_authenticated:
            messages.error(request, _("This code has expired. Ask for a new one."))
            return self.to("sign-in")
        if process:
            self.process = process
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Where the code went, and what is left."""
        shown = {"address": str(self.process.address), "by_phone": bool(self.process.address.phone)}
        return {**super().get_context_data(**kwargs), **shown, "can_resend": self.process.can_resend}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """A code, or the wish for another one."""
        if request.POST.get("action") == "resend":
            return self.resend()
        code = request.POST.get("code", "")
        if compare_user_code(actual=code, expected=self.process.code):
            return self.process.finish(self.way or None)
        if can_be_code(code) and not self.process.record_invalid_attempt():
            messages.error(request, str(TOO_MANY))
            return self.to("sign-in")
        context = self.get_context_data(wrong=True, tries_left=self.process.tries_left)
        return self.render_to_response(context, status=HTTPStatus.BAD_REQUEST)

    def resend(self) -> HttpResponse:
        """Send another code, a few times."""
        try:
            if self.process.can_resend:
                self.process.resend()
                messages.success(self.request, _("A new code is on its way."))
        except RateLimited:
            messages.error(self.request, str(TOO_MANY))
        return self.to("code")


class SignOut(DoorPage):
    """Asks once, then ends the session."""

    template_name = "portal/sign_out.html"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Out, and back to the program."""
        logout(request)
        return self.to("home", onward=False)
