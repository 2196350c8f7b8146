"""Reversals that wait for what they take back: how long they wait, and who is told that it is too long."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Event
from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.test_backoffice_campaigns import office

pytestmark = pytest.mark.django_db
LIST = reverse("admin:campaigns_waitingreversal_changelist")


@pytest.fixture
def world() -> World:
    """One reversal of today, one of six days ago, and one of eight days ago."""
    world = make_world(everyday())
    for name, days in (("ann", 0), ("bob", 6), ("cem", 8)):
        world.member(name)
        world.send(world.reversal(f"lost-{name}", key=f"refund-{name}", subject=name))
        came = timezone.now() - timedelta(days=days, minutes=1)
        Event.objects.filter(key=f"refund-{name}").update(recorded_at=came)
    return world


def test_a_waiting_reversal_says_how_long_it_waits_and_the_late_ones_are_found(world: World) -> None:
    support = office(world, "support")
    page = support.get(LIST)
    assert [row.key for row in page.context["cl"].result_list] == ["lost-cem", "lost-bob", "lost-ann"]
    shown = page.content.decode()
    assert [shown.count(f"{days} days") for days in (0, 6, 8)] == [1, 1, 1]
    late = support.get(LIST, {"waits": "long"}).context["cl"].result_list
    assert [row.key for row in late] == ["lost-cem"]


@pytest.mark.parametrize("term", ["refund-bob", "lost-bob", "/test#refund-bob", "bob"])
def test_a_waiting_reversal_is_found_by_its_id_by_the_one_it_waits_for_and_by_whose_it_is(
    world: World, term: str
) -> None:
    found = office(world, "support").get(LIST, {"q": term}).context["cl"].result_list
    assert [row.key for row in found] == ["lost-bob"]


def test_support_lands_on_reversals_that_wait_longer_than_seven_days(world: World) -> None:
    support = office(world, "support")
    shown = " ".join(support.get("/office/").content.decode().split())
    assert "reversal waits too long for what it takes back" in shown
    assert ("lost-cem" in shown, "lost-bob" in shown) == (True, False)
    world.send(world.event("10.00", "lost-cem", subject="cem"))
    assert b'data-test="late-reversals"' not in support.get("/office/").content
