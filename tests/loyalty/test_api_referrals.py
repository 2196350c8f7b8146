"""Referrals by the API: codes at enrolment, told afterwards, listed."""

from typing import Any

import pytest

from core.models import Program
from loyalty.operations.erase import erase
from members.models import Member, MemberSignal, Referral, ReferralCode
from tests.campaigns.referring import (
    GUARD,
    JOINED,
    QUALIFIES,
    code_of,
    friend,
    pay,
    paying,
    points,
    referral_world,
    view,
)
from tests.campaigns.world import NOW, make_world
from tests.loyalty.api import Caller, document, make_caller, problem
from tests.loyalty.app import make_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller() -> Caller:
    world = make_world(paying(), referral={"qualifies": dict(QUALIFIES), "guard": dict(GUARD)})
    world.member("ann")
    return make_caller(world.program)


def code(caller: Caller, member: str = "ann") -> str:
    return str(document(caller.get(f"members/{member}/referrals"))["code"])


def enrol(caller: Caller, name: str, **fields: Any) -> Any:
    return caller.post("members", {"external_id": name, "market": "SG", **fields})


def test_a_friend_joins_with_a_code_and_is_listed(caller: Caller) -> None:
    assert enrol(caller, "ben", referral_code=code(caller)).status_code == 201
    listed = document(caller.get("members/ann/referrals"))
    assert listed["link"] == f"http://testserver/p/demo/r/{listed['code']}"
    assert [(one["member"], one["referrer"], one["state"], one["reason"]) for one in listed["items"]] == [
        ("ben", "ann", "joined", None)
    ]
    assert document(caller.get("members/ben/referrals"))["referred_by"] == listed["items"][0]


def test_an_unknown_code_enrols_nobody(caller: Caller) -> None:
    answer = enrol(caller, "ben", referral_code="NOBODYS")
    assert problem(answer) == (422, "validation")
    assert [(e["pointer"], e["code"]) for e in document(answer)["errors"]] == [("/referral_code", "unknown")]
    assert not Member.objects.filter(external_id="ben").exists()


def test_what_is_wrong_with_a_body_is_said_in_the_callers_language(caller: Caller) -> None:
    Program.objects.update(languages=["en", "ar"])
    for body, pointer, said in (
        ([], "", "أرسل كائن JSON."),
        ({"kode~/": 1}, "/kode~0~1", "لا ترسل هذه القيمة"),
        (
            {"code": "X", "member": "ann", "signals": {"device": "d" * 401}},
            "/signals/device",
            "الحد الأقصى لعدد الأحرف: 400.",
        ),
    ):
        answer = caller.post("referrals", body, Accept_Language="ar")
        assert (problem(answer), answer.headers["Content-Language"]) == ((422, "validation"), "ar")
        assert [(error["pointer"], error["detail"]) for error in document(answer)["errors"]] == [(pointer, said)]


