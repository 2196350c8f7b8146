"""Describing addresses in OpenAPI 3.1: what they take, every answer, every refusal with an example."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from core.rules.scopes import SCOPES
from loyalty.api.problems import MEDIA_TYPE, PROBLEMS
from loyalty.api.v1.bodies import JSON
from loyalty.api.v1.export_shapes import EXPORTS
from loyalty.api.v1.leaderboard_shapes import LEADERBOARDS
from loyalty.api.v1.offer_shapes import OFFERS
from loyalty.api.v1.referral_shapes import REFERRALS
from loyalty.api.v1.reward_shapes import REWARD_COMPONENTS
from loyalty.api.v1.schema import Schema, ref
from loyalty.api.v1.shapes import COMPONENTS
from loyalty.api.v1.use_shapes import USE_COMPONENTS

ALWAYS = ("unauthenticated", "not-acceptable", "rate-limited", "internal-error", "unavailable")
EXAMPLES: Mapping[str, dict[str, object]] = {  # what some types say besides
    "voucher-used": {
        "detail": "It was used on 20 Nov 2026, 10:15:00 at Orchard.",
        "used": {"at": "2026-11-20T02:15:00Z", "outlet": "SG-ORCHARD"},
        "member_message": "It was used on 20 Nov 2026, 10:15:00 at Orchard.",
    },
    "voucher-expired": {"detail": "It was good until 18 Feb 2027.", "expires_on": "2027-02-18"},
}
BY_CALLER: Mapping[str, Sequence[str]] = {
    "partner": ("insufficient-scope",),
    "member": (),
    "either": ("insufficient-scope",),
}
SAFE = frozenset({"get", "head"})
WITH_BODY = ("malformed", "too-large", "unsupported-media-type", "validation")
REPEATABLE = ("malformed", "in-flight", "idempotency-key-reused")


@dataclass(frozen=True, slots=True)
class Success:
    """One way of succeeding: when, with what document, for example."""

    when: str
    schema: Schema | None = None
    example: object = None


@dataclass(frozen=True, slots=True)
class Body:
    """What a call takes, in which media types."""

    schema: Schema
    example: object
    media_types: Sequence[str] = (JSON,)


def described[F: Callable[..., Any]](
    summary: str,
    *,
    answers: Mapping[int, Success],
    tag: str,
    body: Body | None = None,
    refusals: Sequence[str] = (),
    parameters: Sequence[OpenApiParameter] = (),
    repeatable: bool = False,
    files: Mapping[str, str] | None = None,
    caller: Literal["partner", "member", "either"] = "partner",
) -> Callable[[F], F]:
    """Describe a handler; what every call may answer is added. ``files``: other media types of the answer 200.

    Without ``body`` it takes none: ``JsonView`` sees to that.
    """

    def decorate(handler: F) -> F:
        names = {*ALWAYS, *BY_CALLER[caller], *refusals, *(REPEATABLE if repeatable else ())}
        if any(parameter.location == OpenApiParameter.QUERY for parameter in parameters):
            names.add("malformed")
        if handler.__name__ not in SAFE:
            names.update(WITH_BODY)
        handler.takes_body = body is not None  # type: ignore[attr-defined]
        return extend_schema(
            operation_id=summary.lower().replace(" ", "_"),
            summary=summary,
            tags=[tag],
            request=dict.fromkeys(body.media_types, body.schema) if body else None,
            examples=[_request_example(body)] if body else [],
            responses=_successes(answers, files or {}) | _refusals(names),
            parameters=[*parameters, LANGUAGE, REQUEST_ID, *([IDEMPOTENCY_KEY] if repeatable else [])],
        )(handler)

    return decorate


def _successes(answers: Mapping[int, Success], files: Mapping[str, str]) -> dict[Any, Any]:
    found: dict[Any, Any] = {status: _success(status, answer) for status, answer in answers.items()}
    return found | {(200, kind): OpenApiResponse({"type": "string"}, when) for kind, when in files.items()}


def _request_example(body: Body) -> OpenApiExample:
    return OpenApiExample("request", value=body.example, request_only=True)


def _success(status: int, answer: Success) -> OpenApiResponse:
    example = OpenApiExample("answer", value=answer.example, response_only=True, status_codes=[str(status)])
    return OpenApiResponse(answer.schema, answer.when, [example] if answer.example is not None else [])


def _refusals(names: set[str]) -> dict[tuple[int, str], OpenApiResponse]:
    """Problem types by status, each with an example."""
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for name in PROBLEMS:  # their order is the order of statuses
        if name in names:
            by_status[PROBLEMS[name].status].append(name)
    return {(status, MEDIA_TYPE): _refusal(status, found) for status, found in sorted(by_status.items())}


def _refusal(status: int, names: Sequence[str]) -> OpenApiResponse:
    return OpenApiResponse(
        ref("Problem"),
        " · ".join(f"`{name}`" for name in names),
        [OpenApiExample(name, value=_example(name), response_only=True, status_codes=[str(status)]) for name in names],
    )


def _example(name: str) -> dict[str, object]:
    known = PROBLEMS[name]
    document: dict[str, object] = {
        "type": f"/problems/{name}",
        "title": name.replace("-", " ").capitalize(),
        "status": known.status,
        "detail": known.meaning,
        "instance": "/api/v1/…",
    }
    if name == "validation":
        document["errors"] = [{"pointer": "/data/amount", "code": "invalid", "detail": "an amount is a decimal string"}]
    return document | EXAMPLES.get(name, {})


def query(name: str, description: str, **schema: object) -> OpenApiParameter:
    """A parameter of the query."""
    required = bool(schema.pop("required", False))
    return OpenApiParameter(
        name, {"type": "string", **schema}, OpenApiParameter.QUERY, required=required, description=description
    )


def path(name: str, description: str, example: str) -> OpenApiParameter:
    """A parameter of the path."""
    return OpenApiParameter(
        name, {"type": "string", "examples": [example]}, OpenApiParameter.PATH, required=True, description=description
    )


def header(name: str, description: str, **schema: object) -> OpenApiParameter:
    """A header of the request."""
    return OpenApiParameter(name, {"type": "string", **schema}, OpenApiParameter.HEADER, description=description)


PAGE = (
    query("limit", "Items a page, 1 to 200", type="integer", minimum=1, maximum=200, default=50),
    query("cursor", "`next` of the page before; opaque"),
)
ACTING = header("Loyalty-Member", "The uuid of a membership; needed by who has several", format="uuid")
MEMBER = path("member", "External id, or `uuid:…`", "M-0001")
LANGUAGE = header("Accept-Language", "Language of texts that members read; else the program's default")
REQUEST_ID = header("X-Request-Id", "Comes back on the answer and stands in the log; else one is made")
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    "The same key and body is carried out once and answered alike, with `Idempotency-Replayed: true`, for 7 days",
    maxLength=255,
)


class SessionToken(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The way in for members: a session opened at ``/_allauth/app/v1/``."""

    target_class = "loyalty.api.v1.acting.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """Where the token is sent, and where it comes from."""
        where = (
            "`meta.session_token` of the answers under `/_allauth/app/v1/auth/`; docs/api.md walks through it. "
            "Send `X-Device-Id` (random, made once for each installed app) with the call that completes the sign-in: "
            "another device than before, or none, may let points rest for some hours."
        )
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token", "description": where}


class ClientCredentials(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The way in for partner systems: OAuth 2 client credentials."""

    target_class = "loyalty.api.v1.access.ClientAuthentication"
    name = "client"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        """Where tokens come from, and all scopes."""
        flow = {"tokenUrl": "/identity/o/api/token", "scopes": {scope: scope.replace(":", ", ") for scope in SCOPES}}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        """The scope that this call needs."""
        needed = getattr(auto_schema.view, "scopes", {}).get(auto_schema.method)
        return {self.name: [needed] if needed else []}


