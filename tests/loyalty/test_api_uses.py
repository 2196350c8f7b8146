"""Outlets over the API: repeated requests, guessing, what the problems say; and the member card of an app."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import ApiClient
from loyalty.operations.my_data import my_data
from members.services.cards import read_card
from rewards.models import CodeMiss, Reward, Voucher, VoucherUse
from rewards.services.misses import MOST, note_miss, refuse_guessing
from rewards.services.stock import stock_codes
from tests.campaigns.world import World
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import make_app
from tests.loyalty.people import office_client
from tests.rewards.pieces import code_of, outlet_world, piece

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return outlet_world()


@pytest.fixture
def till(world: World) -> Caller:
    return make_caller(world.program, "vouchers:write")


def ask(till: Caller, verb: str, code: str, key: str = "k", **more: Any) -> Any:
    return till.post(f"vouchers/{verb}", {"code": code, "outlet": "ORCHARD", **more}, Idempotency_Key=key)


def test_a_voucher_is_validated_redeemed_and_told_to_be_used(world: World, till: Caller) -> None:
    voucher = piece(world)
    code = code_of(voucher)
    good = document(till.post("vouchers/validate", {"code": code.lower(), "outlet": "ORCHARD"}))
    assert good == {
        "id": str(voucher.uuid), "code": code, "reward": "coffee", "name": "Coffee", "state": "ready",
        "expires_on": None, "used": None, "use": None,
    }  # fmt: skip
    answer = ask(till, "redeem", code)
    use = VoucherUse.objects.get()
    at = document(answer)["used"]["at"]
    assert answer.status_code == 200
    assert document(answer) == good | {
        "state": "used", "used": {"at": at, "outlet": "ORCHARD"},
        "use": {
            "id": str(use.uuid), "kind": "redeem", "at": at, "outlet": "ORCHARD", "amount": None, "currency": None,
            "undo_until": (use.at + timedelta(minutes=5)).isoformat().replace("+00:00", "Z"),
        },
    }  # fmt: skip
    again = ask(till, "redeem", code)
    assert (again.content, again.headers["Idempotency-Replayed"]) == (answer.content, "true")
    second = ask(till, "redeem", code, "other")
    assert problem(second) == (409, "voucher-used")
    assert document(second)["used"] == {"at": at, "outlet": "ORCHARD"}
    assert "at Orchard." in document(second)["member_message"]
    assert document(ask(till, "void", code, "undo"))["use"]["kind"] == "undo"
    assert document(make_caller(world.program).get("members/ann/vouchers"))["items"][0]["state"] == "ready"


def test_stored_value_is_shown_as_decimal_strings(world: World, till: Caller) -> None:
    card = piece(world, "card", value=1000)
    taken = document(ask(till, "redeem", code_of(card), amount="4.00"))
    assert (taken["value"], taken["left"], taken["currency"], taken["state"]) == ("10.00", "6.00", "SGD", "ready")
    assert (taken["use"]["amount"], taken["use"]["currency"]) == ("4.00", "SGD")
    refused = ask(till, "redeem", code_of(card), "more", amount="7.00")
    assert problem(refused) == (422, "validation")
    assert (document(refused)["left"], document(refused)["errors"][0]["pointer"]) == ("6.00", "/amount")


def test_redeem_and_void_ask_for_a_key_and_validate_does_not(world: World, till: Caller) -> None:
    body = {"code": code_of(piece(world)), "outlet": "ORCHARD"}
    for verb in ("redeem", "void"):
        assert problem(till.post(f"vouchers/{verb}", body)) == (400, "idempotency-key-missing")
    assert till.post("vouchers/validate", body).status_code == 200
    assert Voucher.objects.get().state == "ready"


def test_a_validation_is_repeated_under_its_key(world: World, till: Caller) -> None:
    first = ask(till, "validate", code_of(piece(world)), "v-1")
    Voucher.objects.update(state="void", voided_at=timezone.now())
    again = ask(till, "validate", document(first)["code"], "v-1")
    assert (again.content, again.headers.get("Idempotency-Replayed")) == (first.content, "true")
    assert problem(ask(till, "validate", "another", "v-1")) == (422, "idempotency-key-reused")
    assert problem(ask(till, "validate", document(first)["code"], "v-2"))[0] == 409


def test_foreign_and_unknown_codes_are_answered_alike(world: World, till: Caller) -> None:
    other = outlet_world(code="other")
    foreign, unknown = (ask(till, "redeem", code, code) for code in (code_of(piece(other)), "0000000000000"))
    assert problem(foreign) == problem(unknown) == (404, "not-found")
    assert foreign.content == unknown.content


def test_whoever_misses_twenty_times_waits_whatever_was_found_between(world: World, till: Caller) -> None:
    code = code_of(piece(world))
    for number in range(MOST):
        verb = ("validate", "redeem", "void")[number % 3]
        assert problem(ask(till, verb, f"guess-{number}", f"g{number}")) == (404, "not-found")
        if number == MOST // 2:
            assert ask(till, "validate", code).status_code == 200
            assert problem(ask(till, "redeem", "guess-1", "g1")) == (404, "not-found")  # a repetition
    refused = ask(till, "redeem", code, "good")
    assert problem(refused) == (429, "rate-limited")
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    assert problem(ask(till, "validate", code)) == (429, "rate-limited")
    assert ask(make_caller(world.program, "vouchers:write"), "validate", code).status_code == 200
    CodeMiss.objects.update(at=timezone.now() - timedelta(hours=1))
    assert ask(till, "redeem", code, "good").status_code == 200  # the refusal was not kept under the key


def test_a_repeated_miss_is_one_and_old_ones_go(world: World, till: Caller) -> None:
    for _time in range(3):
        ask(till, "redeem", "guess", "same")
    assert CodeMiss.objects.count() == 1
    now = timezone.now()
    CodeMiss.objects.update(at=now - timedelta(hours=2))
    note_miss(who=f"client:{till.client_id}", at=now)
    assert CodeMiss.objects.count() == 1
    refuse_guessing(who=f"client:{till.client_id}", at=now)


def test_wrong_outlets_and_amounts_are_no_misses(world: World, till: Caller) -> None:
    code = code_of(piece(world))
    assert problem(ask(till, "redeem", code, outlet="X")) == (422, "validation")
    wrong = {"5.000": "too-many-decimals", "05.00": "invalid", "-5": "negative", "9" * 18: "invalid"}
    for number, (amount, kind) in enumerate(wrong.items()):
        errors = document(ask(till, "validate", code, f"v-{number}", amount=amount))["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [("/amount", kind)]
    assert problem(ask(till, "redeem", code, "b", amount=5)) == (422, "validation")
    assert not CodeMiss.objects.exists()


def test_redeeming_takes_the_same_queries_among_many(world: World, till: Caller) -> None:
    counts = []
    for number in range(3):
        vouchers = [piece(world, "card", value=1000) for _one in range(3 * number + 1)]
        ask(till, "redeem", code_of(vouchers[0]), f"a{number}", amount="1.00")
        with CaptureQueriesContext(connection) as captured:
            assert ask(till, "redeem", code_of(vouchers[0]), f"b{number}", amount="1.00").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 23


def test_the_office_shows_who_took_what_and_only_the_end_of_the_code(world: World, till: Caller) -> None:
    card = piece(world, "card", value=1000)
    ask(till, "redeem", code_of(card), amount="4.00")
    ask(till, "void", code_of(card), "undo")
    ask(till, "redeem", code_of(card), "again", amount="2.50", outlet="BEDOK")
    answer = office_client().get(f"/office/rewards/voucher/{card.pk}/change/")
    page = answer.content.decode().replace("\xa0", " ")
    lines = re.findall(r"[^<>\n]*Typed", page)
    assert [line.split(" · ")[1:] for line in lines] == [
        ["Bedok Fuel", "SGD 2.50", "Typed"],
        ["Orchard", "SGD 4.00", "Undone", "Typed"],
        ["Orchard", "SGD 4.00", "Typed"],
    ]
    assert "SGD 7.50 of SGD 10.00" in page
    assert code_of(card) not in page


def test_the_office_shows_which_outlet_and_client_took_a_voucher_out_of_use(world: World, till: Caller) -> None:
    voucher = piece(world)
    ask(till, "void", code_of(voucher))
    client = ApiClient.objects.get(program=world.program)
    page = office_client().get(f"/office/rewards/voucher/{voucher.pk}/change/").content.decode()
    assert f"Orchard · Void · Typed · {client.client_id}" in page


def test_members_take_along_where_their_vouchers_were_used(world: World, till: Caller) -> None:
    ask(till, "redeem", code_of(piece(world, "card", value=1000)), amount="4.00")
    ann = world.program.members.get(external_id="ann")
    taken: Any = my_data(member=ann, at=timezone.now())
    (use,), (voucher,) = taken["uses"], taken["vouchers"]
    assert (use["voucher"], voucher["value"], voucher["left"], voucher["currency"]) == (
        voucher["id"], "10.00", "6.00", "SGD",
    )  # fmt: skip
    assert {key: use[key] for key in ("reward", "outlet", "amount", "currency", "undone")} == {
        "reward": "card", "outlet": "ORCHARD", "amount": "4.00", "currency": "SGD", "undone": False,
    }  # fmt: skip


def test_members_take_along_which_outlet_took_a_voucher_out_of_use(world: World, till: Caller) -> None:
    voucher = piece(world)
    ask(till, "void", code_of(voucher))
    taken: Any = my_data(member=world.program.members.get(external_id="ann"), at=timezone.now())
    (void,) = taken["voids"]
    assert (void["voucher"], void["outlet"], list(taken["uses"])) == (str(voucher.uuid), "ORCHARD", [])


def test_what_an_app_draws_of_a_voucher_is_taken_at_a_till_once(world: World, till: Caller) -> None:
    voucher = piece(world)
    app = make_app(world.program.members.get(external_id="ann"))
    shown = document(app.get(f"me/vouchers/{voucher.uuid}"))
    (listed,) = document(app.get("me/vouchers"))["items"]
    qr = shown.pop("qr")
    assert (shown, set(qr)) == (listed, {"token", "seconds_left"})
    assert 1 <= qr["seconds_left"] <= 30
    assert qr["token"] != shown["code"]
    for _time in range(2):
        assert document(till.post("vouchers/validate", {"code": qr["token"], "outlet": "ORCHARD"}))["state"] == "ready"
    assert ask(till, "redeem", qr["token"]).status_code == 200
    assert problem(ask(till, "redeem", qr["token"], "other")) == (409, "voucher-used")
    assert VoucherUse.objects.get().scanned
    assert document(app.get(f"me/vouchers/{voucher.uuid}"))["qr"] is None


def test_a_token_of_a_stored_value_takes_one_part_alone(world: World, till: Caller) -> None:
    card = piece(world, "card", value=1000)
    app = make_app(world.program.members.get(external_id="ann"))
    token = document(app.get(f"me/vouchers/{card.uuid}"))["qr"]["token"]
    assert ask(till, "redeem", token, amount="4.00").status_code == 200
    assert problem(ask(till, "redeem", token, "other", amount="1.00")) == (409, "not-available")
    assert Voucher.objects.get(pk=card.pk).left_minor == 600


def test_a_partners_own_code_is_drawn_as_it_is(world: World) -> None:
    Reward.objects.filter(code="coffee").update(stock="codes")
    stock_codes(reward=Reward.objects.get(code="coffee"), codes=["PARTNER-1"])
    voucher = piece(world)
    shown = document(make_app(world.program.members.get(external_id="ann")).get(f"me/vouchers/{voucher.uuid}"))
    assert shown["qr"] == {"token": "PARTNER-1", "seconds_left": None}


def test_only_the_own_voucher_is_read(world: World) -> None:
    app = make_app(world.program.members.get(external_id="ann"))
    theirs = piece(world)
    Voucher.objects.filter(pk=theirs.pk).update(member=world.member("eve"))
    for name in (theirs.uuid, "nothing", "0d9f", uuid4()):
        assert problem(app.get(f"me/vouchers/{name}")) == (404, "not-found")


def test_the_card_of_an_app_names_its_member_once(world: World) -> None:
    ann = world.program.members.get(external_id="ann")
    app = make_app(ann)
    card = document(app.get("me/card"))
    assert set(card) == {"token", "seconds_left"}
    assert 1 <= card["seconds_left"] <= 30
    assert read_card(program=world.program, token=card["token"], at=timezone.now()) == ann
