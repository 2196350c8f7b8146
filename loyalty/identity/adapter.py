"""How allauth treats the people of this product: what it tells them, and where they go."""

from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.fields import PhoneField
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.core.internal.httpkit import is_headless_request
from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.models import Program, User
from loyalty.identity import letters
from loyalty.identity.addresses import Address, read_phone
from loyalty.identity.devices import keep_name, note_device, note_sign_in
from loyalty.identity.doors import DOOR
from loyalty.identity.fresh import recently_authenticated
from loyalty.identity.joining import finish_join
from loyalty.identity.people import claim_memberships, find_user, proven
from loyalty.identity.sms import NotSent, send_sms
from members.services.contacts import follow_proof

log = structlog.get_logger(__name__)
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE.value
MISMATCH = _("The address or the password is not right.")
TAKEN = _("This cannot be used here. Sign out, and sign in with it instead.")
# What allauth tells about what it did; it is silent about everything else.
MESSAGES: dict[str, Promise] = {
    "account/messages/email_confirmed.txt": _("Your e-mail address is confirmed."),
    "account/messages/phone_verified.txt": _("Your phone number is confirmed."),
    "account/messages/password_changed.txt": _("Your password is changed."),
    "account/messages/password_set.txt": _("Your password is set."),
    "account/messages/logged_out.txt": _("You are signed out."),
    "mfa/messages/totp_activated.txt": _("Your authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("Your authenticator app is not asked for any more."),
    "mfa/messages/recovery_codes_generated.txt": _("Here are your recovery codes. They are shown only now."),
}


def unsent(request: HttpRequest) -> HttpResponse:
    """The answer when a code could not be sent: try again."""
    if is_headless_request(request):
        return JsonResponse({"status": UNAVAILABLE}, status=UNAVAILABLE)
    return render(request, "account/unsent.html", status=UNAVAILABLE)


def shown_name(user: User) -> str:
    """What people are called: their name, else the address they sign in with."""
    return user.get_full_name() or user.email or user.phone or user.username


class AccountAdapter(DefaultAccountAdapter):
    """Members and staff. Signing up is the portal's; an address is proven by a code before it counts."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("This is your address already."),
        "email_password_mismatch": MISMATCH,
        "phone_password_mismatch": MISMATCH,
        "username_password_mismatch": MISMATCH,
        "invalid_login": MISMATCH,
        "email_taken": TAKEN,
        "phone_taken": TAKEN,
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right."),
        "incorrect_password": _("This password is not right."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try again."),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
        "same_as_current": _("This is what we have already."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's shape
        """People join a program in the portal, or by proving an address."""
        return False

    def get_login_stages(self) -> list[str]:
        """The code, then the second factor. Whoever signs in by code has proven the address with it."""
        return ["allauth.account.stages.LoginByCodeStage", "allauth.mfa.stages.AuthenticateStage"]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:  # noqa: ARG002  # the same
        """Signing in a moment ago is as good as doing it again, and all that those can do who have only codes.

        allauth would ask them nothing: it knows no way in which they could answer.
        """
        request = context.request
        if recently_authenticated(request):
            return False
        if not get_reauthentication_flows(request.user):
            raise ReauthenticationRequired
        return True

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Password and app, or a new code for those who have neither."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return methods or [{"id": "again", "description": _("Use a new code"), "url": reverse("account_again")}]

    # Where people go

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Through the program's door to their membership; staff to the office."""
        code = request.session.get(DOOR)
        if code and Program.objects.filter(code=code).exists():
            return reverse("portal:choose", kwargs={"program": code})
        return reverse("admin:index") if getattr(request.user, "is_staff", False) else "/"

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Back to the program."""
        code = request.session.get(DOOR)
        return reverse("portal:home", kwargs={"program": code}) if code else "/"

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:  # noqa: ARG002  # the same
        """Back to the page of the address."""
        return reverse("account_email")

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Somebody is in: give them what waits for their addresses, finish joining, note with what they came."""
        assert isinstance(user, User)  # noqa: S101  # allauth knows the base class only
        claim_memberships(user)
        finish_join(request, user)
        name = note_sign_in(request, user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if name:
            keep_name(response, name)
        return response

    # What people are told

    def add_message(  # noqa: PLR0917  # allauth's shape
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Tell it in our words, or not at all."""
        ours = message or MESSAGES.get(message_template or "")
        if ours:
            super().add_message(request, level, None, message_context, extra_tags, str(ours))

    def get_from_email(self) -> str:
        """The program's name with the installation's address."""
        return letters.sender(self._program())

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """A short letter: as text, and the same words in the program's colours."""
        to = [email] if isinstance(email, str) else email
        return letters.letter(template_prefix, to, context, program=self._program(), headers=headers)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it, or say that it did not go out."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            self._not_sent(error)

    def _program(self) -> Program | None:
        door: Program | None = getattr(context.request, "door", None)
        return door

    def _not_sent(self, error: Exception) -> None:
        log.error("code_not_sent", error=type(error).__name__, detail=str(error))
        raise ImmediateHttpResponse(unsent(context.request)) from error

    # Phones

    def clean_phone(self, phone: str) -> str:
        """E.164."""
        return read_phone(phone)

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """A field that takes numbers as people write them."""
        field = super().phone_form_field(**kwargs, validators=[])
        field.widget.attrs["placeholder"] = ""
        return field

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        """The number, and whether it is proven."""
        assert isinstance(user, User)  # noqa: S101
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:  # noqa: FBT001  # the same
        """Only proven numbers are kept."""
        if verified:
            self.set_phone_verified(user, phone)

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        """The user has shown that the number is theirs: their memberships carry it, what waits for it is theirs too."""
        assert isinstance(user, User)  # noqa: S101
        emails, phones = proven(user)
        with transaction.atomic():
            if phone not in phones:
                follow_proof(user=user, before={*emails, *phones}, phone=phone, at=timezone.now())
            user.phone, user.phone_verified = phone, True
            user.save(update_fields=["phone", "phone_verified"])
        if claim_memberships(user):
            note_device(context.request, user)

    def get_user_by_phone(self, phone: str) -> User | None:
        """Who has proven the number."""
        return find_user(Address(phone=phone))

    def send_verification_code_sms(self, *, phone: str, code: str, **_user: Any) -> None:
        """One line, with the code first: it is what shows on a locked screen."""
        program = self._program()
        name = program.name if program else "Loyalty"
        text = gettext("%(code)s is your code for %(name)s. Tell it to nobody.")
        self._sms(phone, text % {"code": code, "name": name})

    def send_unknown_account_sms(self, phone: str, **_kwargs: Any) -> None:
        """Never asked for: every number gets a code, whoever has it."""

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Somebody gave a number that signs in for another account; its owner hears of it, the sender does not."""
        text = gettext("Somebody tried to use this number. It signs in to your own account; nothing has changed.")
        self._sms(phone, text)

    def _sms(self, phone: str, text: str) -> None:
        try:
            send_sms(phone, text)
        except NotSent as error:
            self._not_sent(error)