def add_components(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Put the shapes under their names, and the headers that every answer carries on every answer."""
    schemas = {**COMPONENTS, **EXPORTS, **LEADERBOARDS, **OFFERS, **REFERRALS, **REWARD_COMPONENTS, **USE_COMPONENTS}
    result.setdefault("components", {})["schemas"] = dict(sorted(schemas.items()))
    result["components"]["headers"] = HEADERS
    result["components"]["examples"] = {name: {"value": _example(name)} for name in PROBLEMS}
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                _name_examples(response)
                response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(status)}
    return result


def _name_examples(response: dict[str, Any]) -> None:
    """Let the examples of problems be said once."""
    for document in response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {}).values():
        name = document.pop("value")["type"].removeprefix("/problems/")
        document.clear()
        document["$ref"] = f"#/components/examples/{name}"


def _headers(status: str) -> list[str]:
    return [*COMMON_HEADERS, *SPECIAL_HEADERS.get(status, ())]


def _header(description: str) -> Schema:
    return {"description": description, "schema": {"type": "string"}}


COMMON_HEADERS = ("X-Request-Id", "RateLimit", "RateLimit-Policy", "Content-Language")
SPECIAL_HEADERS = {"401": ("WWW-Authenticate",), "429": ("Retry-After",)}
HEADERS: Mapping[str, Schema] = {
    "X-Request-Id": _header("The id of the request, the caller's own if it sent one"),
    "RateLimit": _header('What is left: `"client";r=599;t=1`'),
    "RateLimit-Policy": _header('What was agreed: `"client";q=600;w=1` is 600 requests a second'),
    "Content-Language": _header("The language of the texts"),
    "WWW-Authenticate": _header("Bearer"),
    "Retry-After": _header("Whole seconds to wait"),
}
