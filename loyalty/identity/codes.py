"""Signing in by a code: whoever receives codes at an address signs in with it, known or not.

Every address gets a code, and a user is looked for, or made, when the code comes back. So nobody learns from our
answers, or from how long they take, whether an address is known; and members whom a partner system enrolled sign in
without having registered.
"""

import time

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core import ratelimit
from allauth.core.exceptions import RateLimited
from allauth.core.internal.cryptokit import normalize_user_code
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.models import User
from loyalty.identity.addresses import Address
from loyalty.identity.people import prove


class CodeSignIn(LoginCodeVerificationProcess):
    """allauth's process, for users who need not exist yet."""

    @classmethod
    def begin(cls, request: HttpRequest, address: Address) -> "CodeSignIn":
        """Send a code and wait for it in this session."""
        login = Login(user=None, email=address.email or None)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(None, email=address.email, phone=address.phone))
        stage.state["initiated_by_user"] = True
        process = cls(stage=stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def waiting(cls, request: HttpRequest) -> "CodeSignIn | None":
        """The sign-in of this session that waits for its code, unless it took too long."""
        stage = LoginStageController.enter(request, LoginByCodeStage.key)
        if stage is None:
            return None
        process: CodeSignIn | None = cls(stage=stage).abort_if_invalid()
        return process

    @property
    def address(self) -> Address:
        """Where the code went."""
        return Address.of(self.state)

    @property
    def tries_left(self) -> int:
        """How many wrong codes it still takes."""
        return int(self.max_attempts) - int(self.state["failed_attempts"])

    def generate_code(self) -> str:
        """A new code; the one before counts no more."""
        self.state["code"] = str(get_adapter().generate_login_code())
        return str(self.state["code"])

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # allauth's shape
        """Mail a new code."""
        get_adapter().send_mail("account/email/login_code", email, {"code": self.generate_code()})

    def send_by_phone(self, phone: str, skip_enumeration_mails: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # the same
        """Send a new code by SMS."""
        get_adapter().send_verification_code_sms(phone=phone, code=self.generate_code())

    def resend(self) -> None:
        """Send another code, with as much time as the first one had. Raises RateLimited."""
        if not may_ask(self.request, self.address):
            raise RateLimited
        self.state["at"] = time.time()
        self.send()
        self.record_resend()
        self.persist()

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """The code was right: go on as the user of the address."""
        self._user: User | None = prove(self.address)
        response: HttpResponse = super().finish(redirect_url)
        return response


def can_be_code(text: str) -> bool:
    """Whether a text has the form of our codes. What has not is a slip, and no try at guessing one."""
    digits = normalize_user_code(text)
    return digits.isdecimal() and len(digits) == settings.ALLAUTH_USER_CODE_FORMAT["length"]


def may_ask(request: HttpRequest, address: Address) -> bool:
    """Whether another code may be asked for this address, from this place; counts the question."""
    return bool(ratelimit.consume(request, action="request_login_code", key=address.key))