def test_a_referral_told_afterwards_is_noted_once(caller: Caller) -> None:
    enrol(caller, "ben")
    body = {"code": code(caller), "member": "ben", "signals": {"device": "d-1"}}
    first, again = caller.post("referrals", body), caller.post("referrals", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert document(first) == document(again)
    assert Referral.objects.count() == 1


def test_what_cannot_be_is_refused_with_its_field_and_nothing_is_noted(caller: Caller) -> None:
    other = make_world(paying(), program={"code": "other"}, referral={"qualifies": dict(QUALIFIES)})
    other.member("eve")
    enrol(caller, "ben")
    own = code(caller)
    for body, expected in (
        ({"code": own, "member": "ann"}, [("/code", "invalid")]),
        ({"code": code_of(other, "eve"), "member": "ben"}, [("/code", "unknown")]),
        ({"code": own, "member": "nobody"}, [("/member", "unknown-member")]),
        ({"code": own, "member": "eve"}, [("/member", "unknown-member")]),
        ({"code": own}, [("/member", "required")]),
        ({"code": 7, "member": "ben"}, [("/code", "invalid")]),
        ({"code": "\ud800", "member": "\ud800"}, [("/code", "invalid"), ("/member", "invalid")]),
        ({"code": own, "member": "ben", "ip": "10.0.0.1"}, [("/ip", "unknown")]),
        ({"code": own, "member": "ben", "signals": {"ip": "10.0.0.1"}}, [("/signals", "invalid")]),
        ({"code": own, "member": "ben", "signals": {"device": 7}}, [("/signals/device", "invalid")]),
    ):
        answer = caller.post("referrals", body)
        assert problem(answer) == (422, "validation"), body
        assert [(e["pointer"], e["code"]) for e in document(answer)["errors"]] == expected
    assert problem(caller.get("members/eve/referrals")) == (404, "not-found")
    assert not Referral.objects.exists()
    assert not MemberSignal.objects.exists()


def test_another_referrer_is_refused(caller: Caller) -> None:
    enrol(caller, "cid")
    enrol(caller, "ben", referral_code=code(caller))
    answer = caller.post("referrals", {"code": code(caller, "cid"), "member": "ben"})
    assert problem(answer) == (422, "not-eligible")
    assert Referral.objects.get().referrer.external_id == "ann"


def test_a_program_without_referrals_has_no_codes() -> None:
    caller = make_caller(make_world(paying()).program)
    enrol(caller, "ann")
    assert document(caller.get("members/ann/referrals")) == {
        "code": None, "link": None, "referred_by": None, "items": [], "next": None,
    }  # fmt: skip
    assert problem(caller.post("referrals", {"code": "ABCD2345", "member": "ann"})) == (422, "validation")
    assert not ReferralCode.objects.exists()


def test_friends_come_page_by_page(caller: Caller) -> None:
    for name in ("f1", "f2", "f3"):
        enrol(caller, name, referral_code=code(caller))
    first = document(caller.get("members/ann/referrals?limit=2"))
    second = document(caller.get(f"members/ann/referrals?limit=2&cursor={first['next']}"))
    assert [one["member"] for one in [*first["items"], *second["items"]]] == ["f3", "f2", "f1"]
    assert second["next"] is None


def test_the_app_tells_how_far_friends_are_but_not_who_they_are_nor_what_guards_saw() -> None:
    world = referral_world()
    friend(world, "ben", name="Benedict Lim")
    friend(world, "cid", name="Cid", phone="+6591112222")
    friend(world, "dee", name="Dee", phone="+6591112222")
    pay(world, "ben")
    app = make_app(Member.objects.get(external_id="ann"))
    found = document(app.get("me/referral"))
    assert found["code"] == code_of(world)
    shown = [(one["friend"], one["state"], one["reason"]) for one in found["items"]]
    assert shown == [("D.", "refused", None), ("C.", "verified", None), ("B.", "rewarded", None)]
    assert "Benedict" not in str(found)
    assert "ben" not in str(found)


def test_erasing_the_referrer_takes_code_and_link_and_erasing_the_friend_her_traces() -> None:
    world = referral_world(guard={"same_device": "hold"})
    world.member("zoe", enrolled_at=JOINED, signals={"device": "d"})
    code = code_of(world, "zoe")
    friend(world, "ben", of="zoe", signals={"device": "d"})
    friend(world, "cid", of="ann")
    erase(program=world.program, reference="zoe", at=NOW)
    caller = make_caller(world.program)
    assert problem(enrol(caller, "eve", referral_code=code)) == (422, "validation")
    assert not ReferralCode.objects.filter(code=code).exists()
    erase(program=world.program, reference="ben", at=NOW)
    assert Referral.objects.get(friend__external_id__startswith="erased:").evidence == []
    pay(world, "cid")
    erase(program=world.program, reference="cid", at=NOW)
    (one,) = document(caller.get("members/ann/referrals"))["items"]
    assert (one["state"], one["member"].startswith("erased:"), points(world)) == ("rewarded", True, 500)
    assert view(world, one["member"]).friend.name == ""
