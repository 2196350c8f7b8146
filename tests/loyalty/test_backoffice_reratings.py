"""Corrections in the back office: worked out as a job, approved by somebody else, undone as a whole."""

import pytest
from django.test import Client

from campaigns.models import CampaignVersion, Rerated, Rerating
from core.models import Job
from core.services import jobs
from tests.campaigns.test_reratings import balance, world_of
from tests.campaigns.world import World
from tests.loyalty.test_backoffice_campaigns import office

pytestmark = pytest.mark.django_db
LIST = "/office/reratings/"


@pytest.fixture
def world() -> World:
    return world_of(10, 25)


def propose(client: Client) -> int:
    """The status of the answer; the job is worked where there is one."""
    version = CampaignVersion.objects.order_by("-number")[0]
    days = {"since": "2026-06-01", "until": "2026-06-30"}
    answer = client.post(LIST, {"version": version.pk, **days, "policy": "both", "because": "typed wrong"})
    work()
    return answer.status_code


def work() -> None:
    for pk in Job.objects.filter(state="queued").values_list("pk", flat=True):
        jobs.run(job_id=pk)


def decide(client: Client, step: str) -> int:
    answer = client.post(f"{LIST}{Rerating.objects.get().pk}/decide/", {"step": step})
    work()
    return answer.status_code


def test_a_correction_is_proposed_approved_by_somebody_else_and_undone(world: World) -> None:
    marketer, approver = office(world, "marketer"), office(world, "campaign_approver")
    assert propose(marketer) == 302
    page = f"{LIST}{Rerating.objects.get().pk}/"
    assert (decide(marketer, "approve"), balance(world)) == (404, (30, 0, 0))
    assert b"typed wrong" in approver.get(page).content
    assert (decide(approver, "approve"), balance(world)) == (302, (75, 0, 0))
    assert "ann" in marketer.get(f"{page}?format=csv").content.decode()
    assert ",c,r,points,10,25,15,15,posted" in approver.get(f"{page}?format=csv").content.decode()
    assert (decide(approver, "undo"), balance(world)) == (302, (30, 0, 0))
    assert Rerating.objects.get().state == "undone"


def test_who_may_not_propose_changes_nothing(world: World) -> None:
    assert propose(office(world, "support")) == 404
    assert (Job.objects.count(), Rerating.objects.count()) == (0, 0)


def test_a_proposal_that_is_sent_back_moves_nothing(world: World) -> None:
    propose(office(world, "marketer"))
    assert (decide(office(world, "finance_approver"), "reject"), balance(world)) == (302, (30, 0, 0))
    assert Rerating.objects.get().state == "rejected"


def test_the_page_names_states_and_units_and_writes_money_as_money(world: World) -> None:
    marketer = office(world, "marketer")
    propose(marketer)
    row = Rerating.objects.get()
    award = Rerated.objects.filter(rerating=row).first()
    assert award is not None
    award.pk, award.place, award.unit, award.difference = None, 7, "SGD", 150
    award.save()
    page = " ".join(marketer.get(f"{LIST}{row.pk}/").content.decode().replace("\xa0", " ").split())
    for words in ("15 points", "45 points", "SGD 1.50", "<td>Points</td>", "<td>Open</td>"):
        assert words in page
    assert "<td>open</td>" not in page
    assert "<td>points</td>" not in page
