"""What all addresses of the API have in common."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import structlog
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import MethodNotAllowed as DrfMethodNotAllowed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from core.models import Program
from core.refusals import Refusal
from core.services.callers import Caller, Pace
from loyalty.api.pace import DEFAULT_PACE, pace_headers
from loyalty.api.problems import problem_response
from loyalty.api.refusals import MethodNotAllowed, Unavailable, Unexpected
from loyalty.api.v1.access import ClientAuthentication, HasScope, JsonOnly, JsonRenderer
from loyalty.api.v1.bodies import read_nothing
from loyalty.display.languages import accepted

log = structlog.get_logger(__name__)


class JsonView(APIView):
    """An address of the API, whoever calls. Those who call are known by what ``authentication_classes`` find.

    A handler raises refusals and returns documents; everything else about HTTP is here.
    """

    permission_classes: Sequence[type[BasePermission]] = ()
    renderer_classes = (JsonRenderer,)
    content_negotiation_class = JsonOnly
    throttle_classes = ()
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    pace_of = "client"  # whose requests are counted
    about: Collection[str] = ()  # external ids of members: erasing one deletes the answer that is kept for a repetition

    @property
    def at(self) -> datetime:
        """The moment of the request."""
        moment: datetime = self._at
        return moment

    def languages(self) -> Sequence[str]:
        """The languages that texts can be given in, the one that is given unasked first."""
        raise NotImplementedError

    @property
    def claimant(self) -> str:
        """Whose keys of repeated requests are told apart from everybody else's."""
        raise NotImplementedError

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Note the time, know the caller, choose the language; then see that no body is sent that nobody reads."""
        self._at = timezone.now()
        super().initial(request, *args, **kwargs)
        translation.activate(_language(request, self.languages()))
        if request.method not in SAFE_METHODS and not getattr(self._handler(request), "takes_body", True):
            read_nothing(request)

    def _handler(self, request: Request) -> object:
        """What answers the method, None if nothing does."""
        return getattr(self, str(request.method).lower(), None)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        """Every way of failing is a problem document."""
        refusal = _refusal(exc, self.request)
        if isinstance(refusal, Unexpected):
            log.error("request_failed", exc_info=exc)
            got_request_exception.send(sender=type(self), request=self.request)
        return problem_response(refusal, instance=self.request.path)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        """Say the language, and how much may still be asked; and that nobody on the way keeps what is one's own."""
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        pace: Pace | None = getattr(request, "pace", None)
        final.headers.setdefault("Content-Language", translation.get_language() or "en")
        final.headers.setdefault("Cache-Control", "no-store")
        for name, value in pace_headers(pace or DEFAULT_PACE, self.pace_of if pace else "client").items():
            final.headers[name] = value
        return final


class ApiView(JsonView):
    """An address that partner systems call. ``scopes`` names the scope that each method needs."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (ClientAuthentication,)
    permission_classes = (HasScope,)
    scopes: ClassVar[Mapping[str, str]] = {}

    @property
    def caller(self) -> Caller:
        """The machine that calls."""
        caller: Caller = self.request.auth  # type: ignore[assignment]
        return caller

    @property
    def claimant(self) -> str:
        """The machine."""
        return self.caller.client_id

    @property
    def program(self) -> Program:
        """The caller's program: nothing outside of it exists."""
        return self.caller.program

    def languages(self) -> Sequence[str]:
        """The program's, its default first."""
        return self.program.languages


def _refusal(exc: Exception, request: Request) -> Refusal:
    if isinstance(exc, Refusal):
        return exc
    if isinstance(exc, DrfMethodNotAllowed):
        return MethodNotAllowed(_("%(method)s is not possible here") % {"method": request.method})
    if isinstance(exc, OperationalError):
        log.error("database_unavailable", exc_info=exc)
        return Unavailable()
    return Unexpected()


def _language(request: Request, offered: Sequence[str]) -> str:
    """The first language the caller accepts among those offered, else the first of them."""
    for wanted in accepted(request):
        for code in (wanted, wanted.partition("-")[0]):
            if code in offered:
                return code
    return offered[0]
