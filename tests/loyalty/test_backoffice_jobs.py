"""Jobs and the landing page: progress is seen, work is stopped, the light of the proofs is true."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import Job
from core.services import jobs
from dealers.models import Budget
from ledger.models import Book
from ledger.services.accounts import AccountSpec, open_accounts
from loyalty.operations.proving import KIND
from tests.campaigns.world import World, document, everyday, make_world
from tests.loyalty.people import office_client, sign_in_staff
from tests.loyalty.two_programs import Staffed, make_staffed

pytestmark = pytest.mark.django_db


@pytest.fixture
def own() -> Staffed:
    return make_staffed("own")


@pytest.fixture
def office() -> Client:
    return office_client()


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def make_job(own: Staffed, state: Job.State = Job.State.RUNNING) -> Job:
    return Job.objects.create(kind=KIND, program=own.program, state=state, steps_done=3, steps_total=10)


def page(job: Job, name: str = "change") -> str:
    return reverse(f"admin:core_job_{name}", args=[job.pk])


def test_a_job_is_stopped_by_whoever_may_run_it(own: Staffed) -> None:
    job = make_job(own)
    assert sign_in_staff(Client(), own.staff("leadership")).post(page(job, "cancel")).status_code == 404
    job.refresh_from_db()
    assert not job.cancel_requested
    assert sign_in_staff(Client(), own.staff("finance")).post(page(job, "cancel")).status_code == 302
    job.refresh_from_db()
    assert job.cancel_requested


def test_a_job_is_not_stopped_by_a_link(own: Staffed, office: Client) -> None:
    job = make_job(own)
    assert office.get(page(job, "cancel")).status_code == 405
    job.refresh_from_db()
    assert not job.cancel_requested


def test_another_programs_job_does_not_exist(own: Staffed) -> None:
    job = make_job(make_staffed("other"))
    browser = sign_in_staff(Client(), own.staff("administrator"))
    assert [browser.get(page(job)).status_code, browser.post(page(job, "cancel")).status_code] == [404, 404]


def test_a_page_refreshes_itself_until_the_job_is_done(own: Staffed, office: Client) -> None:
    running, done = make_job(own), make_job(own, Job.State.DONE)
    assert "hx-get" in office.get(page(running)).content.decode().partition('id="job"')[2].partition(">")[0]
    assert "hx-get" not in office.get(page(done)).content.decode().partition('id="job"')[2].partition(">")[0]


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ({"happenings": 3801}, ["Events", "3,801"]),
        (
            {"new": 2, "update": 1, "skip": 0},
            ["Rows that are new", "2", "Rows without a change", "0", "Rows changed", "1"],
        ),
        ({"moves": [{"from": "silver", "to": "gold", "members": 3}]}, ["Tier changes", "3", "silver → gold", "3"]),
        ({"moves": []}, ["Tier changes", "0"]),
        ({"ok": True, "books": {"own": []}}, ["own", "The books add up"]),
    ],
)
def test_a_report_is_read_in_words(own: Staffed, office: Client, report: dict[str, Any], words: list[str]) -> None:
    job = make_job(own, Job.State.DONE)
    Job.objects.filter(pk=job.pk).update(report=report)
    text = office.get(page(job)).content.decode()
    found = text.partition('data-test="report"')[2].partition("</dl>")[0]
    assert re.findall(r"<d[td]>([^<]*)<", found) == words
    assert '<pre class="raw"' not in text
    assert f"{job.kind} #{job.pk}" not in text


def light(office: Client, own: Staffed) -> str:
    panels = office.get(f"/office/?program={own.program.code}").context["panels"]
    return next(str(panel["light"]) for panel in panels if "light" in panel)


def test_the_light_is_green_only_after_a_proof_that_found_nothing(own: Staffed, office: Client) -> None:
    assert light(office, own) == "warn"
    answer = office.post(reverse("admin:prove"), {"program": own.program.code})
    job = Job.objects.get()
    assert answer.headers["Location"] == page(job)
    jobs.run(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.report["ok"], job.steps_done, job.steps_total) == ("done", True, 1, 1)
    assert light(office, own) == "good"
    Job.objects.update(updated_at=job.updated_at - timedelta(hours=40))
    assert light(office, own) == "warn"


def test_the_light_is_red_for_a_book_that_does_not_add_up(own: Staffed, office: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET session_replication_role = replica")
        cursor.execute("UPDATE ledger_account SET balance = balance + 1 WHERE code LIKE 'member:%'")
        cursor.execute("SET session_replication_role = origin; SET ROLE loyalty_app")
    office.post(reverse("admin:prove"), {"program": own.program.code})
    jobs.run(job_id=Job.objects.get().pk)
    assert Job.objects.get().report["ok"] is False
    assert light(office, own) == "bad"


def test_proofs_are_started_once_at_a_time_and_by_those_who_may(own: Staffed) -> None:
    prove = reverse("admin:prove")
    assert sign_in_staff(Client(), own.staff("support")).post(prove, {"program": "own"}).status_code == 404
    browser = sign_in_staff(Client(), own.staff("finance"))
    browser.post(prove, {"program": "own"})
    browser.post(prove, {"program": "own"})
    assert Job.objects.count() == 1
    assert browser.post(prove, {"program": make_staffed("other").program.code}).status_code == 404


PANELS = {
    "marketer": ["campaigns", "stock", "figures", "budgets", "jobs"],
    "campaign_approver": ["campaigns", "referrals", "figures", "budgets", "jobs"],
    "finance": ["orders", "proofs", "figures", "budgets", "refusals", "search", "jobs"],
    "support": ["search", "orders", "reversals", "campaigns"],
    "leadership": ["figures", "pace", "proofs", "campaigns", "budgets"],
    "administrator": ["health", "orders", "stock", "jobs", "search", "proofs", "campaigns"],
    "regional_manager": ["search", "budgets", "campaigns"],
    "dealer_manager": ["budgets", "campaigns"],
}


@pytest.mark.parametrize("role", PANELS)
def test_each_role_lands_where_its_work_is(own: Staffed, role: str) -> None:
    panels = sign_in_staff(Client(), own.staff(role)).get("/office/").context["panels"]
    shown = [panel["template"].removeprefix("backoffice/landing/").removesuffix(".html") for panel in panels]
    assert shown == ["notices", *PANELS[role]]


def test_a_dealers_manager_reads_of_the_dealers_budget_alone(own: Staffed) -> None:
    Budget.objects.filter(program=own.program).update(points=100)
    book = Book.objects.get(program=own.program, unit="points")
    specs = [AccountSpec(f"budget:{code}", "budget") for code in ("root", "of-JKT", "of-BDG")]
    open_accounts(book=book, specs=specs)
    shown = {}
    for role in ("dealer_manager", "marketer"):
        panels = sign_in_staff(Client(), own.staff(role)).get("/office/").context["panels"]
        rows = next(panel["rows"] for panel in panels if panel["template"].endswith("/budgets.html"))
        shown[role] = {entry["row"].budget.code for entry in rows}
    assert shown == {"dealer_manager": {"of-JKT"}, "marketer": {"root", "of-JKT", "of-BDG"}}


def test_another_programs_page_is_not_shown(own: Staffed) -> None:
    make_staffed("other")
    answer = sign_in_staff(Client(), own.staff("leadership")).get("/office/?program=other")
    assert answer.context["program"] == own.program
    assert "other" not in [program.code for program in answer.context["programs"]]


def test_the_figures_are_those_of_the_books(office: Client) -> None:
    world: World = make_world(everyday())
    world.member()
    world.outcome("120.00")
    world.member("bob")
    panel = next(panel for panel in office.get("/office/").context["panels"] if "members" in panel)
    assert (panel["members"], panel["points"].available, str(panel["liability"])) == (2, 120, "1.20000000")


def test_the_landing_page_asks_as_little_of_three_campaigns_as_of_one(office: Client) -> None:
    def asked() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as caught:
            office.get("/office/")
        return len(caught)

    world = make_world(everyday())
    asked()
    one = asked()
    make_three = [everyday(), *({**everyday(), "code": code} for code in ("second", "third"))]
    world.reload(document(*make_three))
    assert asked() == one <= 41
