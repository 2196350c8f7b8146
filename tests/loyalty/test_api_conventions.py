import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from threading import Barrier
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.core.management import CommandError, call_command
from django.core.signals import request_started
from django.db import close_old_connections, connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from core.models import ApiClient, IdempotentAnswer, Program
from core.services.idempotency import purge_answers
from loyalty.api.v1.tiers import TierView
from loyalty.wsgi import application
from members.models import Member
from tests.loyalty.api import Caller, document, make_caller, problem, too_fast
from tests.members.program import make_program

pytestmark = pytest.mark.django_db
MEMBER = {"external_id": "M-1", "market": "SG"}


@pytest.fixture
def program() -> Program:
    return make_program()


@pytest.fixture
def partner(program: Program) -> Caller:
    return make_caller(program)


# -- who calls ------------------------------------------------------------------------------------


def credentials(*scopes: str) -> dict[str, str]:
    out = StringIO()
    call_command("create_api_client", "demo", "till", "--scopes", " ".join(scopes), stdout=out)
    found: dict[str, str] = json.loads(out.getvalue())
    return found


def ask_token(found: dict[str, str], **more: str) -> Any:
    secret = b64encode(f"{found['client_id']}:{found['client_secret']}".encode()).decode()
    form = {"grant_type": "client_credentials", **more}
    return Client().post("/identity/o/api/token", form, headers={"Authorization": f"Basic {secret}"})


def test_a_client_gets_a_token_with_all_its_scopes_and_calls(program: Program) -> None:
    found = credentials("members:write", "members:read")
    token = ask_token(found).json()
    assert (token["token_type"], token["expires_in"], set(token["scope"].split())) == (
        "Bearer",
        3600,
        {"members:write", "members:read"},
    )
    caller = Caller(program, token["access_token"], found["client_id"])
    assert caller.post("members", MEMBER).status_code == 201
    assert problem(caller.get("events")) == (403, "insufficient-scope")


def test_a_token_may_have_fewer_scopes_and_never_more(program: Program) -> None:
    found = credentials("members:write", "members:read")
    assert ask_token(found, scope="members:read").json()["scope"] == "members:read"
    assert ask_token(found, scope="events:write").status_code == 400
    assert ask_token(found | {"client_secret": "wrong"}).status_code == 401


def test_a_client_is_created_for_a_known_program_and_known_scopes(program: Program) -> None:
    with pytest.raises(CommandError, match="There is no program none"):
        call_command("create_api_client", "none", "till", "--scopes", "events:read")
    with pytest.raises(CommandError, match="events:rite: known scopes are"):
        call_command("create_api_client", "demo", "till", "--scopes", "events:rite")
    assert ApiClient.objects.count() == 0


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic abc", "Bearer \xff\xfe"])
def test_no_token_no_answer(partner: Caller, header: str) -> None:
    refused = partner.get("members/M-1", Authorization=header)
    assert problem(refused) == (401, "unauthenticated")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_or_expired_token_stops_at_once(partner: Caller) -> None:
    assert problem(partner.get("members/M-1")) == (404, "not-found")
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert problem(partner.get("members/M-1")) == (401, "unauthenticated")
    Token.objects.update(expires_at=None)
    assert problem(partner.get("members/M-1")) == (404, "not-found")
    Token.objects.all().delete()
    assert problem(partner.get("members/M-1")) == (401, "unauthenticated")


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "nothing", "members/", "members/M-1/x", "members/a/b/c/d", "%00", "events/"])
@pytest.mark.parametrize("debug", [False, True])
def test_an_unknown_address_is_a_problem_and_no_page(partner: Caller, path: str, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        assert problem(partner.get(path)) == (404, "not-found")
        assert problem(partner.post(path, {})) == (404, "not-found")


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "BREW"])
def test_an_unknown_method_is_a_problem_that_names_the_known(partner: Caller, method: str) -> None:
    refused = partner.call(method, "members/M-1")
    assert problem(refused) == (405, "method-not-allowed")
    assert {"GET", "PATCH", "DELETE"} <= set(refused.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("text/html, */*;q=0.1", 404),
        ("application/problem+json", 404),
    ],
)
def test_answers_are_json_only(partner: Caller, accept: str, status: int) -> None:
    assert problem(partner.get("members/M-1", Accept=accept))[0] == status


