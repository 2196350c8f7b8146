"""What a member has and owes does not depend on the order in which events come: not where points have lapsed either."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from ledger.models import Account, Lot
from ledger.selectors.proofs import prove
from tests.campaigns.taking import points, take
from tests.campaigns.test_reversals import spend_points
from tests.campaigns.world import NOW, World, campaign, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db
LONG_AGO = (NOW - timedelta(days=40)).isoformat()


@pytest.fixture
def world() -> World:
    """Ann has spent the 50 points of a purchase; each app start is worth 30 points of ten days."""
    brief = campaign("brief", rule("r", fixed(30, expire={"days": 10}), event="app.opened"))
    made = make_world(everyday(), brief)
    made.member()
    made.outcome("50.00", "bought")
    spend_points(made, 50)
    return made


def late(world: World, key: str = "late") -> dict[str, Any]:
    """An event whose points have lapsed by now."""
    return world.event(None, key, type="app.opened", time=LONG_AGO)


def balances(world: World) -> dict[str, int]:
    rows = Account.objects.filter(book__program=world.program, book__unit="points")
    found: dict[str, int] = {}
    for purpose, balance in rows.values_list("purpose", "balance"):
        found[purpose] = found.get(purpose, 0) + balance
    return {purpose: found.get(purpose, 0) for purpose in ("wallet", "pending", "debt", "breakage")}


def after(world: World, events: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Balances after events that came one by one, which are then forgotten."""
    with transaction.atomic():
        for event in events:
            (answer,) = world.send(event)
            assert answer.refusal is None
        assert prove(program=world.program).ok
        kept = balances(world)
        transaction.set_rollback(True)
    return kept


def test_points_that_have_lapsed_when_they_come_repay_nothing(world: World) -> None:
    back, old = world.reversal("bought"), late(world)
    ends = [after(world, events) for events in ([back, old], [old, back])]
    assert ends == [{"wallet": 0, "pending": 0, "debt": -50, "breakage": 30}] * 2


def test_the_answer_says_what_is_owed_and_had_after_points_that_have_lapsed(world: World) -> None:
    assert points(take(world, "bought")) == (0, 0, 50)
    assert points(world.outcome(None, "late", type="app.opened", time=LONG_AGO)) == (0, 0, 50)
    assert points(take(world, "late")) == (0, 0, 50)
    assert balances(world)["breakage"] == 0


def test_whatever_the_order_of_a_day_the_balances_are_the_same(world: World) -> None:
    """A debt, points that have lapsed, good ones, and their returns, also before what they take back."""
    old, good = late(world), world.event("20.00", "good")
    kept = [world.reversal("bought", "5.00"), old, good, world.reversal("good", "12.00")]
    ends = [after(world, some) for some in permutations(kept)]
    assert len(ends) == 24
    assert all(end == {"wallet": 3, "pending": 0, "debt": 0, "breakage": 30} for end in ends)
    taken = [world.reversal("bought"), old, world.reversal("late"), good]
    ends = [after(world, some) for some in permutations(taken)]
    assert all(end == {"wallet": 0, "pending": 0, "debt": -30, "breakage": 0} for end in ends)


def test_a_debt_is_repaid_with_the_points_that_come_first_so_which_are_left_depends_on_the_order(world: World) -> None:
    back, soon, good = world.reversal("bought"), world.event(None, "soon", type="app.opened"), world.event("40.00", "g")
    ends = []
    for events in ([back, soon, good], [back, good, soon]):
        with transaction.atomic():
            for event in events:
                world.send(event)
            held = Lot.objects.filter(account__book__program=world.program, account__purpose="wallet", remaining__gt=0)
            ends.append(list(held.values_list("expires_on", "remaining")))
            transaction.set_rollback(True)
    assert ends == [[(date(2027, 6, 30), 20)], [((NOW + timedelta(days=10)).date(), 20)]]
