"""Referrals: states follow from facts in whatever order they come, and only rules pay."""

import pytest

from campaigns.models import Event
from members.models import Member
from members.services.changes import patch_member
from tests.campaigns.derived import derived, reversals, settle
from tests.campaigns.referring import friend, pay, points, referral_world, state, view
from tests.campaigns.world import NOW

pytestmark = pytest.mark.django_db


def test_a_referrer_is_paid_when_joining_identity_and_first_payment_agree() -> None:
    world = referral_world()
    friend(world, verified=False)
    settle()
    assert state(world) == ("joined", "")
    patch_member(program=world.program, reference="ben", changes={"kyc": {"state": "verified"}}, at=NOW)
    settle()
    assert state(world) == ("verified", "")
    assert points(world) == 0
    pay(world)
    assert state(world) == ("rewarded", "")
    assert points(world) == 500
    (event,) = derived("referral.qualified")
    ben = Member.objects.get(external_id="ben")
    assert (event.member.external_id, event.data) == ("ann", {"friend": str(ben.uuid)})
    assert event.key == f"qualified:{view(world).uuid}:1"


def test_identity_after_the_payment_qualifies_as_well() -> None:
    world = referral_world()
    friend(world, verified=False)
    pay(world)
    assert state(world) == ("joined", "")
    patch_member(program=world.program, reference="ben", changes={"kyc": {"state": "verified"}}, at=NOW)
    settle()
    assert (state(world), points(world)) == (("rewarded", ""), 500)


def test_the_reversal_takes_the_reward_back_and_another_payment_brings_it_again() -> None:
    world = referral_world()
    friend(world)
    pay(world, key="p1")
    world.send(world.reversal("p1", subject="ben"))
    settle()
    assert (state(world), points(world)) == (("verified", ""), 0)
    assert reversals() == [(f"reversed:qualified:{view(world).uuid}:1", "processed")]
    pay(world, key="p2")
    assert (state(world), points(world)) == (("rewarded", ""), 500)
    assert [event.key for event in derived("referral.qualified")][-1] == f"qualified:{view(world).uuid}:2"


def test_nothing_is_paid_for_members_whom_nobody_brought() -> None:
    world = referral_world()
    world.member("ben", kyc={"state": "verified"})
    pay(world)
    assert points(world) == 0
    assert not Event.objects.filter(event_type__code__startswith="referral.").exists()
