"""Offers with many at once: two workers, assignments beside events, references taken at the same moment; replays."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import GhostAward, Offer, Outcome, ReachedMilestone
from campaigns.services.simulation import simulate
from campaigns.services.trials import Trial
from ledger.models import Transfer
from tests.campaigns.goal_cases import goal_rule, step
from tests.campaigns.offer_cases import activate, ask, give, offered, see, state
from tests.campaigns.test_concurrency import at_once
from tests.campaigns.test_simulation import SINCE
from tests.campaigns.world import World, campaign, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = {"count": True, "window": "offer"}


def make(*campaigns: dict[str, Any]) -> World:
    world = make_world(*campaigns)
    world.member()
    return world


def test_two_workers_complete_one_offer_once() -> None:
    world = make(offered(), offered("goal", goal_rule("r", COUNT, step(3))))
    for number in range(6):
        once, three = give(world), give(world, "goal")
        events = [[world.event(key=f"{number}-{worker}-{n}") for n in range(3)] for worker in range(2)]
        at_once(*(partial(world.send, *mine) for mine in events))
        assert [state(world, offer)[0] for offer in (once, three)] == ["completed", "completed"]
    awards = Transfer.objects.filter(journal__kind="award").values_list("amount", flat=True)
    assert sorted(awards) == [3] * 6 + [50] * 6
    assert ReachedMilestone.objects.count() == 6


def test_an_offer_given_beside_events_counts_those_that_are_worked_after_it() -> None:
    world = make(offered(offer={"closes": False}))
    batches = [[world.event(key=f"{worker}-{n}") for n in range(10)] for worker in range(2)]
    at_once(*(partial(world.send, *mine) for mine in batches), partial(give, world))
    paid = Transfer.objects.filter(journal__kind="award").values_list("event_id", flat=True)
    events = sorted(Outcome.objects.values_list("event_id", flat=True))
    assert len(set(paid)) == len(paid) <= len(events) == 20


def test_a_reversal_beside_the_completing_event_leaves_either_whole() -> None:
    world = make(offered())
    for number in range(6):
        offer = give(world)
        event, back = world.event(key=f"e{number}"), world.reversal(f"e{number}", key=f"r{number}")
        at_once(partial(world.send, event), partial(world.send, back))
        assert state(world, offer) == ("assigned", 0, 1)
        Offer.objects.update(is_closed=True)


def test_a_reference_taken_at_the_same_moment_names_one_offer() -> None:
    world = make(offered())
    for number in range(4):
        request = {"campaign": "bonus", "member": "ann", "reference": f"r{number}"}
        answers = at_once(*[partial(ask, world, request)] * 4)
        found = [one.offer for (one,) in answers if one.offer]
        assert (len(found), len({offer.pk for offer in found})) == (4, 1)
        assert sum(one.is_new for (one,) in answers) == 1
    assert Offer.objects.count() == 4


# -- queries -----------------------------------------------------------------------------------


def queries(world: World, size: int) -> tuple[int, int]:
    """All queries of a batch, and those that name offers."""
    events = [world.event(subject=f"m{number}") for number in range(size)]
    with CaptureQueriesContext(connection) as found:
        assert [answer.status for answer in world.send(*events)] == ["processed"] * size
    return len(found), sum("campaigns_offer" in query["sql"] for query in found)


def test_the_engine_asks_as_much_for_one_open_offer_as_for_three_times_fifty() -> None:
    world = make(
        everyday(), offered(offer={"closes": False}), offered("goal", goal_rule("r", COUNT, step(500)), stack="g")
    )
    for number in range(50):
        world.member(f"m{number}")
    requests = [{"campaign": c, "member": f"m{n}"} for n in range(50) for c in ("bonus", "bonus", "goal")]
    assert all(one.offer for one in ask(world, *requests))
    queries(world, 50)
    counts = [queries(world, size) for size in (1, 3, 50)]
    assert counts == [counts[0]] * 3


def test_programs_without_offers_are_asked_nothing_for_them() -> None:
    world = make(everyday(), campaign("goal", goal_rule("r", {"count": True, "window": "month"}, step(5))))
    world.member("m0")
    assert queries(world, 1)[1] == 0


# -- replays -----------------------------------------------------------------------------------


def test_replaying_gives_what_offers_gave() -> None:
    world = make(
        everyday(),
        offered(),
        offered("seen", rule("r", fixed(7)), offer={"require": "seen"}),
        offered("own", rule("r", fixed(9)), delivery="opt_in"),
        offered("goal", goal_rule("r", COUNT, step(2), step(4)), limits=[{"per_member": {"times": 3, "per": "day"}}]),
        offered("held", rule("r", fixed(11)), holdout=100),
        offered("low", rule("r", fixed(3)), stack="g"),
        offered("high", rule("r", fixed(5)), stack="g", priority=1),
    )
    happens(world, "before")
    offers = {code: give(world, code, at=timezone.now()) for code in ("bonus", "seen", "own", "goal", "held")}
    for code in ("low", "high"):
        give(world, code, at=timezone.now())
    happens(world, "a")
    see(world, offers["seen"], at=timezone.now())
    activate(world, offers["own"], at=timezone.now())
    happens(world, "b", "c", "d")
    world.send(world.reversal("a"), world.reversal("d", "40.00"), at=timezone.now())
    give(world, "goal", at=timezone.now())
    happens(world, "e", "f", "g")
    assert GhostAward.objects.count() == 1
    until = timezone.now() + timedelta(days=1)
    report = simulate(program=world.program, trial=Trial(), since=SINCE, until=until, report=lambda _done, _total: None)
    assert report["difference"] == {"awards": 0, "listed": []}
    assert report["simulated"]["awards"] >= 15


def happens(world: World, *keys: str) -> None:
    """Payments now, by the clock: what was recorded when decides."""
    for key in keys:
        (answer,) = world.send(world.event(key=key, time=timezone.now().isoformat()), at=timezone.now())
        assert answer.status == "processed"
