"""Simulations through the API: asked for, worked by a job, read; nothing but the report is written."""

from typing import Any

import pytest

from campaigns.models import Event, Forecast
from core.models import Job
from core.services import jobs
from tests.campaigns.world import World, campaign, everyday, fixed, make_world, rule
from tests.campaigns.world import document as program_file
from tests.loyalty.api import Caller, document, make_caller, problem

pytestmark = pytest.mark.django_db

INTERVAL = {"from": "2026-06-01", "to": "2026-07-01"}
DRAFT = campaign("new", rule("r", fixed(7)), state="draft")


@pytest.fixture
def world() -> World:
    world = make_world(everyday(), DRAFT)
    world.member("ann")
    world.send(world.event("10.00"), world.event("20.00"))
    return world


@pytest.fixture
def partner(world: World) -> Caller:
    return make_caller(world.program, "simulations:write")


def read(partner: Caller, started: Any) -> dict[str, Any]:
    """The simulation once its job has run."""
    jobs.run(job_id=int(document(started)["id"]))
    answer: dict[str, Any] = document(partner.get(f"simulations/{document(started)['id']}"))
    return answer


def test_a_draft_is_simulated_and_its_forecast_kept(partner: Caller) -> None:
    started = partner.post("simulations", {"campaign": "new", **INTERVAL})
    assert (started.status_code, document(started)["state"], document(started)["report"]) == (202, "queued", None)
    assert started["Location"] == f"/api/v1/simulations/{document(started)['id']}"
    done = read(partner, started)
    assert (done["state"], done["progress"]) == ("done", {"done": 2, "total": 2})
    assert (done["report"]["live"]["points"], done["report"]["simulated"]["points"]) == (30, 44)
    assert Forecast.objects.get().figures["points"] == 14
    assert Event.objects.count() == 2


def test_a_file_is_compared_with_what_is_in_force(partner: Caller) -> None:
    file = program_file(campaign("everyday", rule("base", fixed(3)), promise=True), DRAFT)
    done = read(partner, partner.post("simulations", {"file": file, **INTERVAL}))
    assert [one["code"] for one in done["report"]["drafts"]] == ["everyday"]
    assert (done["report"]["live"]["points"], done["report"]["simulated"]["points"]) == (30, 6)


def test_without_campaign_the_live_ones_are_replayed(partner: Caller) -> None:
    done = read(partner, partner.post("simulations", INTERVAL))
    assert (done["report"]["simulated"]["points"], done["report"]["difference"]["awards"]) == (30, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"campaign": "none", **INTERVAL}, "/campaign"),
        ({"campaign": "\ud800", **INTERVAL}, "/campaign"),
        ({"from": "2026-06-01"}, "/to"),
        ({"from": "soon", "to": "2026-07-01"}, "/from"),
        ({"from": "2026-07-01", "to": "2026-06-01"}, "/to"),
        ({"file": "program: {", **INTERVAL}, None),
        ([], ""),
    ],
)
def test_what_cannot_be_simulated_is_refused_and_nothing_is_queued(partner: Caller, body: Any, pointer: Any) -> None:
    answer = partner.post("simulations", body)
    assert problem(answer) == (422, "validation")
    assert pointer is None or document(answer)["errors"][0]["pointer"] == pointer
    assert Job.objects.count() == 0


def test_the_same_request_under_a_key_starts_one_simulation(partner: Caller) -> None:
    first, again = (partner.post("simulations", INTERVAL, Idempotency_Key="one") for _ in range(2))
    assert (document(first), again["Idempotency-Replayed"], Job.objects.count()) == (document(again), "true", 1)


def test_other_programs_simulations_do_not_exist(world: World, partner: Caller) -> None:
    started = partner.post("simulations", INTERVAL)
    stranger = make_caller(make_world(everyday(), program={"code": "other"}).program, "simulations:write")
    assert problem(stranger.get(f"simulations/{document(started)['id']}")) == (404, "not-found")
    assert problem(partner.get("simulations/x")) == (404, "not-found")
