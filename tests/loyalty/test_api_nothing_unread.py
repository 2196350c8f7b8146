"""Nothing that a caller sends is passed over: bodies that nobody reads, keys said twice, nonsense in filters."""

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone

from core.models import Program
from loyalty.api.v1.acting import PersonView
from loyalty.api.v1.base import JsonView
from loyalty.api.v1.urls import urlpatterns
from members.models import Member
from rewards.models import Redemption
from tests.campaigns.world import everyday, make_world
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import App, make_app
from tests.loyalty.test_api_contract import description
from tests.members.program import make_program
from tests.rewards.redeeming import points, redeem, rich, shop

pytestmark = pytest.mark.django_db
UNREAD = [{"pointer": "/quantity", "code": "unknown", "detail": "leave this out"}]


@pytest.fixture
def program() -> Program:
    return make_program()


@pytest.fixture
def partner(program: Program) -> Caller:
    return make_caller(program)


@pytest.fixture
def app() -> App:
    world = make_world(everyday(), program={"code": "second"})
    return make_app(world.member())


def bodiless() -> Iterator[tuple[str, str, bool]]:
    """Every (method, address, whether it is a member's) that changes something and takes no body."""
    for pattern in urlpatterns:
        view = getattr(pattern.callback, "view_class", None)
        for method in ("post", "put", "patch", "delete"):
            handler = getattr(view, method, None) if view and issubclass(view, JsonView) else None
            if view and handler and not handler.takes_body:
                yield method.upper(), re.sub(r"<str:\w+>", "1", str(pattern.pattern)), issubclass(view, PersonView)


def test_there_are_calls_without_a_body() -> None:
    assert {("DELETE", "members/1", False), ("POST", "redemptions/1/cancel", False)} < set(bodiless())
    assert len(set(bodiless())) == 7


@pytest.mark.parametrize(("method", "path", "own"), list(bodiless()))
def test_what_a_call_does_not_read_is_refused(partner: Caller, app: App, method: str, path: str, own: bool) -> None:
    caller = app if own else partner
    refused = caller.call(method, path, {"quantity": 1}, Idempotency_Key="k-1")
    assert (*problem(refused), document(refused)["errors"]) == (422, "validation", UNREAD)
    assert problem(caller.call(method, path, [], Idempotency_Key="k-2")) == (422, "validation")
    assert problem(caller.call(method, path, b"{not json", Idempotency_Key="k-3")) == (400, "malformed")
    nothings: list[object] = [None, {}, b" "]
    for number, nothing in enumerate(nothings):
        assert problem(caller.call(method, path, nothing, Idempotency_Key=f"n-{number}"))[0] == 404


def test_a_part_of_a_redemption_is_not_cancelled() -> None:
    world = shop()
    ann = rich(world)
    made = redeem(world, ann, "coffee", quantity=2)
    caller = make_caller(world.program)
    for body in ({"quantity": 1}, b"{not json"):
        assert caller.post(f"redemptions/{made.uuid}/cancel", body, Idempotency_Key="k-1").status_code in {400, 422}
    assert (Redemption.objects.get().state, points(ann, timezone.now())) == ("issued", 800)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("members", b'{"external_id": "M-1", "market": "SG", "external_id": "M-2"}'),
        ("members", b'{"external_id": "M-1", "market": "SG", "consents": {"marketing": false, "marketing": true}}'),
        ("members/batch", b'[{"external_id": "M-1", "market": "SG", "market": "SG"}]'),
        ("events", b'{"type": "a", "type": "b"}'),
        ("events/batch", b'{"events": [], "events": []}'),
        ("vouchers/validate", b'{"code": "A", "code": "B"}'),
    ],
)
def test_a_key_that_is_said_twice_is_malformed(partner: Caller, path: str, body: bytes) -> None:
    refused = partner.post(path, body)
    assert problem(refused) == (400, "malformed")
    assert re.fullmatch(r'An object has the key "\w+" twice', document(refused)["detail"])
    assert Member.objects.count() == 0


def test_a_member_says_a_key_once_as_well(app: App) -> None:
    body = b'{"profiling": false, "profiling": true}'
    assert problem(app.call("PATCH", "me/consents", body)) == (400, "malformed")
    assert document(app.get("me/consents"))["profiling"] is False


def filters() -> Iterator[tuple[str, str]]:
    """Every (address, parameter of its query) that is read without an object in the path; reports by name."""
    for path, operations in description()["paths"].items():
        address = path.removeprefix("/api/v1/").replace("reports/{name}", "reports/budgets")
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query" and "{" not in address:
                yield address, parameter["name"]


@pytest.mark.parametrize(("path", "name"), list(filters()))
def test_a_filter_with_a_nul_is_not_passed_over(partner: Caller, app: App, path: str, name: str) -> None:
    others = "source=a&id=b&" if path == "events/one" else ""
    for nonsense in ("%00", "food%00", "1%00"):
        caller = app if path.startswith("me") else partner
        assert problem(caller.get(f"{path}?{others}{name}={nonsense}"))[0] in {400, 404, 422}, nonsense


@pytest.mark.parametrize("name", ["category", "brand", "kind", "q", "market", "member"])
def test_a_nul_in_a_filter_is_named(partner: Caller, name: str) -> None:
    refused = partner.get(f"rewards?{name}=a&{name}=food%00")
    said = {"pointer": f"/{name}", "code": "invalid", "detail": "the text holds a NUL or half a character"}
    assert (*problem(refused), document(refused)["errors"]) == (422, "validation", [said])


@pytest.mark.parametrize("accepted", ["id;q=0", "id;q=0.0", "th, id;q=0"])
def test_a_language_of_weight_nought_is_not_spoken(partner: Caller, accepted: str) -> None:
    assert partner.get("members/M-1", Accept_Language=accepted).headers["Content-Language"] == "en"


@pytest.mark.parametrize("name", [".", "..", "batch"])
def test_a_member_that_could_not_be_read_is_not_enrolled(partner: Caller, name: str) -> None:
    refused = partner.post("members", {"external_id": name, "market": "SG"})
    assert (*problem(refused), document(refused)["errors"][0]["pointer"]) == (422, "validation", "/external_id")
    assert document(partner.post("members/batch", [{"external_id": name, "market": "SG"}]))["results"][0]["problem"]
    assert Member.objects.count() == 0


def test_a_member_whose_name_begins_like_an_address_is_read(partner: Caller) -> None:
    for name in ("batch-1", "...", ".x", "Batch"):
        assert partner.post("members", {"external_id": name, "market": "SG"}).status_code == 201
        assert partner.get(f"members/{name}").status_code == 200