@pytest.mark.parametrize(
    "media_type", ["text/plain", "", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "x"]
)
def test_bodies_are_json_only(partner: Caller, media_type: str) -> None:
    refused = partner.post("members", b"{}", Content_Type=media_type)
    assert problem(refused) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nope",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e999}',
        b'"\xff"',
        b'{"a": "\x00"}',
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b"1" * 5000,
        b'{"a":' * 33 + b"1" + b"}" * 33,
    ],
)
@pytest.mark.parametrize("path", ["members", "members/batch", "events", "events/batch"])
def test_what_is_no_json_is_malformed(partner: Caller, path: str, body: bytes) -> None:
    assert problem(partner.post(path, body)) == (400, "malformed")


@pytest.mark.parametrize(
    "body",
    [{"name": "a\0b"}, {"a\0": 1}, {"attributes": {"visits": 10**400}}, {"attributes": {"visits": 10**18 * 99}}],
)
def test_values_that_cannot_be_stored_are_named(partner: Caller, body: dict[str, object]) -> None:
    assert problem(partner.post("members", MEMBER | body)) == (422, "validation")


def test_more_than_ten_megabytes_or_five_thousand_items_are_too_large(partner: Caller) -> None:
    assert problem(partner.post("members", b'"' + b"x" * 10 * 1024 * 1024 + b'"')) == (413, "too-large")
    for path in ("members/batch", "events/batch"):
        assert problem(partner.post(path, [0] * 5001)) == (413, "too-large")
    assert problem(partner.call("PUT", "segments/vip/members", ["M"] * 5001)) == (413, "too-large")


@pytest.mark.parametrize("path", ["members/batch", "events/batch"])
@pytest.mark.parametrize("body", [{}, {"items": []}, {"members": 7, "events": 7}, 7, "x"])
def test_a_batch_is_a_list(partner: Caller, path: str, body: object) -> None:
    assert problem(partner.post(path, body)) == (422, "validation")


@pytest.mark.parametrize("path", ["members/batch", "events/batch"])
def test_an_empty_batch_has_no_results(partner: Caller, path: str) -> None:
    assert document(partner.post(path, [])) == {"results": []}


def test_a_fault_of_ours_is_a_problem_without_details(partner: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> HttpResponse:
        msg = "secret detail"
        raise RuntimeError(msg)

    monkeypatch.setattr(TierView, "get", fail)
    for debug in (False, True):
        with override_settings(DEBUG=debug):
            refused = partner.get("members/M-1/tier")
        assert problem(refused) == (500, "internal-error")
        assert b"secret" not in refused.content


@override_settings(ALLOWED_HOSTS=["loyalty.example"])
def test_what_django_refuses_by_itself_is_a_problem_too(partner: Caller) -> None:
    assert problem(partner.get("members/M-1", Host="evil.example")) == (400, "malformed")


# -- ids, languages, pace -------------------------------------------------------------------------


def test_every_answer_carries_a_request_id(partner: Caller, caplog: pytest.LogCaptureFixture) -> None:
    assert partner.get("members/M-1", X_Request_Id="trace-7").headers["X-Request-Id"] == "trace-7"
    assert {record.msg["request_id"] for record in caplog.records if isinstance(record.msg, dict)} == {"trace-7"}
    made = partner.get("nothing", X_Request_Id="no good\u00e9").headers["X-Request-Id"]
    assert len(made) == 32
    assert partner.get("nothing").headers["X-Request-Id"] != made


def test_no_external_id_of_a_member_reaches_the_log(
    partner: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.post("members", {"external_id": "M-SECRET", "market": "SG"})
    partner.get("members/M-SECRET")
    partner.get("members/M-SECRET/tier", Authorization="none")
    partner.call("DELETE", "members/M-SECRET")
    partner.get("members/M-SECRET")
    monkeypatch.setattr(TierView, "get", lambda *_, **__: 1 / 0)
    assert partner.get("members/M-SECRET/tier").status_code == 500
    assert "M-SECRET" not in caplog.text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("fr", "en"), ("id", "id"), ("ID-id, en;q=0.5", "id"), ("*", "en"), ("th;q=1, id;q=0.2", "id")],
)
def test_the_language_is_one_that_caller_and_program_speak(partner: Caller, accepted: str, language: str) -> None:
    assert partner.get("members/M-1", Accept_Language=accepted).headers["Content-Language"] == language


