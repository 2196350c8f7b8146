"""Reversals that come before their originals wait, and are worked with them."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import WaitingReversal
from members.models import MemberDay
from tests.campaigns.taking import SEVEN, points, refused, take
from tests.campaigns.world import World, campaign, everyday, fixed, kept_world, rule

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def plain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A point a dollar for payments, and seven for every top-up."""
    with kept_world(django_db_blocker, everyday(), campaign("c", rule("r", fixed(7), event=SEVEN["type"]))) as one:
        yield one


def stored(world: World, event: dict[str, Any]) -> dict[str, Any]:
    """The stored answer of an event that is sent again."""
    (answer,) = world.send(event)
    assert answer.duplicate
    assert answer.body is not None
    return answer.body


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_original_and_its_parts_may_come_in_any_order(plain: World, order: tuple[int, ...]) -> None:
    plain.member()
    batch = [
        plain.event("100.00", "a", **SEVEN),
        plain.reversal("a", "50.00", key="r1"),
        plain.reversal("a", "25.00", key="r2"),
    ]
    statuses = [plain.send(batch[place])[0].status for place in order]
    assert statuses == ["processed" if 0 in order[: step + 1] else "waiting" for step in range(3)]
    assert not WaitingReversal.objects.exists()
    assert {stored(plain, event)["status"] for event in batch} == {"processed"}
    assert points(plain.outcome("0.00", **SEVEN)) == (7 + 2, 0, 0)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_one_batch_a_reversal_follows_its_original_whatever_its_clock_says(
    plain: World, order: tuple[int, ...]
) -> None:
    plain.member()
    early = "2026-06-01T00:00:00Z"
    batch = [
        plain.event("100.00", "a", **SEVEN),
        plain.reversal("a", "50.00", key="r1", time=early),
        plain.reversal("a", key="r2"),
    ]
    answers = plain.send(*(batch[place] for place in order))
    assert [answer.status for answer in answers] == ["processed"] * 3
    assert points(plain.outcome("0.00", **SEVEN)) == (7, 0, 0)


def test_a_waiting_reversal_changes_nothing_and_is_answered_again(plain: World) -> None:
    plain.member()
    event = plain.reversal("a", key="r")
    (first,) = plain.send(event)
    assert first.body is not None
    assert set(first.body) == {"source", "id", "status", "duplicate", "member", "sequence"}
    assert stored(plain, event) == first.body | {"duplicate": True}
    assert MemberDay.objects.count() == 0


def test_a_waiting_reversal_that_asks_for_too_much_is_rejected_when_its_original_comes(plain: World) -> None:
    plain.member()
    event = plain.reversal("a", "100.01", key="r")
    plain.send(event)
    assert points(plain.outcome("100.00", "a")) == (100, 0, 0)
    body = stored(plain, event)
    assert (body["status"], body["problem"]["type"]) == ("rejected", "/problems/already-reversed")


@pytest.mark.parametrize("together", [False, True])
def test_a_waiting_reversal_of_another_members_event_is_rejected_when_it_comes(plain: World, together: bool) -> None:
    plain.member()
    plain.member("bob")
    event = plain.reversal("a", key="r", subject="bob")
    plain.send(event)
    plain.send(plain.event("100.00", "a"), *([plain.event("1.00", subject="bob")] if together else []))
    body = stored(plain, event)
    assert (body["status"], body["problem"]["type"], body["member"]) == ("rejected", "/problems/validation", "bob")
    assert not WaitingReversal.objects.exists()


def test_a_reversal_that_waited_for_a_reversal_is_rejected_when_that_comes(plain: World) -> None:
    plain.member()
    event = plain.reversal("r", key="rr")
    plain.send(event)
    plain.outcome("100.00", key="a")
    take(plain, "a", key="r")
    assert stored(plain, event)["status"] == "rejected"
    assert points(plain.outcome("0.00")) == (0, 0, 0)


def test_a_reversal_goes_on_waiting_for_one_that_is_refused(plain: World) -> None:
    plain.member()
    event = plain.reversal("r", key="rr")
    plain.send(event)
    plain.outcome("100.00", key="a")
    assert refused(plain, "a", "100.01", key="r") == ("already-reversed", [])
    assert stored(plain, event)["status"] == "waiting"
