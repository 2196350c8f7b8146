"""Calling the API in tests: as a client of a program, with a token."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any, cast

from allauth.idp.oidc.models import Client, Token
from django.http import HttpResponse
from django.test import Client as Browser

from core.models import ApiClient, Program
from core.rules.scopes import SCOPES


@dataclass
class Caller:
    """A client of a program; ``token`` may be exchanged for another one, or for none."""

    program: Program
    token: str | None
    client_id: str
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    def call(self, method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
        """Call an address under ``/api/v1/`` with a JSON body; header names with underscores."""
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return send(self.browser, method, path, body, {**token, **headers})

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: object, **headers: str) -> HttpResponse:
        """POST."""
        return self.call("POST", path, body, **headers)


def send(browser: Browser, method: str, path: str, body: object, headers: Mapping[str, str]) -> HttpResponse:
    """Send a JSON body to an address under ``/api/v1/``; header names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named.setdefault("Content-Type", "application/json")
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return cast(HttpResponse, browser.generic(method, f"/api/v1/{path}", data, content_type="", headers=named))


def make_caller(program: Program, *scopes: str, requests_per_second: int = 600) -> Caller:
    """A client with these scopes (all, if none is named) that has a token."""
    client = Client.objects.create(name="partner", secret="!")
    ApiClient.objects.create(client=client, program=program, name="partner", requests_per_second=requests_per_second)
    token = secrets.token_urlsafe(16)
    row = Token(type=Token.Type.ACCESS_TOKEN, client=client, hash=sha256(token.encode()).hexdigest())
    row.set_scopes(list(scopes or SCOPES))
    row.save()
    return Caller(program, token, client.pk)


def document(answer: HttpResponse) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.content)


def too_fast(ask: Callable[[], HttpResponse]) -> HttpResponse:
    """Ask until there is a second with one request too many: on a busy machine two may lie further apart than that."""
    for _time in range(100):
        answer = ask()
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            break
    return answer


def problem(answer: HttpResponse) -> tuple[int, str]:
    """Status and problem type of a refusal, which is in the form of RFC 9457."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = document(answer)
    assert body["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "instance"} <= body.keys()
    return answer.status_code, body["type"].removeprefix("/problems/")
