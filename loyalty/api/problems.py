"""Problem details (RFC 9457): every refusal in one form, and what each type means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse

from core.refusals import FieldError, RateLimited, Refusal
from loyalty.api.refusals import Unauthenticated

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One ``/problems/NAME``: its status and, for whoever builds a client, what it means and what to do.

    With ``for_members`` its sentence may be shown to a member.
    """

    status: int
    meaning: str
    for_members: bool = False


PROBLEMS: Mapping[str, ProblemType] = {
    "malformed": ProblemType(400, "The body is no JSON, or a parameter or cursor is unreadable. Correct and resend."),
    "idempotency-key-missing": ProblemType(400, "Send an Idempotency-Key header, new for every new request."),
    "unauthenticated": ProblemType(
        401,
        "Get an access token at /identity/o/api/token and send it as Bearer token; "
        "a member's app signs in at /_allauth/app/v1/ and sends X-Session-Token.",
    ),
    "insufficient-scope": ProblemType(403, "The client lacks the scope named in the detail. An operator grants it."),
    "not-found": ProblemType(404, "No such object in the caller's program."),
    "method-not-allowed": ProblemType(405, "The Allow header lists the methods of this address."),
    "not-acceptable": ProblemType(406, "Accept application/json."),
    "event-conflict": ProblemType(409, "An event with this source and id, but with other content, exists already."),
    "already-reversed": ProblemType(409, "More would be taken back than is left of the original event."),
    "duplicate-member": ProblemType(409, "A member with this external id exists. Change it with PATCH."),
    "reference-used": ProblemType(409, "The reference belongs to another order of this client."),
    "in-flight": ProblemType(409, "A request with this Idempotency-Key is running. Send it again a little later."),
    "insufficient-points": ProblemType(409, "The wallet holds less than is asked for.", for_members=True),
    "out-of-stock": ProblemType(409, "The last piece is gone.", for_members=True),
    "tier-required": ProblemType(409, "The reward is for members of other tiers.", for_members=True),
    "limit-reached": ProblemType(409, "The member has taken as many as allowed.", for_members=True),
    "not-available": ProblemType(409, "The object cannot be had here or now.", for_members=True),
    "frozen": ProblemType(409, "The member is frozen: nothing can be spent or changed.", for_members=True),
    "voucher-used": ProblemType(409, "The voucher was used; the detail says when and where.", for_members=True),
    "voucher-expired": ProblemType(409, "The voucher's last day is over.", for_members=True),
    "changed": ProblemType(412, "The object changed since it was read. Read it again and repeat the change on it."),
    "too-large": ProblemType(413, "At most 10 MB and 5,000 items a request. Send several."),
    "unsupported-media-type": ProblemType(415, "Send one of the media types named in the detail."),
    "validation": ProblemType(422, "Values are wrong; errors names each by JSON pointer, code and sentence."),
    "not-eligible": ProblemType(
        422,
        "The member is outside the campaign's market or audience, or was brought by somebody else or too long ago.",
        for_members=True,
    ),
    "idempotency-key-reused": ProblemType(422, "This Idempotency-Key came with other content before. Use a new one."),
    "rate-limited": ProblemType(429, "Wait as many seconds as Retry-After says."),
    "internal-error": ProblemType(500, "A fault of the platform. Safe to send again; report the X-Request-Id."),
    "unavailable": ProblemType(503, "A part of the platform does not serve. Send the request again later."),
}


def field_errors(errors: tuple[FieldError, ...], prefix: str = "") -> list[dict[str, str]]:
    """Field errors as JSON; ``prefix`` is the pointer to the object that they were found in."""
    return [{"pointer": prefix + error.pointer, "code": error.code, "detail": str(error.detail)} for error in errors]


def problem(refusal: Refusal, *, instance: str, prefix: str = "") -> dict[str, object]:
    """The problem document of a refusal, in the language that is active."""
    known = PROBLEMS[refusal.code]
    document: dict[str, object] = {
        "type": f"/problems/{refusal.code}",
        "title": str(refusal.title),
        "status": known.status,
        "detail": str(refusal.detail),
        "instance": instance,
        **refusal.more,
    }
    if refusal.errors:
        document["errors"] = field_errors(refusal.errors, prefix)
    if known.for_members:
        document["member_message"] = str(refusal.detail)
    return document


def to_json(document: object) -> bytes:
    """JSON in UTF-8; halves of characters, which UTF-8 cannot carry, stay escapes."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def problem_response(refusal: Refusal, *, instance: str) -> HttpResponse:
    """A refusal as an HTTP answer."""
    document = problem(refusal, instance=instance)
    response = HttpResponse(to_json(document), status=PROBLEMS[refusal.code].status, content_type=MEDIA_TYPE)
    if isinstance(refusal, Unauthenticated):
        response["WWW-Authenticate"] = refusal.challenge
    if isinstance(refusal, RateLimited):
        response["Retry-After"] = str(refusal.retry_after)
    return response
