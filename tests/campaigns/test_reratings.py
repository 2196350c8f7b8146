"""A correction gives what a right version would have given, belongs to its awards, and takes two people."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import CampaignVersion, Rerated, Rerating
from campaigns.services.rerating_proposals import propose_rerating
from campaigns.services.reratings import approve_rerating, reject_rerating, undo_rerating
from core.models import User
from core.refusals import Invalid
from members.models import Notice
from tests.campaigns.taking import points, take
from tests.campaigns.test_simulation import SINCE, UNTIL
from tests.campaigns.world import NOW, World, campaign, document, fixed, make_world, rule

pytestmark = pytest.mark.django_db
State = Rerating.State


def world_of(wrong: int, right: int, **more: Any) -> World:
    """Three payments of ann under a wrong version; then the campaign is mended."""
    world = make_world(campaign("c", rule("r", fixed(wrong), **more)))
    world.member("ann")
    for key in ("a", "b", "c"):
        world.send(world.event("100.00", key))
    world.reload(document(campaign("c", rule("r", fixed(right)))))
    return world


def user(name: str) -> User:
    found, _ = User.objects.get_or_create(username=name)
    return found


def propose(policy: str = "both") -> Rerating:
    version = CampaignVersion.objects.select_related("campaign__program").order_by("-pk").first()
    assert version is not None
    return propose_rerating(
        version=version, since=SINCE, until=UNTIL, policy=policy, because="wrong", by=user("pat"), at=NOW
    )


def corrected(policy: str = "both") -> Rerating:
    return approve_rerating(rerating=propose(policy), by=user("quinn"), at=NOW)


def balance(world: World) -> tuple[int, int, int]:
    """After an event that gives nothing."""
    return points(world.outcome(None, type="app.opened"))


def amounts(state: str) -> list[tuple[int, int]]:
    rows = Rerated.objects.filter(state=state).order_by("event_id", "place")
    return list(rows.values_list("difference", "moved"))


def test_what_was_missing_is_given_and_the_member_is_told() -> None:
    world = world_of(10, 25)
    rerating = propose()
    assert (amounts("open"), balance(world)) == ([(15, 0)] * 3, (30, 0, 0))
    approve_rerating(rerating=rerating, by=user("quinn"), at=NOW)
    assert (amounts("posted"), balance(world)) == ([(15, 15)] * 3, (75, 0, 0))
    assert Notice.objects.get(kind="corrected").values == {"unit": "points", "amount": "45"}
    approve_rerating(rerating=rerating, by=user("quinn"), at=NOW)
    assert balance(world) == (75, 0, 0)


def test_what_was_too_much_is_taken_as_far_as_it_is_unspent() -> None:
    world = world_of(10, 4)
    corrected("take_unspent")
    assert (amounts("posted"), balance(world)) == ([(-6, -6)] * 3, (12, 0, 0))


@pytest.mark.parametrize(("policy", "wrong", "right"), [("give", 10, 4), ("take_unspent", 10, 25), ("forgive", 10, 4)])
def test_a_policy_leaves_what_it_does_not_name(policy: str, wrong: int, right: int) -> None:
    world = world_of(wrong, right)
    corrected(policy)
    assert (len(amounts("left")), balance(world), Notice.objects.count()) == (3, (30, 0, 0), 0)


@pytest.mark.parametrize(("wrong", "right"), [(10, 25), (10, 4)])
def test_a_correction_goes_back_with_its_award(wrong: int, right: int) -> None:
    world = world_of(wrong, right)
    corrected()
    assert points(take(world, "a")) == (2 * right, 0, 0)
    part = take(world, "b", "50.00")
    assert [effect["amount"] for effect in part["effects"]] == [-(right // 2)]
    assert points(take(world, "b")) == (right, 0, 0)


def test_awards_that_were_missing_come_and_go_with_their_events() -> None:
    never = {"fact": "event.amount", "op": "gt", "value": "1000.00"}
    world = world_of(10, 25, when=never)
    corrected("give")
    assert balance(world) == (75, 0, 0)
    assert points(take(world, "a")) == (50, 0, 0)


def test_returns_before_the_correction_are_respected() -> None:
    world = world_of(10, 20)
    take(world, "a")
    take(world, "b", "50.00")
    corrected()
    assert (amounts("posted"), balance(world)) == ([(5, 5), (10, 10)], (30, 0, 0))
    assert points(take(world, "b")) == (20, 0, 0)


@pytest.mark.parametrize(("wrong", "right"), [(10, 25), (10, 4)])
def test_a_correction_is_undone_as_a_whole(wrong: int, right: int) -> None:
    world = world_of(wrong, right)
    rerating = corrected()
    undo_rerating(rerating=rerating, by=user("quinn"), at=NOW)
    assert balance(world) == (30, 0, 0)
    assert points(take(world, "a")) == (20, 0, 0)


def test_events_that_were_taken_back_since_the_proposal_are_left_alone() -> None:
    world = world_of(10, 25)
    rerating = propose()
    take(world, "a")
    approve_rerating(rerating=rerating, by=user("quinn"), at=NOW)
    assert (amounts("left"), balance(world)) == ([(15, 0)], (50, 0, 0))


def test_who_proposed_cannot_approve_and_nothing_moves() -> None:
    world = world_of(10, 25)
    rerating = propose()
    with pytest.raises(Invalid):
        approve_rerating(rerating=rerating, by=user("pat"), at=NOW)
    assert (Rerating.objects.get().state, balance(world)) == (State.PROPOSED, (30, 0, 0))
    reject_rerating(rerating=rerating, by=user("quinn"), at=NOW)
    with pytest.raises(Invalid):
        approve_rerating(rerating=rerating, by=user("quinn"), at=NOW)
    assert balance(world) == (30, 0, 0)


def statements(number: int, wrong: int, right: int, more: Mapping[str, Any]) -> tuple[int, int]:
    """How many it takes to post a correction of so many awards, and to undo it."""
    world = make_world(campaign("c", rule("r", fixed(wrong), **more)), program={"code": f"p{number}"})
    for place in range(number):
        world.member(f"m{place}")
        world.outcome(subject=f"m{place}")
    world.reload(document(campaign("c", rule("r", fixed(right))), program={"code": f"p{number}"}))
    rerating, quinn = propose(), user("quinn")
    counts = []
    for act in (approve_rerating, undo_rerating):
        with CaptureQueriesContext(connection) as captured:
            act(rerating=rerating, by=quinn, at=NOW)
        counts.append(len(captured))
    assert Rerated.objects.filter(rerating=rerating, state="undone").count() == number
    return counts[0], counts[1]


NEVER = {"when": {"fact": "event.amount", "op": "gt", "value": "1000.00"}}


@pytest.mark.parametrize(("wrong", "right", "more"), [(10, 25, {}), (10, 25, NEVER), (10, 4, {})])
def test_the_number_of_queries_does_not_grow_with_awards(wrong: int, right: int, more: Mapping[str, Any]) -> None:
    assert statements(1, wrong, right, more) == statements(3, wrong, right, more)
