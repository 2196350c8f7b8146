"""Answers that are kept for repeated requests: encrypted, and forgotten with the members they are about."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import Settings

from core.models import IdempotentAnswer
from core.models.sealing import opened, sealed
from loyalty.operations.erase import erase
from rewards.models import Redemption
from rewards.models.codes import decrypted
from tests.campaigns.offer_cases import offered
from tests.campaigns.referring import GUARD, QUALIFIES, code_of
from tests.campaigns.world import World
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import make_app
from tests.loyalty.test_api_contract import description
from tests.rewards.redeeming import points, redeem, rich, shop

pytestmark = pytest.mark.django_db
COFFEE = {"member": "ann", "reward": "coffee"}


@pytest.fixture
def world() -> World:
    world = shop(offered(), referral={"qualifies": dict(QUALIFIES), "guard": dict(GUARD)})
    for name in ("ann", "bob"):
        rich(world, 5000, name, phone="+6591234567")
    return world


@pytest.fixture
def caller(world: World) -> Caller:
    return make_caller(world.program)


def ask(caller: Caller, path: str, body: object, key: str = "k") -> HttpResponse:
    answer = caller.post(path, body, Idempotency_Key=key)
    assert answer.status_code < 300, answer.content
    return answer


def stored() -> bytes:
    """All that a reader of the table sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(to_jsonb(a)::text, '') || string_agg(encode(content, 'escape'), '')"
                       " FROM core_idempotentanswer a")  # fmt: skip
        return str(cursor.fetchone()[0]).encode()


def test_nobody_reads_codes_and_people_in_what_is_kept(world: World, caller: Caller) -> None:
    made = ask(caller, "redemptions", COFFEE, "k-1")
    member = ask(caller, "members", {"external_id": "cid", "market": "SG", "phone": "+6598765432"}, "k-2")
    code = document(made)["vouchers"][0]["code"]
    assert (code.encode() in made.content, b"+6598765432" in member.content) == (True, True)
    for secret in (code, "+6598765432", "vouchers"):
        assert secret.encode() not in stored()
        assert secret.encode().hex().encode() not in stored()
    again = ask(caller, "redemptions", COFFEE, "k-1")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (made.content, "true")
    assert again.headers["Content-Type"] == made.headers["Content-Type"]
    assert Redemption.objects.count() == 1


def test_after_a_change_of_the_key_old_answers_are_still_repeated(
    world: World, caller: Caller, settings: Settings
) -> None:
    made = ask(caller, "redemptions", COFFEE)
    settings.SECRET_KEY_FALLBACKS, settings.VOUCHER_KEY = [settings.SECRET_KEY], "a new master key"
    assert ask(caller, "redemptions", COFFEE).content == made.content
    assert Redemption.objects.count() == 1


def test_what_no_key_opens_is_not_carried_out_again(world: World, caller: Caller, settings: Settings) -> None:
    ask(caller, "redemptions", COFFEE)
    settings.SECRET_KEY = "another one altogether"
    assert problem(caller.post("redemptions", COFFEE, Idempotency_Key="k")) == (500, "internal-error")
    assert (Redemption.objects.count(), points(world.program.members.get(external_id="ann"))) == (1, 4900)


def test_an_answer_cannot_be_put_under_another_key(world: World, caller: Caller) -> None:
    ask(caller, "redemptions", COFFEE, "k-1")
    ask(caller, "redemptions", COFFEE | {"member": "bob"}, "k-2")
    first, second = IdempotentAnswer.objects.order_by("key")
    IdempotentAnswer.objects.filter(pk=second.pk).update(content=first.content)
    assert problem(caller.post("redemptions", COFFEE, Idempotency_Key="k-2")) == (500, "internal-error")


def test_each_purpose_has_its_own_keys() -> None:
    kept = sealed(b"x", purpose="one")
    assert (kept == sealed(b"x", purpose="one"), opened(kept, purpose="one")) == (False, b"x")
    for changed in ({"purpose": "two"}, {"purpose": "one", "about": b"y"}):
        with pytest.raises(ValueError, match="no key opens"):
            opened(kept, **changed)


def repeatable_calls() -> set[str]:
    """Every address of partner systems that takes an ``Idempotency-Key``."""
    return {
        path.removeprefix("/api/v1/")
        for path, operations in description()["paths"].items()
        if any(one["name"] == "Idempotency-Key" for one in operations.get("post", {}).get("parameters", ()))
        and "/me/" not in path
    }


