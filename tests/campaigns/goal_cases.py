"""Campaigns with goals, for tests: each listens to its own channel, so that many live in one world."""

from collections.abc import Sequence
from typing import Any

from tests.campaigns.world import BASE, World, fixed
from tests.campaigns.world import campaign as live

CAR = {
    "code": "service.done",
    "name": {"en": "Service"},
    "amount": "optional",
    "qualifying": True,
    "data": [{"code": "vin", "type": "text"}, {"code": "km", "type": "integer"}],
}
EVENT_TYPES = [*BASE["event_types"], CAR]
DEALERS = [
    {
        "code": code,
        "name": {"en": code},
        "market": "ID",
        "region": "JKT",
        "outlets": [{"code": f"{code}-S1", "kind": "service_centre", "name": {"en": code}}],
    }
    for code in ("JKT-01", "JKT-02")
]
SECTIONS: dict[str, Any] = {"event_types": EVENT_TYPES, "dealers": DEALERS}


def step(reach: int | str, *then: dict[str, Any]) -> dict[str, Any]:
    """A milestone; without effects it gives as many points as it reaches."""
    return {"reach": reach, "then": list(then) or [fixed(int(float(reach)))]}


def goal_rule(code: str, goal: dict[str, Any], *milestones: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A rule with a goal."""
    return {"code": code, "event": "payment.completed", "goal": goal, "milestones": list(milestones), **more}


def goal_case(code: str, goal: dict[str, Any], *milestones: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A campaign with one goal, for the events of its own channel."""
    own = {"fact": "event.channel", "op": "eq", "value": code}
    event = more.pop("event", "payment.completed")
    return live(code, goal_rule("r", goal, *milestones, when=own, event=event), **more)


def sent(world: World, channel: str, day: str, amount: str | None = "1.00", key: str | None = None, **more: Any) -> Any:
    """The outcome of an event of a case, at noon of a day in Singapore unless the time is given."""
    time = day if "T" in day else f"{day}T12:00:00+08:00"
    data = {"channel": channel, **more.pop("data", {})}
    return world.outcome(amount, key, time=time, data=data, **more)


def points_of(body: dict[str, Any]) -> list[Any]:
    """Points (or money) that milestones gave or lost, in order."""
    return [effect["amount"] for effect in body["effects"]]


def standing(body: dict[str, Any]) -> tuple[Any, Any]:
    """Progress and target of the only goal."""
    (one,) = body["goals"]
    return one["progress"], one["target"]


def run(world: World, channel: str, events: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Points of each event, given as (day, amount?, data?); its key is its place."""
    return [_points(world, channel, f"k{place}", *event) for place, event in enumerate(events)]


def _points(world: World, channel: str, key: str, day: str, amount: str = "1.00", data: Any = None) -> list[Any]:
    return points_of(sent(world, channel, day, amount, key, data=data or {}))
