"""Goals through the door: what adds up, in which window, what milestones give, and what reversals take back."""

from typing import Any

import pytest

from campaigns.models import Contribution, Progress, ReachedMilestone
from tests.campaigns.taking import take
from tests.campaigns.world import NOW, World, campaign, fixed, make_world

pytestmark = pytest.mark.django_db


def goal(
    code: str, measure: dict[str, Any], *milestones: tuple[Any, Any], event: str = "payment.completed", **more: Any
) -> dict[str, Any]:
    """A rule with a goal; milestones are (reach, effect)."""
    steps = [{"reach": reach, "then": [effect]} for reach, effect in milestones]
    return {"code": code, "event": event, "goal": measure, "milestones": steps, **more}


def test_count() -> None:
    world = make_world(campaign("c", goal("r", {"count": True, "window": "campaign"}, (2, fixed(5)), (3, fixed(7)))))
    world.member()
    bodies = [world.outcome(key=f"k{n}") for n in range(4)]
    print(bodies[1])
    assert [[e["amount"] for e in b["effects"]] for b in bodies] == [[], [5], [7], []]
    assert [b["goals"][0]["progress"] for b in bodies] == [1, 2, 3, 4]
    assert [b["goals"][0]["target"] for b in bodies] == [2, 3, None, None]
    back = take(world, "k0")
    assert back["effects"] == []
    back = take(world, "k1")
    assert [e["amount"] for e in back["effects"]] == [-7]
    print(back)
    back = take(world, "k2")
    assert [e["amount"] for e in back["effects"]] == [-5]
    assert back["balances"]["points"]["available"] == 0
    assert world.outcome()["effects"][0]["amount"] == 5
