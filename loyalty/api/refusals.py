"""What the HTTP API itself refuses, before or around the domain."""

from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class Malformed(Refusal):
    """Not readable: no JSON, an unknown cursor, a parameter of the wrong form."""

    code = "malformed"
    title = _("The request cannot be read")


class IdempotencyKeyMissing(Refusal):
    """The call moves value and names no ``Idempotency-Key``."""

    code = "idempotency-key-missing"
    title = _("An Idempotency-Key is required here")


class Unauthenticated(Refusal):
    """No token, or one that is unknown, expired or revoked."""

    code = "unauthenticated"
    title = _("A valid access token is required")
    challenge = 'Bearer realm="loyalty"'


class SignedOut(Unauthenticated):
    """No session token, or one of a session that has ended."""

    title = _("Please sign in")
    challenge = 'Session realm="loyalty"'


class InsufficientScope(Refusal):
    """The token may not do this."""

    code = "insufficient-scope"
    title = _("The access token does not allow this")


class MethodNotAllowed(Refusal):
    """The address knows other methods."""

    code = "method-not-allowed"
    title = _("This address has no such method")


class NotAcceptable(Refusal):
    """The caller accepts no form that the API can give."""

    code = "not-acceptable"
    title = _("The API answers in JSON only")


class InFlight(Refusal):
    """A request with the same ``Idempotency-Key`` is still running."""

    code = "in-flight"
    title = _("The same request is still running")


class TooLarge(Refusal):
    """More bytes or items than one request may carry."""

    code = "too-large"
    title = _("The request is too large")


class UnsupportedMediaType(Refusal):
    """The body is in a form that the address does not read."""

    code = "unsupported-media-type"
    title = _("The body is in an unknown form")


class IdempotencyKeyReused(Refusal):
    """The ``Idempotency-Key`` belongs to a request with other content."""

    code = "idempotency-key-reused"
    title = _("The Idempotency-Key was used for another request")


class Unavailable(Refusal):
    """A part of the platform does not serve at the moment; the request may be sent again."""

    code = "unavailable"
    title = _("Not available at the moment")


class Unexpected(Refusal):
    """A fault of the platform, written to its log under the request id."""

    code = "internal-error"
    title = _("Something went wrong on our side")
