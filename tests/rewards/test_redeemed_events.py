"""Rules hear of what is redeemed, once it is issued, and what they gave is taken back when it is cancelled."""

import pytest

from rewards.models import Redemption
from rewards.rules.supplying import Card
from rewards.services.redemption_steps import deliver
from rewards.services.redemptions import cancel_redemption
from tests.campaigns.derived import derived, reversals, settle
from tests.campaigns.world import NOW, World, campaign, fixed, rule
from tests.rewards.redeeming import points, redeem, rich, shop

pytestmark = pytest.mark.django_db
THANKS = campaign("thanks", rule("r", fixed(7), event="reward.redeemed"))


@pytest.fixture
def world() -> World:
    return shop(THANKS)


def test_a_redemption_is_an_event_and_its_cancelling_takes_it_back(world: World) -> None:
    member = rich(world)
    made = redeem(world, member, "coffee", quantity=2)
    settle()
    (event,) = derived("reward.redeemed")
    assert (event.key, event.time) == (f"redeemed:{made.uuid}", NOW)
    assert event.data == {"reward": "coffee", "category": "food", "points": 200}
    assert points(member) == 807
    cancel_redemption(redemption=made, at=NOW, because=Redemption.Because.ASKED)
    settle()
    assert (reversals(), points(member)) == ([(f"reversed:{event.key}", "processed")], 1000)


def test_what_is_cancelled_before_it_was_heard_of_is_no_event(world: World) -> None:
    made = redeem(world, rich(world), "coffee")
    cancel_redemption(redemption=made, at=NOW, because=Redemption.Because.ASKED)
    settle()
    assert len(derived("reward.redeemed")) == len(reversals())


def test_what_is_pending_is_heard_of_when_it_is_delivered(world: World) -> None:
    made = redeem(world, rich(world), "top-up")
    settle()
    assert derived("reward.redeemed") == []
    deliver(redemption=made, cards=[Card("ONE")], at=NOW)
    settle()
    assert [event.data["points"] for event in derived("reward.redeemed")] == [300]
