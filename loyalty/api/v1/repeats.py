"""Requests under an ``Idempotency-Key``: sent twice, carried out once, answered alike."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.refusals import Refusal
from core.services.idempotency import Claim, StoredAnswer, find_answer, hold, store_answer
from loyalty.api.problems import PROBLEMS, problem_response, to_json
from loyalty.api.refusals import IdempotencyKeyMissing, IdempotencyKeyReused, InFlight, Malformed
from loyalty.api.v1.base import JsonView
from loyalty.api.v1.bodies import read_bytes

LONGEST_KEY = 255
SERVER_ERRORS = 500
KEPT_HEADERS = ("Content-Type", "Content-Language", "Location", "ETag")

type Handler[V: JsonView] = Callable[Concatenate[V, Request, ...], Response]
type Answering[V: JsonView] = Callable[Concatenate[V, Request, ...], HttpResponseBase]


def repeatable[V: JsonView](*, required: bool = False) -> Callable[[Handler[V]], Answering[V]]:
    """Let a POST be sent again under its ``Idempotency-Key``; with ``required`` it is refused without one.

    2xx answers and deterministic refusals are stored in the transaction of the effect, faults (5xx) never.
    """

    def decorate(handler: Handler[V]) -> Answering[V]:
        @wraps(handler)
        def answer(view: V, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            key = request.headers.get("Idempotency-Key")
            if key is None and required:
                raise IdempotencyKeyMissing
            if key is None:
                return handler(view, request, *args, **kwargs)
            return _carry_out(view, request, _key(key), lambda: handler(view, request, *args, **kwargs))

        return answer

    return decorate


def _key(text: str) -> str:
    if not 0 < len(text) <= LONGEST_KEY or not text.isprintable() or not text.isascii():
        raise Malformed(_("An Idempotency-Key has 1 to %(most)s plain characters") % {"most": LONGEST_KEY})
    return text


@transaction.atomic
def _carry_out(view: JsonView, request: Request, key: str, work: Callable[[], Response]) -> HttpResponse:
    content = f"{request.method} {request.get_full_path()}\n".encode() + read_bytes(request)
    claim = Claim(view.claimant, key, sha256(content).digest())
    if not hold(claim):
        raise InFlight
    stored = find_answer(claim, at=view.at)
    if stored is None:
        return _answer(view, request, claim, work)
    kept, same = stored
    if not same:
        raise IdempotencyKeyReused
    replay = HttpResponse(kept.body, status=kept.status, headers=dict(kept.headers))
    replay["Idempotency-Replayed"] = "true"
    return replay


def _answer(view: JsonView, request: Request, claim: Claim, work: Callable[[], Response]) -> HttpResponse:
    try:
        with transaction.atomic():
            response = _written(work())
    except Refusal as refusal:
        if PROBLEMS[refusal.code].status >= SERVER_ERRORS:
            raise
        response = problem_response(refusal, instance=request.path)
    response.headers.setdefault("Content-Language", translation.get_language() or "en")
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    store_answer(claim, StoredAnswer(response.status_code, response.content, headers), about=view.about, at=view.at)
    return response


def _written(response: Response) -> HttpResponse:
    """The bytes that are sent, so that a replay has the very same."""
    written = HttpResponse(to_json(response.data), status=response.status_code, content_type="application/json")
    for name, value in response.headers.items():
        if name != "Content-Type":
            written[name] = value
    return written