def test_every_answer_says_what_is_left_of_the_pace(program: Program) -> None:
    partner = make_caller(program, requests_per_second=50)
    usual = make_caller(program).get("members/M-1")
    assert usual.headers["RateLimit"] == '"client";r=599;t=1'
    first, second = partner.get("members/M-1"), partner.get("nothing/at/all/here")
    assert first.headers["RateLimit-Policy"] == '"client";q=50;w=1'
    assert first.headers["RateLimit"] == '"client";r=49;t=1'
    assert "RateLimit" in second.headers
    refused = partner.get("members/M-1", Authorization="Bearer nobody")
    assert {"RateLimit", "RateLimit-Policy"} <= refused.headers.keys()


def test_who_asks_too_fast_waits(program: Program) -> None:
    slow, other = make_caller(program, requests_per_second=1), make_caller(program)
    assert problem(slow.get("members/M-1")) == (404, "not-found")
    refused = too_fast(lambda: slow.get("members/M-1"))
    assert problem(refused) == (429, "rate-limited")
    assert (refused.headers["Retry-After"], refused.headers["RateLimit"]) == ("1", '"client";r=0;t=1')
    assert problem(other.get("members/M-1")) == (404, "not-found")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_requestpace SET full_at = full_at - interval '1 second'")
    assert problem(slow.get("members/M-1")) == (404, "not-found")


# -- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["0", "201", "x", "-1", "", "1.5", "٣", "9" * 5000])
def test_a_limit_is_a_number_up_to_two_hundred(partner: Caller, limit: str) -> None:
    assert problem(partner.get(f"events?limit={limit}")) == (400, "malformed")


@pytest.mark.parametrize("cursor", ["", "x", "1", "MQ.x", "%00", "a.b.c"])
def test_an_unknown_cursor_is_malformed(partner: Caller, cursor: str) -> None:
    assert problem(partner.get(f"events?cursor={cursor}")) == (400, "malformed")


# -- the same request twice -----------------------------------------------------------------------


