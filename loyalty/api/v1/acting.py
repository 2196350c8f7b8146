"""For whom a member's app acts: the person signed in, and the membership that the call is about."""

from collections.abc import Sequence
from functools import cached_property
from uuid import UUID

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.views import APIView

from core.models import Program, User
from core.refusals import NotFound, RateLimited
from core.services.callers import pace_user
from loyalty.api.refusals import Malformed, SignedOut
from loyalty.api.v1.access import ClientAuthentication, HasScope
from loyalty.api.v1.base import ApiView, JsonView
from members.models import Member
from members.selectors.memberships import memberships

REQUESTS_PER_SECOND = 100
TOKEN, MEMBER = "X-Session-Token", "Loyalty-Member"  # headers


class SessionAuthentication(BaseAuthentication):
    """The token of a session opened at ``/_allauth/app/v1/``; cookies and partners' tokens open nothing here.

    Where partner systems may call as well, whoever is no app is left to their tokens.
    """

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Know the person, and count the request."""
        if isinstance(request.parser_context["view"], SharedView) and not is_of_an_app(request):
            return None
        token = request.headers.get(TOKEN, "")
        found = authenticate_by_x_session_token(token) if token.isascii() and token.isalnum() else None
        if found is None:
            raise SignedOut
        user: User = found[0]
        pace = pace_user(user.pk, requests_per_second=REQUESTS_PER_SECOND)
        request.pace = pace  # type: ignore[attr-defined]  # known even where the call is refused
        if pace.exceeded:
            raise RateLimited(retry_after=pace.full_in)
        return user, None


def is_of_an_app(request: Request) -> bool:
    """Whether a member's app calls, where partner systems may call as well: a partner's token goes first."""
    return TOKEN in request.headers and "Authorization" not in request.headers


class IsMemberOrHasScope(HasScope):
    """A person who is signed in, or a token with the scope that the view names."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Members have no scopes: what they may do is what the address offers them."""
        return request.auth is None or super().has_permission(request, view)


class PersonView(JsonView):
    """An address for whoever is signed in, member of a program or not."""

    authentication_classes = (SessionAuthentication,)
    pace_of = "user"

    @property
    def user(self) -> User:
        """The person."""
        user: User = self.request.user  # type: ignore[assignment]
        return user

    def languages(self) -> Sequence[str]:
        """All that the product speaks."""
        return [code for code, _name in settings.LANGUAGES]


class MeView(PersonView):
    """An address for a member: the one named in ``Loyalty-Member``, or the only one that the person is."""

    _member: Member | None = None

    @property
    def member(self) -> Member:
        """The membership that the call is about."""
        if self._member is None:
            self._member = acting_member(self.user, self.request.headers.get(MEMBER))
        return self._member

    @property
    def claimant(self) -> str:
        """The membership."""
        return f"member:{self.member.uuid}"

    def languages(self) -> Sequence[str]:
        """The program's; the member's own unasked."""
        return [self.member.language, *self.member.program.languages]


class SharedView(ApiView):
    """An address of partner systems that members' apps call as well; ``scopes``: what partners need."""

    authentication_classes = (SessionAuthentication, ClientAuthentication)
    permission_classes = (IsMemberOrHasScope,)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Note whose requests are counted."""
        self.pace_of = "user" if is_of_an_app(request) else "client"
        super().initial(request, *args, **kwargs)

    @cached_property
    def me(self) -> Member | None:
        """The membership that an app acts for; None: a partner system calls."""
        if self.request.auth is not None:
            return None
        user: User = self.request.user  # type: ignore[assignment]
        return acting_member(user, self.request.headers.get(MEMBER))

    @property
    def program(self) -> Program:
        """The caller's program."""
        return self.me.program if self.me else super().program

    def languages(self) -> Sequence[str]:
        """The program's; the member's own unasked."""
        return [self.me.language, *self.me.program.languages] if self.me else super().languages()


def acting_member(user: User, named: str | None) -> Member:
    """The membership that a call names by its uuid; unnamed the only one. Raises NotFound, Malformed."""
    found = list(memberships(user=user))
    if named is not None:
        found = [member for member in found if member.uuid == _uuid(named)]
    if not found:
        raise NotFound(_("You have no such membership"))
    if len(found) > 1:
        raise Malformed(_("You have several memberships: name one of /me/memberships in the header Loyalty-Member"))
    return found[0]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
