"""Guards hold back or refuse, with evidence; a person decides, and a decision pays once or never."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from campaigns.services.referral_reviews import review_referral
from core.models import User
from core.refusals import Invalid, NotEligible
from members.models import Member, Referral, ReferralReview
from members.services.changes import patch_member
from members.services.referrals import claim_referral
from members.services.signals import digest_signal
from tests.campaigns.derived import derived, settle
from tests.campaigns.referring import (
    JOINED,
    code_of,
    friend,
    pay,
    paying,
    points,
    referral_world,
    state,
    told_later,
    view,
)
from tests.campaigns.world import NOW, World, campaign, fixed, rule

pytestmark = pytest.mark.django_db


def signals(**seen: str) -> dict[str, Any]:
    return {"signals": seen}


def known(world: World, name: str = "ann") -> str:
    return str(Member.objects.get(program=world.program, external_id=name).uuid)


def reviewer() -> User:
    return User.objects.get_or_create(username="rita")[0]


def decide(world: World, decision: str, name: str = "ben", because: str = "looked at it") -> None:
    row = Referral.objects.get(friend__external_id=name)
    review_referral(referral=row, decision=decision, by=reviewer(), because=because, at=NOW)
    settle()


# -- what guards see ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["device", "instrument"])
@pytest.mark.parametrize(("word", "becomes"), [("hold", "held"), ("reject", "refused"), ("allow", "rewarded")])
def test_what_is_shared_with_the_referrer_is_held_refused_or_allowed(kind: str, word: str, becomes: str) -> None:
    world = referral_world(guard={f"same_{kind}": word})
    patch_member(program=world.program, reference="ann", changes=signals(**{kind: "x-1"}), at=NOW - timedelta(days=9))
    friend(world, **signals(**{kind: "x-1"}))
    pay(world)
    assert state(world) == (becomes, "" if becomes == "rewarded" else kind)
    assert points(world) == (500 if becomes == "rewarded" else 0)
    if becomes != "rewarded":
        (seen,) = view(world).evidence
        assert seen == {
            "guard": kind,
            "with": [known(world)],
            "at": (NOW - timedelta(days=9)).isoformat(),
            "digest": digest_signal(kind, "x-1").hex(),
        }


def test_a_device_shared_by_two_friends_of_one_member_counts_like_her_own() -> None:
    world = referral_world()
    friend(world, "ben", **signals(device="d"))
    friend(world, "cid", **signals(device="d"))
    assert (state(world, "ben"), state(world, "cid")) == (("verified", ""), ("held", "device"))


def test_a_device_that_shows_with_the_payment_is_seen_before_anything_is_paid() -> None:
    world = referral_world()
    world.outcome(subject="ann", data=signals(device="d"))
    friend(world)
    pay(world, data=signals(device="d"))
    assert (state(world), points(world)) == (("held", "device"), 0)


def test_the_same_phone_is_refused_and_the_number_is_kept_as_a_hash_only() -> None:
    world = referral_world()
    patch_member(program=world.program, reference="ann", changes={"phone": "+6591234567"}, at=NOW)
    friend(world, phone="9123 4567")
    assert state(world) == ("refused", "phone")
    (seen,) = view(world).evidence
    assert seen["digest"] == digest_signal("phone", "+6591234567").hex()
    assert "91234567" not in str(seen)
    pay(world)
    assert (points(world), derived("referral.joined"), derived("referral.qualified")) == (0, [], [])


def test_the_same_address_is_the_same_person_whatever_its_case() -> None:
    world = referral_world()
    patch_member(program=world.program, reference="ann", changes={"email": "ann@example.org"}, at=NOW)
    friend(world, email="Ann@Example.org")
    assert state(world) == ("refused", "self")


def test_the_same_user_behind_both_is_the_same_person() -> None:
    world = referral_world()
    friend(world)
    user = User.objects.create(username="ann")
    Member.objects.filter(external_id__in=["ann", "ben"]).update(user=user)
    pay(world)
    assert (state(world), points(world)) == (("refused", "self"), 0)


def test_many_accounts_on_one_device_are_a_ring_though_the_referrer_is_none_of_them() -> None:
    world = referral_world()
    for name in ("x1", "x2", "x3"):
        world.member(name, **signals(device="farm"))
    friend(world, **signals(device="farm"))
    assert state(world) == ("held", "ring")
    assert len(view(world).evidence[0]["with"]) == 3


def test_two_accounts_on_one_device_of_others_are_a_family() -> None:
    world = referral_world()
    world.member("x1", **signals(device="sofa"))
    friend(world, **signals(device="sofa"))
    assert state(world) == ("verified", "")


def test_signals_of_another_program_are_nobodys() -> None:
    other = referral_world(program={"code": "other"})
    patch_member(program=other.program, reference="ann", changes=signals(device="d"), at=NOW)
    for name in ("x1", "x2", "x3"):
        other.member(name, **signals(device="d"))
    world = referral_world()
    friend(world, **signals(device="d"))
    assert state(world) == ("verified", "")


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_ring_is_held_where_it_closes(size: int) -> None:
    world = referral_world()
    names = [f"m{number}" for number in range(size)]
    world.member(names[0], enrolled_at=JOINED)
    for of, name in pairwise(names):
        friend(world, name, of=of)
    told_later(world, names[0], of=names[-1])
    assert [state(world, name)[0] for name in names[1:]] == ["verified"] * (size - 1)
    assert state(world, names[0]) == ("held", "ring")
    assert set(view(world, names[0]).evidence[0]["with"]) == {known(world, name) for name in names[1:]}


def test_more_friends_a_day_than_allowed_are_held() -> None:
    world = referral_world(guard={"max_per_day": 2})
    for name in ("f1", "f2", "f3"):
        friend(world, name)
    friend(world, "f4", enrolled_at="2026-06-10T16:00:00Z")  # midnight in Singapore: the next day
    assert [state(world, name) for name in ("f1", "f2", "f3", "f4")] == [
        ("verified", ""),
        ("verified", ""),
        ("held", "velocity"),
        ("verified", ""),
    ]
    assert view(world, "f3").evidence == [
        {"guard": "velocity", "with": [], "at": "2026-06-10T04:00:00+00:00", "count": 3}
    ]


# -- codes that cannot be --------------------------------------------------------------------------


def refusal(world: World, code: str, member: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        claim_referral(program=world.program, code=code, member=member, at=NOW)
    assert not Referral.objects.exists()
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_the_own_code_and_codes_of_other_programs_are_refused_and_nothing_is_kept() -> None:
    other = referral_world(program={"code": "other"})
    world = referral_world()
    world.member("ben", enrolled_at=JOINED)
    assert refusal(world, code_of(world), "ann") == [("/code", "invalid")]
    assert refusal(world, code_of(other), "ben") == [("/code", "unknown")]
    assert refusal(world, code_of(world), "nobody") == [("/member", "unknown-member")]


def test_a_member_is_brought_once_for_ever() -> None:
    world = referral_world()
    world.member("cid")
    friend(world)
    assert told_later(world, "ben", of="ann") is False
    with pytest.raises(NotEligible):
        told_later(world, "ben", of="cid")
    assert view(world).referrer.external_id == "ann"


def test_a_referral_may_be_told_as_long_as_the_friend_may_qualify() -> None:
    world = referral_world()
    world.member("ben", enrolled_at=JOINED)
    last = NOW + timedelta(days=25, hours=11, minutes=59)  # 10 July 23:59 in Singapore
    with pytest.raises(NotEligible):
        told_later(world, "ben", of="ann", at=last + timedelta(minutes=1))
    assert told_later(world, "ben", of="ann", at=last) is True


def test_codes_are_read_as_people_type_them() -> None:
    world = referral_world()
    code = code_of(world)
    world.member("ben", referral_code=f" {code[:4].lower()}-{code[4:].lower()} ", enrolled_at=JOINED)
    assert view(world).referrer.external_id == "ann"


# -- reviewing -------------------------------------------------------------------------------------


def held(world: World) -> None:
    patch_member(program=world.program, reference="ann", changes=signals(device="d"), at=NOW)
    friend(world, **signals(device="d"))
    pay(world)
    assert (state(world), points(world)) == (("held", "device"), 0)


def test_approved_it_is_paid_once() -> None:
    world = referral_world()
    held(world)
    decide(world, "approve", because="a couple")
    assert (state(world), points(world)) == (("rewarded", ""), 500)
    with pytest.raises(Invalid):
        decide(world, "approve")
    pay(world)
    assert points(world) == 500
    (review,) = ReferralReview.objects.all()
    assert (review.decision, review.by.username, review.because, review.at) == ("approve", "rita", "a couple", NOW)


def test_approved_before_the_friend_is_ready_it_is_paid_when_she_is() -> None:
    world = referral_world()
    patch_member(program=world.program, reference="ann", changes=signals(device="d"), at=NOW)
    friend(world, **signals(device="d"))
    decide(world, "approve")
    assert state(world) == ("verified", "")
    pay(world)
    assert points(world) == 500


def test_rejected_it_is_never_paid() -> None:
    world = referral_world()
    held(world)
    decide(world, "reject")
    pay(world)
    assert (state(world), points(world)) == (("refused", "review"), 0)
    with pytest.raises(Invalid):
        decide(world, "approve")
    assert points(world) == 0


def test_rejected_after_it_was_paid_everything_is_taken_back() -> None:
    world = referral_world(
        campaign("hello", rule("joined", fixed(50), event="referral.joined")),
        paying(),
        campaign("friends", rule("too", fixed(30), event="referred.qualified")),
    )
    friend(world)
    pay(world)
    assert (points(world), points(world, "ben")) == (550, 30)
    decide(world, "reject")
    assert (points(world), points(world, "ben")) == (0, 0)
    assert state(world) == ("refused", "review")


def test_nobody_decides_without_a_reason() -> None:
    world = referral_world()
    held(world)
    with pytest.raises(Invalid):
        decide(world, "approve", because="  ")
    assert (state(world), ReferralReview.objects.count()) == (("held", "device"), 0)
