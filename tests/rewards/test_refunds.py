"""Points of redemptions that come back where the member owes points: nobody owes beside spendable ones."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.refusals import InsufficientPoints
from ledger.models import POINTS, Book
from ledger.selectors.wallets import wallets
from loyalty.display.notices import in_words
from members.models import Member, Notice
from rewards.models import Redemption, RedemptionPolicy
from rewards.rules.availability import Hurdle, Reason
from rewards.services.proofs import prove_vouchers
from rewards.services.redemption_steps import give_up, reject
from rewards.services.redemptions import cancel_redemption
from tests.campaigns.taking import take
from tests.campaigns.world import NOW, World
from tests.rewards.redeeming import assert_proven, give, redeem, shop
from tests.rewards.test_redemptions import staff

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def earned(world: World, name: str, points: int = 1000) -> Member:
    """A member who earned so many points with a purchase of that name."""
    member = world.member(name, phone="+6591234567")
    world.outcome(f"{points}.00", subject=name, key=f"bought-{name}")
    return member


def stands(member: Member) -> tuple[int, int]:
    """What the member can spend, and owes."""
    book = Book.objects.get(program=member.program_id, unit=POINTS)
    found = wallets(books=[book], owners=[member.uuid], at=LATER)[book.pk, member.uuid]
    return found.available, found.debt


def cancel(made: Redemption) -> Redemption:
    return cancel_redemption(redemption=made, at=LATER, because=Redemption.Because.ASKED)


def fail(made: Redemption) -> Redemption:
    return give_up(redemption=made, because=Redemption.Because.FAILED, at=LATER)


def refuse(made: Redemption) -> Redemption:
    return reject(redemption=made, by=staff(f"boss-{made.pk}"), at=LATER)


BACK = pytest.mark.parametrize(
    ("code", "quantity", "approve_from", "back"),
    [("coffee", 10, None, cancel), ("coffee", 4, None, cancel), ("top-up", 3, None, fail), ("coffee", 10, 1, refuse)],
)


@BACK
@pytest.mark.parametrize("taken_back", ["1000.00", "300.00"])
def test_a_purchase_and_its_redemption_undone_in_either_order_leave_the_same(
    code: str, quantity: int, approve_from: int | None, back: Callable[[Redemption], Redemption], taken_back: str
) -> None:
    world = shop()
    RedemptionPolicy.objects.filter(program=world.program).update(approve_from_points=approve_from)
    ann, bob = earned(world, "ann"), earned(world, "bob")
    of_ann, of_bob = redeem(world, ann, code, quantity), redeem(world, bob, code, quantity)
    take(world, "bought-ann", taken_back, at=LATER)
    back(of_ann)
    back(of_bob)
    take(world, "bought-bob", taken_back, at=LATER, subject="bob")
    left = 1000 - int(float(taken_back))
    assert stands(ann) == stands(bob) == (left, 0)
    assert_proven(world)
    assert all(report.ok for report in prove_vouchers(at=LATER))


def test_who_still_owes_after_a_refund_owes_the_rest_and_is_told_what_was_repaid() -> None:
    world = shop()
    ann = earned(world, "ann")
    coffee, top_up = redeem(world, ann, "coffee", 7), redeem(world, ann, "top-up")
    take(world, "bought-ann", at=LATER)
    assert stands(ann) == (0, 1000)
    assert fail(top_up).repaid == 300
    assert stands(ann) == (0, 700)
    told = Notice.objects.filter(member=ann, kind="redemption_back")
    (words,) = in_words(member=ann, notices=told)
    assert words.body.endswith("good for thirty days at least. 300 of these paid back points that you owed.")
    assert cancel(coffee).repaid == 700
    assert stands(ann) == (0, 0)
    assert_proven(world)


def test_what_is_missing_for_a_reward_includes_what_is_owed() -> None:
    world = shop()
    ann = earned(world, "ann")
    redeem(world, ann, "coffee", 10)
    take(world, "bought-ann", at=LATER)
    assert stands(ann) == (0, 1000)
    for more, missing in ((600, 1100), (499, 500), (1, 1)):
        with pytest.raises(InsufficientPoints) as refused:
            redeem(world, ann, "coffee", at=LATER)
        assert refused.value.about == Reason(Hurdle.INSUFFICIENT_POINTS, missing=missing)
        give(world, more, at=LATER)
    redeem(world, ann, "coffee", at=LATER)
    assert stands(ann) == (0, 0)


@pytest.mark.parametrize(
    "wrong", [{"repaid": 1}, {"state": "cancelled", "repaid": 101}, {"repaid": -1}, {"unseen_points": -1}]
)
def test_the_database_keeps_what_came_back_within_what_was_paid(wrong: dict[str, object]) -> None:
    world = shop()
    made = redeem(world, earned(world, "ann"), "coffee")
    assert made.points == 100
    more = {"cancelled_at": NOW, "because": "asked"} if "state" in wrong else {}
    with pytest.raises(IntegrityError, match=r"repays_out_of|is_unseen"), transaction.atomic():
        Redemption.objects.filter(pk=made.pk).update(**wrong | more)
