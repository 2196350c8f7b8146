"""Who calls, and whether the call is within its scopes."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from core.refusals import RateLimited
from core.services.callers import Caller, recognise_caller
from loyalty.api.problems import to_json
from loyalty.api.refusals import InsufficientScope, NotAcceptable, Unauthenticated


class ClientAuthentication(BaseAuthentication):
    """An access token of the client credentials grant: the caller becomes ``request.auth``.

    Not allauth's own class: that one builds an OAuth server and asks four times for each request.
    """

    def authenticate(self, request: Request) -> tuple[None, Caller]:
        """Recognise the token, or refuse: there is nothing here for anonymous callers."""
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Unauthenticated
        caller = recognise_caller(token.strip())
        if caller is None:
            raise Unauthenticated(_("This access token is unknown, expired or revoked"))
        request.pace = caller.pace  # type: ignore[attr-defined]  # known even where the call is refused
        if caller.pace.exceeded:
            raise RateLimited(retry_after=caller.pace.full_in)
        return None, caller


class HasScope(BasePermission):
    """The token has the scope that the view names for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether it has; a method without handler is left to the 405 that follows."""
        method = "GET" if request.method == "HEAD" else str(request.method)
        needed = getattr(view, "scopes", {}).get(method)
        caller: Caller = request.auth  # type: ignore[assignment]
        if needed is not None and needed not in caller.scopes:
            raise InsufficientScope(_("This needs the scope %(scope)s") % {"scope": needed})
        return True


class JsonRenderer(BaseRenderer):
    """JSON in UTF-8, without spaces."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: object, *_args: object) -> bytes:
        """Write a document; an answer without one has no body."""
        return b"" if data is None else to_json(data)


class JsonOnly(BaseContentNegotiation):
    """Answers are JSON: whoever accepts something else alone is told so."""

    def select_parser(self, request: Request, parsers: object) -> None:
        """Views read their bodies themselves."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], _format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one renderer, if the caller takes JSON."""
        accepted = request.headers.get("Accept", "")
        if accepted and not any(map(_takes_json, accepted.split(","))):
            raise NotAcceptable
        return next(iter(renderers)), JsonRenderer.media_type


def _takes_json(media_range: str) -> bool:
    name, *parameters = (part.strip().lower() for part in media_range.split(";"))
    refused = any(parameter in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for parameter in parameters)
    return not refused and (name in {"", "*/*", "application/*"} or name.endswith(("/json", "+json")))
