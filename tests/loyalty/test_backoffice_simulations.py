"""The decision sheet: a marketer starts a simulation, watches it, reads charts and takes tables away as CSV."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign
from campaigns.services.simulations import start_simulation
from campaigns.services.trials import trial_of
from core.models import Job, User
from core.services import jobs
from tests.campaigns.world import LONG_AGO, NOW, World, campaign, everyday, fixed, make_world, rule
from tests.loyalty.test_backoffice_campaigns import office as signed_in

pytestmark = pytest.mark.django_db
DAYS = {"campaign": "new", "since": "2026-06-01", "until": "2026-06-30"}
LIST = "/office/simulations/"


@pytest.fixture
def world() -> World:
    world = make_world(everyday(), campaign("new", rule("r", fixed(7)), state="draft"))
    world.member("ann")
    world.send(world.event("10.00", subject="ann"), world.event("20.00", subject="ann"))
    return world


def office(world: World, role: str) -> Client:
    User.objects.filter(username=f"{role}-1").delete()
    return signed_in(world, role)


def test_a_draft_is_tried_out_and_the_sheet_says_what_it_gives(world: World) -> None:
    marketer = office(world, "marketer")
    started = marketer.post(LIST, DAYS)
    job = Job.objects.get()
    sheet = f"/office/simulations/{job.pk}/"
    assert (started.status_code, started["Location"]) == (302, sheet)
    assert b"waits for a worker" in marketer.get(sheet).content
    jobs.run(job_id=job.pk)
    page = marketer.get(sheet).content.decode()
    assert "<svg" in page
    assert "style=" not in page.partition('id="simulation"')[2].partition("</main>")[0]
    assert "44" in page
    table = marketer.get(f"{sheet}?format=csv&table=campaign")
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert "new,2,14,0,0,0,0" in table.content.decode().replace("\r", "")
    assert marketer.get(f"{sheet}?format=csv&table=none").status_code == 404


def test_only_who_makes_or_approves_campaigns_starts_one(world: World) -> None:
    finance = office(world, "finance")
    assert finance.get(LIST).status_code == 200
    assert finance.post(LIST, DAYS).status_code == 404
    assert Job.objects.count() == 0


def test_days_that_are_no_interval_are_refused(world: World) -> None:
    answer = office(world, "marketer").post(LIST, {**DAYS, "since": "2026-07-02"}, follow=True)
    assert (answer.status_code, Job.objects.count()) == (200, 0)


def test_staff_of_another_program_see_none(world: World) -> None:
    office(world, "marketer").post(LIST, DAYS)
    other = make_world(everyday(), program={"code": "other"})
    assert office(other, "marketer").get(f"/office/simulations/{Job.objects.get().pk}/").status_code == 404


# -- its tables ------------------------------------------------------------------------------------


GENEROUS = campaign(
    "generous",
    rule("more", fixed(700), limits=[{"per_member": {"times": 2}}]),
    rule("cash", {"cashback": {"fixed": {"SGD": "1.00"}}}),
    rule("lift", {"tier": {"to": "gold", "days": 30}}),
    name={"en": "Generous June"},
    state="draft",
    budget={"points": 9000, "money": {"SGD": "5.00"}},
)
TIERS = {
    "review": {"window": "rolling_12_months"},
    "downgrade": {"style": "never"},
    "ladder": [
        {"code": "silver", "name": {"en": "Silver"}, "requires": {}},
        {"code": "gold", "name": {"en": "Gold"}, "requires": {"events": 100}},
    ],
}
BUDGETS = [{"code": "central", "points": 100_000, "money": {"SGD": "50.00"}}]


def tried(*campaigns: dict[str, Any], **sections: Any) -> tuple[World, Job]:
    """Three payments of two members, one with an id like a formula of a spreadsheet, and what a draft gives them."""
    world = make_world(everyday(), *campaigns, **sections)
    for name in ("ann", "-bob"):
        world.member(name)
        world.send(*(world.event("10.00", subject=name) for _number in range(3)))
    draft = Campaign.objects.get(program=world.program, code="generous")
    until = NOW + timedelta(days=1)
    job = start_simulation(program=world.program, trial=trial_of(draft), since=LONG_AGO, until=until, name=draft.code)
    jobs.run(job_id=job.pk)
    return world, Job.objects.get(pk=job.pk)


def test_the_sheet_has_tier_moves_refusals_and_budgets_in_words() -> None:
    world, job = tried(GENEROUS, tiers=TIERS, budgets=BUDGETS)
    sheet = f"/office/simulations/{job.pk}/"
    page = " ".join(office(world, "marketer").get(sheet).content.decode().replace("\xa0", " ").split())
    assert "Moves between tiers" in page
    assert '<th scope="row"><bdi>Silver</bdi></th> <td><bdi>Gold</bdi></td>' in page
    assert "A limit was reached" in page
    assert page.count("<h3><bdi>Generous June</bdi></h3>") == 2
    assert "<h3><bdi>central</bdi></h3> <p>60 points spent, 99,940 points left" in page
    assert "SGD 5.00 spent, SGD 0.00 left" in page
    assert "ended on 15 June" in page
    assert "<bdi>Generous June</bdi>" in page
    assert "2026-06" not in page.partition('id="simulation"')[2]


FILES = {
    "tier_moves": ["from,to,simulated,live", "silver,gold,2,0"],
    "refused": ["reason,times", "limit,2", "budget,1"],
    "budgets": [
        "payer,unit,spent,left,ends_on,projected_end",
        "campaign:generous,SGD,5.00,0.00,2026-06-15,",
        "campaign:generous,points,2800,6200,,",
        "program,points,60,99940,,",
    ],
    "members": ["member,difference,currency", "ann,17.00,SGD", "'-bob,16.00,SGD"],
}


def test_every_table_of_the_sheet_is_a_file_that_no_spreadsheet_takes_for_formulas() -> None:
    world, job = tried(GENEROUS, tiers=TIERS, budgets=BUDGETS)
    marketer, approver = office(world, "marketer"), office(world, "campaign_approver")
    address = f"/office/simulations/{job.pk}/?format=csv&table="
    files = {table: marketer.get(address + table).content.decode("utf-8-sig").splitlines() for table in FILES}
    assert files == FILES
    hidden = approver.get(f"{address}members").content.decode("utf-8-sig").splitlines()
    assert hidden == ["member,difference,currency", ",17.00,SGD", ",16.00,SGD"]
