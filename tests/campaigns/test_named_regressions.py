"""What went wrong elsewhere, under the names by which it is known; those that concern rules, tiers and limits.

The others: "level follows balance so spending demotes" is ``test_spending_does_not_touch_the_tier`` in
``test_tiers_engine.py``; "editing a tier leaves members on old levels" is in ``tests/members/test_ladder.py``,
"deleting a card deletes its history" in ``test_rewards.py``, "voucher used over its limit under load" in
``tests/rewards/test_uses_at_once.py``. In ``tests/ledger`` are "expired credits dropped but their debits kept"
(``test_takebacks.py``: what comes back out of breakage), "points spendable for ever across document types"
(``test_takebacks.py``, ``test_settling.py``: lapsed points are never spent) and "balance and expiry ledger differ"
(``test_proofs.py``, ``test_model.py``).
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from campaigns.services.life import end_campaign, pause_campaign
from core.models import User
from tests.campaigns.taking import points, take
from tests.campaigns.world import NOW, World, campaign, document, effects, everyday, fixed, make_world, rule
from tests.rewards.catalogue import reward
from tests.rewards.redeeming import redeem

pytestmark = pytest.mark.django_db


# -- refund keeps points ------------------------------------------------------------------------


def shop() -> World:
    """A point a dollar, and something that costs 80."""
    return make_world(everyday(), rewards=[reward("coffee", points=80)])


def test_a_refund_keeps_no_points() -> None:
    """Refund keeps points (odoo#257854): a full refund takes all of them, at once or in parts."""
    world = shop()
    world.member()
    world.outcome("100.00", key="a")
    assert points(take(world, "a")) == (0, 0, 0)
    world.outcome("100.00", key="b")
    assert [points(take(world, "b", part)) for part in ("33.33", "33.33", None)] == [(67, 0, 0), (34, 0, 0), (0, 0, 0)]


def test_a_refund_keeps_no_points_after_they_were_spent() -> None:
    """Refund keeps points (odoo#257854): what is spent by then is owed, and paid by what is earned next."""
    world = shop()
    member = world.member()
    world.outcome("100.00", key="a")
    redeem(world, member, "coffee")
    assert points(take(world, "a")) == (0, 0, 80)
    assert points(world.outcome("50.00")) == (0, 0, 30)
    assert points(world.outcome("40.00")) == (10, 0, 0)


# -- disabled rule still applies ----------------------------------------------------------------

OTHER = rule("other", fixed(1))
BONUS = campaign("bonus", OTHER, rule("bonus", fixed(10)))


type Disable = Callable[[World], object]


def by_hand(step: Callable[..., object]) -> Disable:
    """A person takes this step with the campaign."""
    return lambda world: step(
        campaign=world.program.campaigns.get(code="bonus"), by=User.objects.create_user("mia"), at=NOW
    )


def by_file(*campaigns: Mapping[str, Any]) -> Disable:
    """The program's file is loaded anew, with these campaigns."""
    return lambda world: world.reload(document(*campaigns))


DISABLED: Mapping[str, tuple[Disable, list[str]]] = {
    "paused": (by_hand(pause_campaign), []),
    "ended": (by_hand(end_campaign), []),
    "past its end": (by_file({**BONUS, "ends": (NOW - timedelta(days=2)).isoformat()}), []),
    "rule gone from a new version": (by_file(campaign("bonus", OTHER)), ["other"]),
    "campaign gone from the file": (by_file(), []),
}


@pytest.mark.parametrize("how", DISABLED)
def test_a_disabled_rule_applies_no_more(how: str) -> None:
    """Disabled rule still applies (PrestaShop#19393): not to what happens from then on, nor to what comes late."""
    disable, left = DISABLED[how]
    world = make_world(BONUS)
    world.member()
    assert [name for _, name, _ in effects(world.outcome())] == ["other", "bonus"]
    disable(world)
    for time in (NOW, NOW - timedelta(days=1)):
        body = world.outcome(time=time.isoformat())
        assert [name for _, name, _ in effects(body)] == left
    assert points(body)[0] == 11 + 2 * len(left)


# -- total use compared with a per-customer limit -------------------------------------------------


def given(world: World, *names: str) -> list[Any]:
    """What a payment gave each of these members, or why it gave nothing."""
    bodies = [world.outcome(subject=name) for name in names]
    return [(one["effects"] or one["refused"])[0].get("reason", 10) for one in bodies]


def limited(where: str, own: int, total: int) -> World:
    """Ten points for a payment, so many times a member, so many times in total."""
    limits = [{"per_member": {"times": own}}, {"total": {"times": total}}]
    of_rule, of_campaign = (limits, []) if where == "rule" else ([], limits)
    world = make_world(campaign("c", rule("r", fixed(10), limits=of_rule), limits=of_campaign))
    for name in ("ann", "bob", "cid"):
        world.member(name)
    return world


@pytest.mark.parametrize("where", ["rule", "campaign"])
def test_total_use_is_not_compared_with_a_per_customer_limit(where: str) -> None:
    """Total use compared with a per-customer limit (medusa#15960): what others used takes nothing from one's own."""
    world = limited(where, own=1, total=9)
    assert given(world, "ann", "bob", "cid") == [10, 10, 10]
    assert given(world, "ann", "bob", "cid") == ["limit"] * 3


@pytest.mark.parametrize("where", ["rule", "campaign"])
def test_own_use_is_not_compared_with_the_total(where: str) -> None:
    """Total use compared with a per-customer limit, the other way: what one used is a part of the total, no more."""
    world = limited(where, own=2, total=3)
    assert given(world, "ann", "ann", "ann", "bob", "bob", "cid") == [10, 10, "limit", 10, "limit", "limit"]