def test_a_repeated_request_gets_the_very_same_answer(partner: Caller) -> None:
    first = partner.post("members", MEMBER, Idempotency_Key="k-1")
    again = partner.post("members", MEMBER, Idempotency_Key="k-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    kept = ("Location", "ETag", "Content-Type", "Content-Language")
    assert [again.headers[name] for name in kept] == [first.headers[name] for name in kept]
    assert (again.headers["Idempotency-Replayed"], "Idempotency-Replayed" in first.headers) == ("true", False)
    assert Member.objects.count() == 1


def test_a_refusal_is_repeated_even_when_it_would_not_be_refused_now(partner: Caller) -> None:
    partner.post("members", MEMBER)
    refused = partner.post("members", MEMBER, Idempotency_Key="k-1")
    partner.call("PATCH", "members/M-1", {"name": "A"})
    Member.objects.update(external_id="M-2")
    again = partner.post("members", MEMBER, Idempotency_Key="k-1")
    assert problem(again) == (409, "duplicate-member")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (refused.content, "true")


def test_a_key_stands_for_one_content_of_one_client(partner: Caller, program: Program) -> None:
    partner.post("members", MEMBER, Idempotency_Key="k-1")
    other = partner.post("members", MEMBER | {"name": "B"}, Idempotency_Key="k-1")
    assert problem(other) == (422, "idempotency-key-reused")
    assert problem(partner.post("members/batch", [MEMBER], Idempotency_Key="k-1")) == (422, "idempotency-key-reused")
    stranger = make_caller(program).post("members", MEMBER | {"external_id": "M-2"}, Idempotency_Key="k-1")
    assert stranger.status_code == 201


def test_a_batch_is_one_key(partner: Caller) -> None:
    first = partner.post("members/batch", [MEMBER, {}], Idempotency_Key="k-1")
    again = partner.post("members/batch", [MEMBER, {}], Idempotency_Key="k-1")
    assert again.content == first.content
    assert document(again)["results"][0]["status"] == "created"


def test_a_fault_is_not_kept(partner: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> str:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("loyalty.api.v1.members.enrol_member", fail)
        assert problem(partner.post("members", MEMBER, Idempotency_Key="k-1")) == (500, "internal-error")
    again = partner.post("members", MEMBER, Idempotency_Key="k-1")
    assert (again.status_code, "Idempotency-Replayed" in again.headers) == (201, False)


@pytest.mark.parametrize("key", ["", "x" * 256, "\u00e9"])
def test_a_key_is_a_short_plain_text(partner: Caller, key: str) -> None:
    assert problem(partner.post("members", MEMBER, Idempotency_Key=key)) == (400, "malformed")
    assert Member.objects.count() == 0


def test_answers_are_kept_seven_days(partner: Caller) -> None:
    partner.post("members", MEMBER, Idempotency_Key="k-1")
    kept = IdempotentAnswer.objects.get().created_at
    assert purge_answers(at=kept + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert purge_answers(at=kept + timedelta(days=7)) == 1
    assert partner.post("members", MEMBER | {"name": "B"}, Idempotency_Key="k-1").status_code == 409


def test_an_old_answer_that_was_not_purged_yet_gives_way(partner: Caller) -> None:
    partner.post("members", MEMBER, Idempotency_Key="k-1")
    IdempotentAnswer.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert partner.post("members", MEMBER | {"external_id": "M-2"}, Idempotency_Key="k-1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_the_same_time_is_carried_out_once() -> None:
    partner = make_caller(make_program())
    results = at_once(8, lambda: partner.post("members", MEMBER, Idempotency_Key="k-1"))
    assert {result.status_code for result in results} <= {201, 409}
    assert all(problem(result) == (409, "in-flight") for result in results if result.status_code == 409)
    done = [result for result in results if result.status_code == 201]
    assert len({result.content for result in done}) == 1
    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_member_enrolled_at_the_same_time_is_enrolled_once() -> None:
    partner = make_caller(make_program())
    results = at_once(6, lambda: partner.post("members", MEMBER))
    assert sorted(result.status_code for result in results) == [201, 409, 409, 409, 409, 409]


def at_once(count: int, call: Callable[[], HttpResponse]) -> list[HttpResponse]:
    """Call from so many threads, all let go at the same moment."""
    gate = Barrier(count)

    def run() -> HttpResponse:
        try:
            gate.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


@pytest.mark.parametrize(("size", "status"), [(1, "201"), (10 * 1024 * 1024, "413")])
def test_a_body_may_come_in_chunks_without_a_length(partner: Caller, size: int, status: str) -> None:
    body = json.dumps(MEMBER | {"name": "x" * size}).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/members",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": "application/json",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "HTTP_AUTHORIZATION": f"Bearer {partner.token}",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.url_scheme": "http",
    }
    began: list[str] = []
    with keeping_the_transaction():
        list(application(environ, lambda status, _headers, _error=None: began.append(status)))
    assert began[0][:3] == status


@contextmanager
def keeping_the_transaction() -> Iterator[None]:
    """Outside of Django's test client the end of a request would end the test's transaction."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
