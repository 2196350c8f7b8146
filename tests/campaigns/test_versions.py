"""Campaigns change while members earn: the version in force pays, and awards name it."""

from typing import Any

import pytest

from ledger.models import Transfer
from tests.campaigns.world import campaign, document, fixed, make_world, rule

pytestmark = pytest.mark.django_db


def paying(points: int, **more: Any) -> dict[str, Any]:
    return campaign("c", rule("r", fixed(points), limits=[{"per_member": {"points": 100}}]), **more)


def test_a_live_campaign_that_changes_is_a_new_version_and_awards_name_the_one_that_paid() -> None:
    world = make_world(paying(10))
    world.member()
    first = world.outcome(key="a")
    world.reload(document(paying(20)))
    second = world.outcome(time="2026-02-01T00:00:00Z")  # what counts is when it is worked, not when it happened
    (again,) = world.send(world.event(key="a"))
    assert again.body == first | {"duplicate": True}
    assert [(e["version"], e["amount"]) for e in first["effects"] + second["effects"]] == [(1, 10), (2, 20)]
    awards = Transfer.objects.filter(journal__kind="award").order_by("pk")
    assert awards[0].campaign_version_id != awards[1].campaign_version_id
    (trace,) = [answer.trace for answer in world.send(world.event(), trace=True)]
    assert [line["version"] for line in trace] == [2]


def test_loading_the_same_file_again_makes_no_version() -> None:
    world = make_world(paying(10))
    world.member()
    world.reload(document(paying(10)))
    assert world.outcome()["effects"][0]["version"] == 1


def test_a_reversal_takes_what_the_version_of_then_gave() -> None:
    world = make_world(paying(10))
    world.member()
    world.outcome(key="a")
    world.reload(document(paying(20)))
    (back,) = world.send(world.reversal("a"))
    assert back.body is not None
    assert [(e["version"], e["amount"]) for e in back.body["effects"]] == [(1, -10)]


def test_limits_go_on_over_versions() -> None:
    world = make_world(paying(90))
    world.member()
    world.outcome()
    world.reload(document(paying(50)))
    assert [e["amount"] for e in world.outcome()["effects"]] == [10]


@pytest.mark.parametrize(
    ("state", "lines"),
    [("draft", []), ("ended", []), ("paused", ["not-live"]), ("scheduled", [None]), ("live", [None])],
)
def test_only_a_campaign_that_runs_pays(state: str, lines: list[str | None]) -> None:
    world = make_world(paying(10, state=state))
    world.member()
    (answer,) = world.send(world.event(), trace=True)
    assert [line["reason"] for line in answer.trace] == lines


def test_a_campaign_that_the_file_does_not_name_any_more_pays_no_more() -> None:
    world = make_world(paying(10))
    world.member()
    world.reload(document())
    assert world.outcome()["effects"] == []


def test_an_event_type_that_is_retired_is_unknown() -> None:
    world = make_world()
    world.member()
    types = document()["event_types"]
    world.reload(document(event_types=types[:1]))
    (answer,) = world.send(world.event("1.00", type="wallet.topped_up"))
    assert answer.refusal is not None
    assert [(error.pointer, error.code) for error in answer.refusal.errors] == [("/type", "unknown-type")]
