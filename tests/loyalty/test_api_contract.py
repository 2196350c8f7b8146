"""Contracts over the map of addresses: every call × token × scope × program, and nothing undocumented."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from ruamel.yaml import YAML

import loyalty.api.refusals  # noqa: F401  # its refusals are among Refusal's subclasses
from core.models import Program
from core.refusals import Refusal
from core.rules.scopes import SCOPES
from loyalty.api.problems import PROBLEMS
from loyalty.api.v1.base import ApiView, JsonView
from loyalty.api.v1.urls import urlpatterns
from members.models import Member
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import App, make_app
from tests.members.program import make_program

ROOT = Path(__file__).parent.parent.parent
METHODS = ("get", "post", "put", "patch", "delete")


def calls() -> Iterator[tuple[str, str, type[ApiView]]]:
    """Every (method, address, view) of version 1 that asks for a token."""
    for pattern in urlpatterns:
        view = getattr(pattern.callback, "view_class", None)
        if view and issubclass(view, ApiView):
            for method in METHODS:
                if hasattr(view, method):
                    yield method.upper(), re.sub(r"<str:(\w+)>", r"{\1}", str(pattern.pattern)), view


CALLS = list(calls())
NAMES = [f"{method} {path}" for method, path, _ in CALLS]


def documented_scopes() -> dict[str, str]:
    """The table of docs/security.md: scope by call."""
    rows = re.findall(r"^\| `(\w+) /([^`]+)` \| `([^`]+)` \|$", (ROOT / "docs/security.md").read_text(), re.MULTILINE)
    return {f"{method} {path}": scope for method, path, scope in rows}


def description() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((ROOT / "docs/openapi.yaml").read_text())
    return loaded


@pytest.fixture
def program() -> Program:
    return make_program()


def test_there_are_addresses_to_test() -> None:
    assert len(CALLS) >= 14


def test_the_matrix_of_scopes_is_the_documented_one() -> None:
    assert {f"{method} {path}": view.scopes.get(method) for method, path, view in CALLS} == documented_scopes()
    assert set(documented_scopes().values()) <= set(SCOPES)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "view"), CALLS, ids=NAMES)
def test_no_call_without_a_token(program: Program, method: str, path: str, view: type[ApiView]) -> None:
    caller = make_caller(program)
    caller.token = None
    assert problem(
        caller.call(method, path.format(member="M-1", code="vip", id="1", name="none", simulation="1"), {})
    ) == (401, "unauthenticated")


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "view"), CALLS, ids=NAMES)
def test_no_call_without_its_scope(program: Program, method: str, path: str, view: type[ApiView]) -> None:
    caller = make_caller(program, *(set(SCOPES) - {view.scopes[method]}))
    refused = caller.call(method, path.format(member="M-1", code="vip", id="1", name="none", simulation="1"), {})
    assert problem(refused) == (403, "insufficient-scope")
    assert view.scopes[method] in document(refused)["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "view"), CALLS, ids=NAMES)
def test_its_scope_alone_is_enough(program: Program, method: str, path: str, view: type[ApiView]) -> None:
    caller = make_caller(program, view.scopes[method])
    answer = caller.call(
        method,
        path.format(member="M-1", code="vip", id="1", name="none", simulation="1"),
        {} if method in {"POST", "PUT", "PATCH"} else None,
    )
    assert answer.status_code not in {401, 403, 405, 406, 415, 500}


OBJECTS = [call for call in CALLS if "{" in call[1]]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "view"), OBJECTS, ids=[f"{m} {p}" for m, p, _ in OBJECTS])
def test_what_is_another_programs_does_not_exist(program: Program, method: str, path: str, view: type[ApiView]) -> None:
    owner, stranger = make_caller(program), make_caller(make_program("other"))
    owner.post("members", {"external_id": "M-1", "market": "SG"})
    uuid = document(owner.get("members/M-1"))["uuid"]
    stranger.program.segments.all().delete()
    body = {"PATCH": {"name": "X"}, "PUT": []}.get(method)
    for member in ("M-1", f"uuid:{uuid}"):
        where = path.format(member=member, code="vip", id="1", name="none", simulation="1")
        refused = stranger.call(method, where, body, Idempotency_Key=member)
        assert problem(refused) == (404, "not-found")
    assert document(owner.get("members/M-1"))["name"] is None


@pytest.mark.django_db
def test_events_of_another_program_are_not_listed(program: Program) -> None:
    owner, stranger = make_caller(program), make_caller(make_program("other"))
    owner.post("members", {"external_id": "M-1", "market": "SG"})
    assert problem(stranger.get("events?member=M-1")) == (404, "not-found")
    assert document(stranger.get("events")) == {"items": [], "next": None}


# -- sent twice -----------------------------------------------------------------------------------

NAMED_OTHERWISE = {"events", "events/batch"}  # an event's source and id are its key
DEMANDING = {
    "offers", "offers/batch", "redemptions", "redemptions/{id}/cancel", "vouchers/redeem", "vouchers/void",
    "me/redemptions", "me/redemptions/{id}/cancel",
}  # fmt: skip
SHARED = {"GET rewards", "GET rewards/{code}"}  # partners' addresses that members' apps read as well
POSTS: dict[str, type[JsonView]] = {
    re.sub(r"<str:(\w+)>", r"{\1}", str(pattern.pattern)): view
    for pattern in urlpatterns
    if (view := getattr(pattern.callback, "view_class", None)) and hasattr(view, "post")
}


def test_members_post_too() -> None:
    assert {"me/redemptions", "me/offers/{id}/seen", "me/offers/{id}/activate"} <= POSTS.keys()
    assert POSTS.keys() >= NAMED_OTHERWISE | DEMANDING


@pytest.mark.django_db
@pytest.mark.parametrize("path", POSTS)
def test_every_post_reads_an_idempotency_key_and_says_so(program: Program, path: str) -> None:
    partner = make_caller(program)
    caller: Caller | App = partner
    if not issubclass(POSTS[path], ApiView):
        partner.post("members", {"external_id": "M-1", "market": "SG"})
        caller = make_app(Member.objects.get())
    address = path.format(id="1")
    too_long = document(caller.call("POST", address, {}, Idempotency_Key="x" * 256))
    assert too_long["detail"].startswith("An Idempotency-Key has") == (path not in NAMED_OTHERWISE)
    assert (problem(caller.call("POST", address, {})) == (400, "idempotency-key-missing")) == (path in DEMANDING)
    named = {one["name"] for one in description()["paths"][f"/api/v1/{path}"]["post"]["parameters"]}
    assert ("Idempotency-Key" in named) == (path not in NAMED_OTHERWISE)


# -- refusals -------------------------------------------------------------------------------------


def every_refusal(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for each in base.__subclasses__():
        yield each
        yield from every_refusal(each)


def test_every_refusal_is_a_documented_problem_type() -> None:
    refusals = {refusal.code for refusal in every_refusal()}
    assert refusals <= PROBLEMS.keys()
    described = description()["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert described == [f"/problems/{name}" for name in PROBLEMS]


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_type_has_a_page(name: str) -> None:
    page = Client().get(f"/problems/{name}")
    assert (page.status_code, page.json()["status"]) == (200, PROBLEMS[name].status)
    assert Client().get("/problems/none").status_code == 404


def test_the_description_covers_every_call_with_its_scope() -> None:
    operations = {
        f"{method.upper()} {path.removeprefix('/api/v1/')}": operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    }
    assert {name for name, operation in operations.items() if len(operation["security"]) > 1} == SHARED
    assert {"session": []} in operations["GET rewards"]["security"]
    security = {name: operation["security"][-1] for name, operation in operations.items()}
    scopes = {name: needed["client"][0] for name, needed in security.items() if "client" in needed}
    assert scopes == documented_scopes()
    members = {name for name in operations if name.split()[1].partition("/")[0] == "me"}
    assert {name: security[name] for name in security.keys() - scopes.keys()} == {n: {"session": []} for n in members}
    for name, operation in operations.items():
        always = {"401", "406", "429", "500", "503"} | ({"403"} if name in scopes else set())
        assert always <= operation["responses"].keys()


@pytest.mark.django_db
def test_description_and_its_page_are_served_without_other_sites(program: Program) -> None:
    schema = Client().get("/api/v1/schema/")
    assert (schema.status_code, b"openapi: 3.1.0" in schema.content) == (200, True)
    page = Client().get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"<script>" not in page.content
    assert b"//cdn" not in page.content
    assert Client().get("/api/v1/docs/?script=").status_code == 200
