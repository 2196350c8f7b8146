"""Two workers at once: no guard is passed twice, nothing is paid twice, rings are seen."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from core.refusals import Refusal
from members.models import Referral
from members.services.enrolment import enrol_members
from members.services.referrals import claim_referral
from tests.campaigns.derived import derived, settle
from tests.campaigns.referring import JOINED, code_of, friend, points, referral_world
from tests.campaigns.world import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Any) -> list[Any]:
    def run(act: Any) -> Any:
        try:
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def enrolling(world: World, names: list[str], code: str) -> Any:
    requests = [{"external_id": name, "market": "SG", "enrolled_at": JOINED, "referral_code": code} for name in names]
    return lambda: enrol_members(program=world.program, requests=requests, at=NOW)


def test_the_number_of_friends_a_day_holds_for_two_workers() -> None:
    world = referral_world(guard={"max_per_day": 5})
    code = code_of(world)
    names = [f"f{number:02}" for number in range(12)]
    at_once(*(enrolling(world, names[start::4], code) for start in range(4)))
    verdicts = list(Referral.objects.values_list("verdict", flat=True))
    assert (verdicts.count("clear"), verdicts.count("held")) == (5, 7)


def test_two_members_who_name_each_other_at_once_are_a_ring_and_one_of_them_is_held() -> None:
    world = referral_world()
    for name in ("x", "y", "z"):
        world.member(name, enrolled_at=JOINED)
    codes = {name: code_of(world, name) for name in ("x", "y", "z")}

    def claim(member: str, of: str) -> Any:
        return lambda: claim_referral(program=world.program, code=codes[of], member=member, at=NOW)

    at_once(claim("x", "y"), claim("y", "z"), claim("z", "x"))
    rows = dict(Referral.objects.values_list("friend__external_id", "verdict"))
    assert sorted(rows.values()) == ["clear", "clear", "held"]


def test_the_same_referral_told_twice_at_once_is_noted_once() -> None:
    world = referral_world()
    world.member("ben", enrolled_at=JOINED)
    code = code_of(world)
    told = at_once(*(lambda: claim_referral(program=world.program, code=code, member="ben", at=NOW) for _ in range(4)))
    assert sorted(new for _row, new in told) == [False, False, False, True]
    assert Referral.objects.count() == 1


def test_two_payments_at_once_pay_the_referrer_once() -> None:
    world = referral_world()
    friend(world)
    settle()
    at_once(*(lambda key=key: world.send(world.event("20.00", key=key, subject="ben")) for key in ("p1", "p2")))
    settle()
    assert (points(world), len(derived("referral.qualified"))) == (500, 1)


def test_a_code_asked_for_twice_at_once_is_one_code() -> None:
    world = referral_world()
    assert len(set(at_once(*(lambda: code_of(world) for _ in range(4))))) == 1
