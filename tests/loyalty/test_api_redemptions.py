"""Redemptions over the API: partners' and members' own."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from loyalty.operations.erase import erase
from members.models import Member
from rewards.models import Redemption, RedemptionPolicy, Voucher
from rewards.models.codes import encrypted
from rewards.services.proofs import prove_vouchers
from tests.campaigns.world import World
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import App, make_app
from tests.rewards.catalogue import catalogue_world
from tests.rewards.redeeming import assert_proven, give, points, redeem, rich, shop, stock

pytestmark = pytest.mark.django_db
COFFEE = {"member": "ann", "reward": "coffee"}


@pytest.fixture
def world() -> World:
    return shop()


@pytest.fixture
def ann(world: World) -> Member:
    return rich(world)


def ask(caller: Caller | App, body: object, key: str = "k-1", path: str = "redemptions") -> HttpResponse:
    return caller.call("POST", path, body, Idempotency_Key=key)


def test_a_redemption_is_answered_with_its_vouchers_and_read_again(world: World, ann: Member) -> None:
    caller = make_caller(world.program)
    made = ask(caller, COFFEE | {"quantity": 2, "reference": "o-1"})
    body = document(made)
    assert made.status_code == 201, body
    row = Redemption.objects.get()
    shown = [{"state": v["state"], "reward": v["reward"], "expires": bool(v["expires_on"])} for v in body["vouchers"]]
    assert {key: value for key, value in body.items() if key not in {"vouchers", "at"}} == {
        "id": str(row.uuid), "reference": "o-1", "member": "ann", "reward": "coffee", "name": "Coffee", "quantity": 2,
        "points": 200, "state": "issued", "waits_for": None, "denomination": None, "currency": None,
        "cancelled_at": None,
    }  # fmt: skip
    assert shown == [{"state": "ready", "reward": "coffee", "expires": True}] * 2
    assert document(caller.get(f"redemptions/{row.uuid}")) == body
    entry = document(caller.get("members/ann/ledger?limit=1"))["items"][0]
    assert (entry["kind"], entry["amount"], entry["redemption"], entry["text"]) == (
        "spend", -200, str(row.uuid), "Coffee",
    )  # fmt: skip


def test_the_same_key_or_reference_redeems_once(world: World, ann: Member) -> None:
    caller = make_caller(world.program)
    body = COFFEE | {"reference": "o-1"}
    first, replay, again = ask(caller, body), ask(caller, body), ask(caller, body, "k-2")
    assert (first.status_code, replay.status_code, again.status_code) == (201, 201, 200)
    assert replay.headers["Idempotency-Replayed"] == "true"
    assert first.content == replay.content == again.content
    assert problem(ask(caller, COFFEE | {"quantity": 3})) == (422, "idempotency-key-reused")
    assert problem(ask(caller, body | {"quantity": 2}, "k-3")) == (409, "reference-used")
    assert problem(caller.post("redemptions", body)) == (400, "idempotency-key-missing")
    assert points(ann, timezone.now()) == 900


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("/member", "required"), ("/reward", "required")]),
        (COFFEE | {"a/b~c": "red"}, [("/a~1b~0c", "unknown")]),
        (COFFEE | {"member": "bob"}, [("/member", "unknown-member")]),
        (COFFEE | {"reward": "nothing"}, [("/reward", "unknown")]),
        (COFFEE | {"quantity": "2"}, [("/quantity", "invalid")]),
        (COFFEE | {"quantity": True}, [("/quantity", "invalid")]),
        (COFFEE | {"quantity": -1}, [("/quantity", "negative")]),
        (COFFEE | {"quantity": 0}, [("/quantity", "invalid")]),
        (COFFEE | {"denomination": 10}, [("/denomination", "invalid")]),
        (COFFEE | {"reward": "card", "denomination": "10.005"}, [("/denomination", "too-many-decimals")]),
        (COFFEE | {"reference": "x" * 101}, [("/reference", "too-long")]),
        (
            {"member": "\ud800", "reward": "a\0", "denomination": "\ud800", "reference": "\ud800"},
            [("/member", "invalid"), ("/reward", "invalid"), ("/denomination", "invalid"), ("/reference", "invalid")],
        ),
        (COFFEE | {"at": "yesterday"}, [("/at", "invalid")]),
        (COFFEE | {"at": "1899-12-31T23:59:59Z"}, [("/at", "invalid")]),
        (COFFEE | {"at": "2999-01-01T00:00:00Z"}, [("/at", "in-the-future")]),
        ([], [("", "invalid")]),
    ],
)
def test_wrong_values_are_named(world: World, ann: Member, body: object, errors: list[tuple[str, str]]) -> None:
    answer = ask(make_caller(world.program), body)
    assert problem(answer) == (422, "validation")
    assert [(e["pointer"], e["code"]) for e in document(answer)["errors"]] == errors
    assert Redemption.objects.count() == 0


def test_refusals_say_what_the_catalogue_says(world: World, ann: Member) -> None:
    caller = make_caller(world.program)
    why_more = {"tier-required": {"tiers": ["gold"]}, "out-of-stock": {}}
    for number, (code, expected) in enumerate({"lounge": "tier-required", "movie": "out-of-stock"}.items()):
        answer = ask(caller, COFFEE | {"reward": code}, f"k-{number}")
        assert problem(answer) == (409, expected)
        why = document(caller.get(f"rewards/{code}?member=ann"))["why_not"][0]
        assert (why["code"], why["detail"]) == (expected, document(answer)["member_message"])
        assert {name: document(answer)[name] for name in why if name not in {"code", "detail"}} == why_more[expected]
    short = ask(caller, COFFEE | {"quantity": 11}, "k-9")
    assert problem(short) == (409, "insufficient-points")
    assert (document(short)["member_message"], document(short)["missing_points"]) == ("You need 100 more points.", 100)
    assert points(ann, timezone.now()) == 1000


def test_what_is_refused_for_a_while_says_until_when(world: World) -> None:
    RedemptionPolicy.objects.update_or_create(program=world.program, defaults={"cooling_hours": 24})
    rich(world, email="ann@example.com")
    caller = make_caller(world.program)
    assert ask(caller, COFFEE | {"reward": "twice", "quantity": 2}).status_code == 201
    caller.call("PATCH", "members/ann", {"email": "mallory@example.com"})
    for number, (code, because) in enumerate({"coffee": "cooling", "twice": "cooling"}.items()):
        refused = document(ask(caller, COFFEE | {"reward": code}, f"c-{number}"))
        reasons = document(caller.get(f"rewards/{code}?member=ann"))["why_not"]
        assert (refused["because"], refused["until"]) == (because, reasons[0]["until"])
        assert datetime.fromisoformat(refused["until"]) > timezone.now() + timedelta(hours=23)
    assert (reasons[1]["code"], bool(reasons[1]["until"])) == ("limit-reached", True)
    RedemptionPolicy.objects.update(cooling_hours=0)
    limited = document(ask(caller, COFFEE | {"reward": "twice"}, "k-9"))
    assert (limited["type"], limited["until"]) == ("/problems/limit-reached", reasons[1]["until"])


def test_what_goes_to_a_phone_needs_a_number(world: World) -> None:
    rich(world, phone=None)
    caller = make_caller(world.program)
    refused = ask(caller, {"member": "ann", "reward": "top-up"})
    assert problem(refused) == (409, "not-available")
    assert document(refused)["because"] == "phone"
    listed = {item["code"]: item for item in document(caller.get("rewards?member=ann"))["items"]}
    assert [why["because"] for why in listed["top-up"]["why_not"]] == ["phone"]
    assert listed["coffee"]["available"]
    patched = caller.call("PATCH", "members/ann", {"phone": "+6591234567"})
    assert patched.status_code == 200
    assert document(caller.get("rewards/top-up?member=ann"))["available"]
    assert ask(caller, {"member": "ann", "reward": "top-up"}, "k-2").status_code == 202


def test_a_past_moment_needs_its_scope_and_counts_in_its_own_period(world: World, ann: Member) -> None:
    past = (timezone.now() - timedelta(days=40)).isoformat()
    body = {"member": "ann", "reward": "twice", "quantity": 2, "at": past}
    modest = make_caller(world.program, "redemptions:write")
    assert problem(ask(modest, body)) == (403, "insufficient-scope")
    trusted = make_caller(world.program, "redemptions:write", "history:write")
    assert ask(trusted, body).status_code == 201
    assert problem(ask(trusted, body, "k-2")) == (409, "limit-reached")
    assert ask(trusted, {key: value for key, value in body.items() if key != "at"}, "k-3").status_code == 201


def test_nobody_redeems_before_being_a_member(world: World, ann: Member) -> None:
    caller, joined = make_caller(world.program), timezone.now() - timedelta(days=10)
    Member.objects.filter(pk=ann.pk).update(enrolled_at=joined)
    early = ask(caller, COFFEE | {"at": (joined - timedelta(minutes=6)).isoformat(), "reference": "o-1"})
    assert problem(early) == (422, "validation")
    assert [(e["pointer"], e["code"]) for e in document(early)["errors"]] == [("/at", "invalid")]
    assert (Redemption.objects.count(), points(ann, timezone.now())) == (0, 1000)
    clocks_differ = COFFEE | {"at": (joined - timedelta(minutes=4)).isoformat(), "reference": "o-1"}
    assert ask(caller, clocks_differ, "k-2").status_code == 201


def test_what_an_outlet_voided_unused_is_given_back_once(world: World, ann: Member) -> None:
    caller = make_caller(world.program)
    made = document(ask(caller, COFFEE | {"quantity": 2}))
    code = made["vouchers"][0]["code"]
    voided = ask(caller, {"code": code, "outlet": "SG-ORCHARD"}, "v-1", "vouchers/void")
    assert document(voided)["state"] == "void"
    assert points(ann, timezone.now()) == 800
    path = f"redemptions/{made['id']}/cancel"
    for key in ("c-1", "c-2"):
        gone = document(ask(caller, None, key, path))
        assert (gone["state"], points(ann, timezone.now())) == ("cancelled", 1000)
    assert [voucher["state"] for voucher in gone["vouchers"]] == ["void", "void"]
    assert problem(ask(caller, {"code": code, "outlet": "SG-ORCHARD"}, "v-2", "vouchers/redeem"))[0] == 409
    assert_proven(world)
    assert all(one.ok for one in prove_vouchers(program=world.program, at=timezone.now()))


def test_what_an_erased_member_redeemed_is_read_without_the_member_and_the_codes(world: World, ann: Member) -> None:
    caller = make_caller(world.program)
    made = document(ask(caller, COFFEE | {"reward": "card", "denomination": "10.00", "reference": "ann-1"}))
    taken = {"code": made["vouchers"][0]["code"], "outlet": "SG-ORCHARD", "amount": "4.00"}
    ask(caller, taken, "v-1", "vouchers/redeem")
    erase(program=world.program, reference="ann", at=timezone.now())
    answer = caller.get(f"redemptions/{made['id']}")
    (voucher,) = made["vouchers"]
    assert document(answer) == made | {
        "member": None, "reference": None, "vouchers": [voucher | {"code": None, "state": "void", "left": "6.00"}],
    }  # fmt: skip
    assert "erased:" not in answer.content.decode()


def test_cancelling_gives_all_back_once(world: World, ann: Member) -> None:
    caller = make_caller(world.program)
    made = document(ask(caller, COFFEE))
    path = f"redemptions/{made['id']}/cancel"
    assert problem(caller.post(path, None)) == (400, "idempotency-key-missing")
    first, again = ask(caller, None, "c-1", path), ask(caller, None, "c-2", path)
    assert (first.status_code, document(first)["state"], points(ann, timezone.now())) == (200, "cancelled", 1000)
    assert document(again) == document(first)
    assert [voucher["state"] for voucher in document(first)["vouchers"]] == ["void"]
    used = document(ask(caller, COFFEE, "k-2"))
    Voucher.objects.filter(redemption__uuid=used["id"]).update(state="used", used_at=timezone.now())
    assert problem(ask(caller, None, "c-3", f"redemptions/{used['id']}/cancel")) == (409, "voucher-used")
    assert_proven(world)


def test_pending_ones_are_202_and_stored_value_is_shown(world: World, ann: Member) -> None:
    caller = make_caller(world.program)
    pending = ask(caller, COFFEE | {"reward": "top-up"})
    assert (pending.status_code, document(pending)["state"], document(pending)["waits_for"]) == (
        202, "pending", "supplier",
    )  # fmt: skip
    give(world, 1000)
    card = document(ask(caller, COFFEE | {"reward": "card", "denomination": "10.00"}, "k-2"))
    assert (card["denomination"], card["currency"]) == ("10.00", "SGD")
    (voucher,) = card["vouchers"]
    assert (voucher["value"], voucher["left"], voucher["currency"]) == ("10.00", "10.00", "SGD")


def test_members_redeem_in_their_app_and_see_their_own_alone(world: World, ann: Member) -> None:
    app = make_app(ann)
    made = ask(app, {"reward": "coffee"}, path="me/redemptions")
    body: dict[str, Any] = document(made)
    assert made.status_code == 201, body
    assert document(app.get("me/redemptions")) == {"items": [body], "next": None}
    assert document(app.get(f"me/redemptions/{body['id']}")) == body
    row = Redemption.objects.get()
    assert (row.channel, row.asked_by) == ("app", app.user)
    for key, extra in (("k-2", {"member": "ann"}), ("k-3", {"at": "2020-01-01T00:00:00Z"})):
        assert problem(ask(app, {"reward": "coffee", **extra}, key, "me/redemptions")) == (422, "validation")
    assert problem(app.call("POST", "me/redemptions", {"reward": "coffee"})) == (400, "idempotency-key-missing")
    other = redeem(world, rich(world, 500, "bob"), "coffee")
    assert problem(app.get(f"me/redemptions/{other.uuid}")) == (404, "not-found")


def test_members_cancel_their_own_in_the_app_as_in_the_portal(world: World, ann: Member) -> None:
    app, stranger = make_app(ann), make_app(rich(world, 500, "bob"))
    made = document(ask(app, {"reward": "coffee"}, path="me/redemptions"))
    path = f"me/redemptions/{made['id']}/cancel"
    assert problem(app.call("POST", path)) == (400, "idempotency-key-missing")
    assert problem(ask(stranger, None, path=path)) == (404, "not-found")
    gone = ask(app, None, "c-1", path)
    assert (gone.status_code, document(gone)["state"], document(gone)["vouchers"][0]["state"]) == (
        200, "cancelled", "void",
    )  # fmt: skip
    assert ask(app, None, "c-1", path).headers["Idempotency-Replayed"] == "true"
    assert document(ask(app, None, "c-2", path))["state"] == "cancelled"
    assert points(ann, timezone.now()) == 1000
    stock(world, "AAA")
    movie = redeem(world, ann, "movie")
    assert problem(ask(app, None, "c-3", f"me/redemptions/{movie.uuid}/cancel")) == (409, "not-available")
    assert_proven(world)


def test_what_is_ones_own_is_kept_by_nobody_on_the_way(world: World, ann: Member) -> None:
    app, caller = make_app(ann), make_caller(world.program)
    answers = [app.get("me/card"), app.get("me/vouchers"), app.get("me/rewards/nothing"), caller.get("members/ann")]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_a_code_of_a_partner_is_cancelled_by_systems_and_is_never_sold_again(world: World, ann: Member) -> None:
    stock(world, "AAA")
    made = redeem(world, ann, "movie")
    caller = make_caller(world.program)
    body = document(ask(caller, None, "c-1", f"redemptions/{made.uuid}/cancel"))
    assert (body["state"], body["vouchers"][0]["state"]) == ("cancelled", "void")
    assert points(ann, timezone.now()) == 1000
    assert problem(ask(caller, {"member": "ann", "reward": "movie"}, "k-2")) == (409, "out-of-stock")


def test_nothing_of_the_code_of_an_erased_member_is_told(world: World, ann: Member) -> None:
    stock(world, "GIFT-77")
    Voucher.objects.update(pin_cipher=encrypted("1602"))
    made, caller = redeem(world, ann, "movie"), make_caller(world.program)
    (voucher,) = document(caller.get(f"redemptions/{made.uuid}"))["vouchers"]
    assert (voucher["code"], voucher["pin"]) == ("GIFT-77", "1602")
    erase(program=world.program, reference="ann", at=timezone.now())
    (voucher,) = document(caller.get(f"redemptions/{made.uuid}"))["vouchers"]
    assert voucher["code"] is None
    assert "pin" not in voucher


def test_redemptions_of_other_programs_do_not_exist(world: World, ann: Member) -> None:
    stock(world, "AAA")
    made = redeem(world, ann, "movie")
    stranger = make_caller(catalogue_world(program={"code": "other"}).program)
    assert problem(stranger.get(f"redemptions/{made.uuid}")) == (404, "not-found")
    assert problem(ask(stranger, None, "c-1", f"redemptions/{made.uuid}/cancel")) == (404, "not-found")
    assert problem(make_caller(world.program).get("redemptions/nothing")) == (404, "not-found")
    made.refresh_from_db()
    assert made.state == "issued"
