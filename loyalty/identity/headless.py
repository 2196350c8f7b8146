"""Signing in by code for apps: the portal's way, under allauth's addresses."""

from http import HTTPStatus
from typing import Any

from allauth.core.exceptions import RateLimited
from allauth.headless.account.inputs import ConfirmLoginCodeInput
from allauth.headless.account.views import ChangePasswordView, ManagePhoneView
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse, RateLimitResponse
from allauth.headless.base.views import APIView
from allauth.headless.constants import Client
from allauth.headless.internal.restkit.inputs import Input
from allauth.headless.internal.restkit.response import APIResponse
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _

from core.models import User
from loyalty.identity.addresses import Address, read_email, read_phone
from loyalty.identity.codes import CodeSignIn, can_be_code, may_ask
from loyalty.identity.fresh import demand_fresh


class AddressInput(Input):
    """``{"email": …}`` or ``{"phone": "+65…"}``."""

    email = forms.CharField(required=False)
    phone = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        """Exactly one of them, well written."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        named = [name for name in ("email", "phone") if given.get(name)]
        if len(named) != 1:
            raise ValidationError("Give either email or phone.", code="select_only_one")
        name = named[0]
        try:
            self.address = Address(**{name: read_email(given[name]) if name == "email" else read_phone(given[name])})
        except ValidationError as wrong:
            self.add_error(name, wrong)
        return given


class NothingWaits(APIResponse):
    """No code is waited for: it took too long, too many were wrong, or the sign-in is done."""

    def __init__(self, request: HttpRequest) -> None:
        """409, with what to do."""
        said = {"message": _("This code has expired. Ask for a new one."), "code": "code_expired"}
        super().__init__(request, errors=[said], status=HTTPStatus.CONFLICT)


class RequestCode(APIView):
    """Sends a code; the answer is the same whoever has the address."""

    input_class = AddressInput

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> APIResponse:
        """``POST auth/code/request``."""
        if request.user.is_authenticated:
            return ConflictResponse(request)
        if not may_ask(request, self.input.address):
            return RateLimitResponse(request)
        CodeSignIn.begin(request, self.input.address)
        return AuthenticationResponse(request)


class ResendCode(APIView):
    """Sends another code for the sign-in that waits."""

    handle_json_input = False

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> APIResponse:
        """``POST auth/code/resend``."""
        process = CodeSignIn.waiting(request)
        if process is None:
            return NothingWaits(request)
        if not process.can_resend:
            return RateLimitResponse(request)
        try:
            process.resend()
        except RateLimited:
            return RateLimitResponse(request)
        return APIResponse(request)


class ConfirmCode(APIView):
    """Takes the code."""

    input_class = ConfirmLoginCodeInput
    process: CodeSignIn

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> APIResponse:
        """Only while a sign-in waits."""
        process = CodeSignIn.waiting(request)
        if process is None:
            return NothingWaits(request)
        self.process = process
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> APIResponse:
        """``POST auth/code/confirm``."""
        return AuthenticationResponse.from_response(request, self.process.finish(None))

    def get_input_kwargs(self) -> dict[str, Any]:
        """What the code must be."""
        return {**super().get_input_kwargs(), "code": self.process.code}

    def handle_invalid_input(self, input: ConfirmLoginCodeInput) -> APIResponse:  # noqa: A002  # allauth's shape
        """A wrong code counts, what cannot be one does not."""
        if can_be_code(str((self.data or {}).get("code", ""))):
            self.process.record_invalid_attempt()
        return super().handle_invalid_input(input)


class Phone(ManagePhoneView):
    """allauth's, which breaks when somebody who is not signed in sends any other method than GET or POST."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nobody's number is nobody's to change."""
        if not request.user.is_authenticated and request.method not in {"GET", "POST"}:
            refused: HttpResponseBase = AuthenticationResponse(request)
            return refused
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class Password(ChangePasswordView):
    """allauth's, which takes a first password from whoever has the session, and asks for it then as a proof."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Who has none has shown minutes ago who they are."""
        if not (isinstance(request.user, User) and request.user.has_usable_password()):
            demand_fresh(request)
        answer: HttpResponseBase = super().post(request, *args, **kwargs)
        return answer


urlpatterns = [
    path("app/v1/account/password/change", Password.as_api_view(client=Client.APP), name="headless-password"),
    path("app/v1/account/phone", Phone.as_api_view(client=Client.APP), name="headless-phone"),
    path("app/v1/auth/code/request", RequestCode.as_api_view(client=Client.APP), name="headless-code-request"),
    path("app/v1/auth/code/resend", ResendCode.as_api_view(client=Client.APP), name="headless-code-resend"),
    path("app/v1/auth/code/confirm", ConfirmCode.as_api_view(client=Client.APP), name="headless-code-confirm"),
]
