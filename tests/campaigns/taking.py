"""Taking events back, for tests."""

from datetime import datetime
from typing import Any

from campaigns.models import Event
from tests.campaigns.world import NOW, World

SEVEN: dict[str, Any] = {"type": "wallet.topped_up"}


def take(world: World, original: str, amount: str | None = None, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    """Take something back that can be taken back."""
    (answer,) = world.send(world.reversal(original, amount, **more), at=at)
    assert answer.body is not None, answer.refusal
    return answer.body


def refused(world: World, original: str, amount: str | None = None, **more: Any) -> tuple[str, list[tuple[str, str]]]:
    """Try to take something back that cannot be; nothing is stored."""
    stored = Event.objects.count()
    (answer,) = world.send(world.reversal(original, amount, **more))
    assert answer.refusal is not None
    assert Event.objects.count() == stored
    return answer.refusal.code, [(error.pointer, error.code) for error in answer.refusal.errors]


def points(body: dict[str, Any]) -> tuple[int, int, int]:
    """Available, pending, debt."""
    found = body["balances"]["points"]
    return found["available"], found["pending"], found["debt"]