def calls(world: World, member: str) -> Iterator[tuple[str, str, Any]]:
    """A request to each of them about a member: the described address, the address, the body."""
    held = world.program.members.get(external_id=member)
    yield "members", "members", {"external_id": f"{member}-new", "market": "SG"}
    yield "members/batch", "members/batch", [{"external_id": member, "market": "SG"}]
    yield "offers", "offers", {"campaign": "bonus", "member": member}
    offer = held.offers.latest("pk").pk
    yield "offers/{id}/seen", f"offers/{offer}/seen", None
    yield "offers/{id}/activate", f"offers/{offer}/activate", None
    yield "offers/batch", "offers/batch", [{"campaign": "bonus", "member": member, "reference": f"r-{member}"}]
    yield "redemptions", "redemptions", {"member": f"uuid:{held.uuid}", "reward": "coffee"}
    cancelled = redeem(world, held, "coffee", at=timezone.now())
    yield "redemptions/{id}/cancel", f"redemptions/{cancelled.uuid}/cancel", None
    for verb in ("validate", "redeem", "void"):
        code = code_for(world, held)
        yield f"vouchers/{verb}", f"vouchers/{verb}", {"code": code, "outlet": "SG-ORCHARD"}


def code_for(world: World, member: Any) -> str:
    return decrypted(redeem(world, member, "coffee", at=timezone.now()).vouchers.get().cipher)


def test_erasing_forgets_every_answer_about_the_member_and_no_other(world: World, caller: Caller) -> None:
    done = set()
    for member in ("ann", "bob"):
        for described, path, body in calls(world, member):
            ask(caller, path, body, f"{member} {described}")
            done.add(described)
    caller.post("members", {"external_id": "cid", "market": "SG"})
    told = {"code": code_of(world), "member": "cid"}
    ask(caller, "referrals", told, "ann and cid")
    assert done | {"referrals", "simulations"} == repeatable_calls()
    erase(program=world.program, reference="ann", at=timezone.now())
    left = set(IdempotentAnswer.objects.values_list("key", flat=True))
    assert left == {"ann members", *(f"bob {described}" for described in done)}
    erase(program=world.program, reference="ann-new", at=timezone.now())
    erase(program=world.program, reference="bob", at=timezone.now())
    assert list(IdempotentAnswer.objects.values_list("key", flat=True)) == ["bob members"]


def test_erasing_forgets_refusals_that_name_the_member(world: World, caller: Caller) -> None:
    for path, body in (
        ("members", {"external_id": "ann", "market": "SG"}),
        ("redemptions", {"member": "ann", "reward": "coffee", "quantity": 99}),
        ("referrals", {"code": "NOBODYS", "member": "ann"}),
    ):
        assert caller.post(path, body, Idempotency_Key=path).status_code >= HTTPStatus.BAD_REQUEST, path
    assert IdempotentAnswer.objects.count() == 3
    erase(program=world.program, reference="ann", at=timezone.now())
    assert not IdempotentAnswer.objects.exists()


def test_erasing_forgets_what_a_friend_s_referral_answered(world: World, caller: Caller) -> None:
    caller.post("members", {"external_id": "cid", "market": "SG"})
    ask(caller, "referrals", {"code": code_of(world), "member": "cid"})
    erase(program=world.program, reference="cid", at=timezone.now())
    assert not IdempotentAnswer.objects.exists()


def test_erasing_forgets_what_the_member_s_own_app_was_answered(world: World) -> None:
    app = make_app(world.program.members.get(external_id="ann"))
    app.call("POST", "me/redemptions", {"reward": "coffee"}, Idempotency_Key="k")
    assert IdempotentAnswer.objects.count() == 1
    erase(program=world.program, reference="ann", at=timezone.now())
    assert not IdempotentAnswer.objects.exists()


def test_erasing_leaves_answers_of_other_programs_alone(world: World, caller: Caller) -> None:
    other = shop(program={"code": "other"})
    rich(other, 500)
    ask(make_caller(other.program), "redemptions", COFFEE)
    erase(program=world.program, reference="ann", at=timezone.now())
    assert IdempotentAnswer.objects.count() == 1


@pytest.mark.parametrize("name", ["x" * 65, "a\0b", "\ud800"])
def test_a_rejected_name_that_no_member_can_have_is_answered_and_kept(caller: Caller, name: str) -> None:
    answer = ask(caller, "members/batch", [{"external_id": name, "market": "SG"}])
    assert document(answer)["results"][0]["status"] == "rejected"
    assert IdempotentAnswer.objects.get().about == []
    assert ask(caller, "members/batch", [{"external_id": name, "market": "SG"}]).content == answer.content


def test_erasing_finds_answers_by_an_index(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM core_idempotentanswer WHERE about @> ARRAY['ann']::varchar(64)[]")
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert re.search("Bitmap Index Scan on idempotent_answer_about", plan), plan
