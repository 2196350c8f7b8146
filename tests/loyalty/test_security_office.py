"""The office opens as docs/security.md says: to each role its areas, its program and place, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from campaigns.models import CampaignVersion, Rerated, Rerating
from campaigns.services.simulations import start_simulation
from campaigns.services.trials import Trial
from core.models import ApiClient, Job, User
from core.services import jobs
from dealers.models import StaffRole
from loyalty.identity.permissions import ROLES
from loyalty.identity.rights import grants_of, may, may_change, visible
from rewards.models import Supplier
from tests.campaigns.world import LONG_AGO, NOW
from tests.loyalty.addresses import Claim, areas_of_models, claims
from tests.loyalty.everybody import OTHER, World, browser, kept_programs
from tests.loyalty.people import sign_in_staff
from tests.loyalty.two_programs import PLACED, Staffed

pytestmark = pytest.mark.django_db
ROLE_NAMES = [role.value for role in StaffRole.Role]
GIVEN: tuple[type[Model], ...] = (StaffRole, ApiClient)  # made and taken in the office
NOTHING = {302, 403, 404}
NOTHING_OF = dict.fromkeys(ROLE_NAMES, 404) | {"outlet_adviser": 302}  # who has no office is sent to the door


@pytest.fixture(scope="module")
def programs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Staffed, Staffed]]:
    with kept_programs(django_db_blocker) as both:
        yield both


@pytest.fixture
def world(programs: tuple[Staffed, Staffed]) -> World:
    return World(*programs)


OFFICE = [claim for claim in claims().values() if claim.address.startswith("/office/")]


@pytest.mark.parametrize("claim", [claim for claim in OFFICE if claim.who != "anyone"], ids=lambda claim: claim.address)
def test_the_office_opens_after_password_and_second_factor_alone(world: World, claim: Claim) -> None:
    halfway = browser()
    halfway.force_login(User.objects.create_superuser("halfway"))
    as_cookie = browser()
    as_cookie.cookies["sessionid"] = str(world.app.token)
    for client in (browser(), halfway, world.member, as_cookie):
        for method in ("GET", "POST"):
            answer = client.generic(method, world.fill(claim))
            assert answer.status_code in {302, 403}, (claim, method, answer.status_code)
            assert b"Person " not in answer.getvalue()


def test_who_has_no_role_for_the_office_sees_nothing_of_it(world: World) -> None:
    nobody = sign_in_staff(browser(), User.objects.create_user("nobody", is_staff=True))
    for client in (nobody, world.office("outlet_adviser")):
        for model in admin.site._registry:
            assert client.get(_list(model)).status_code in NOTHING, model
        assert client.get("/office/").status_code in NOTHING


@pytest.mark.parametrize("role", [*ROLE_NAMES, "superuser"])
def test_a_role_opens_the_lists_of_its_areas_and_they_name_nobody_else(world: World, role: str) -> None:
    client = world.office(role)
    wrong: dict[str, int | str] = {}
    for model in admin.site._registry:
        answer = client.get(_list(model))
        if answer.status_code != (200 if _opens(role, model) else _closed(role)):
            wrong[model._meta.label] = answer.status_code
        if role != "superuser" and answer.status_code == 200:
            wrong |= _leaks(client, model, answer)
    assert wrong == {}


@pytest.mark.parametrize("role", [*ROLE_NAMES, "superuser"])
def test_a_role_opens_the_rows_of_its_program_and_place_and_no_others(world: World, role: str) -> None:
    client = world.office(role)
    user: User = client.user  # type: ignore[attr-defined]
    wrong = {}
    for model in admin.site._registry:
        for row in _samples(user, model)[: None if _opens(role, model) else 1]:
            answer = client.get(_page(model, row))
            seen = _opens(role, model) and visible(user, type(row)._default_manager.filter(pk=row.pk)).exists()
            if (answer.status_code == 200) != seen:
                wrong[f"{model._meta.label} {row.pk}"] = answer.status_code
            if not seen:
                assert b"Person " not in answer.getvalue()
            if not seen and _opens(role, model):  # and its history is as unknown as itself
                assert (answer.status_code, client.get(_page(model, row, "history")).status_code) == (404, 404), row
    assert wrong == {}


@pytest.mark.parametrize("role", [*ROLE_NAMES, "superuser"])
def test_only_who_may_change_a_row_can_write_it(world: World, role: str) -> None:
    client = world.office(role)
    user: User = client.user  # type: ignore[attr-defined]
    wrong = {}
    for model, area in ((m, areas_of_models()[m._meta.label_lower]) for m in admin.site._registry):
        for row in _samples(user, model)[: None if _opens(role, model) else 1]:
            before = type(row)._default_manager.filter(pk=row.pk).values().get()
            answer = client.post(_page(model, row), {})
            by_role = model is not User and area != "superusers"
            allowed = role == "superuser" or (by_role and may_change(user, model, row))
            if not allowed and answer.status_code not in NOTHING:
                wrong[f"{model._meta.label} {row.pk}"] = answer.status_code
            if not (allowed and model in GIVEN) and role != "superuser":
                assert client.post(_page(model, row, "delete"), {"post": "yes"}).status_code in NOTHING, (model, role)
            if not allowed:
                assert type(row)._default_manager.filter(pk=row.pk).values().get() == before
    assert wrong == {}


@pytest.mark.parametrize("role", [*ROLE_NAMES, "superuser"])
def test_roles_clients_and_suppliers_are_made_by_who_may_users_by_superusers_and_nothing_else(
    world: World, role: str
) -> None:
    client = world.office(role)
    opens = {m for m in admin.site._registry if client.get(_add(m)).status_code == 200}
    makes = {
        "administrator": {*GIVEN, Supplier},
        "finance": {Supplier},
        "superuser": {*GIVEN, Supplier, User},
    }
    assert opens == makes.get(role, set())


def test_an_administrator_gives_roles_and_clients_in_the_own_program_alone(world: World) -> None:
    client, colleague = world.office("administrator"), world.own.staff("support")
    for staffed, given in ((world.own, 1), (world.other, 0)):
        role = {"who": colleague.username, "program": staffed.program.pk, "role": "marketer"}
        client.post(_add(StaffRole), role)
        assert StaffRole.objects.filter(program=staffed.program, role="marketer").count() == given
        machine = {"program": staffed.program.pk, "name": "x", "requests_per_second": 5, "scopes": ["events:read"]}
        client.post(_add(ApiClient), machine)
        assert ApiClient.objects.filter(program=staffed.program).count() == given


def test_an_administrator_of_one_place_gives_nothing_beyond_it(world: World) -> None:
    user, colleague = world.own.staff("administrator", region="JKT"), world.own.staff("support")
    client = sign_in_staff(browser(), user)
    for region in ("", world.own.place("region", "BDG").pk, world.own.place("region", "JKT").pk):
        role = {"who": colleague.username, "program": world.own.program.pk, "role": "marketer", "region": region}
        client.post(_add(StaffRole), role)
    client.post(
        _add(ApiClient),
        {"program": world.own.program.pk, "name": "x", "requests_per_second": 5, "scopes": ["events:read"]},
    )
    assert not StaffRole.objects.filter(role="marketer").exists()
    assert not ApiClient.objects.exists()


@pytest.mark.parametrize("role", [*ROLE_NAMES, "superuser"])
def test_special_pages_of_the_office_ask_for_their_permissions(world: World, role: str) -> None:
    client, user = world.office(role), world.office(role).user  # type: ignore[attr-defined]
    for staffed, program in ((world.own, world.own.program), (world.other, world.other.program)):
        for region, member in staffed.members.items():
            answer = client.post(f"/office/members/member/{member.pk}/contact/", {})
            known = (
                may(user, "personal_data.view") and visible(user, type(member).objects.filter(pk=member.pk)).exists()
            )
            assert (answer.status_code == 200) == known, (role, region)
        job = Job.objects.create(program=program, kind="nothing")
        client.post(f"/office/core/job/{job.pk}/cancel/")
        job.refresh_from_db()
        assert job.cancel_requested == may(user, "jobs.run", program), role
        count = Job.objects.count()
        client.post("/office/prove/", {"program": program.code})
        proves = may(user, "jobs.run", program) and may(user, "ledger.view", program)
        assert (Job.objects.count() > count) == proves, role


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_the_landing_page_and_the_search_name_nobody_else(world: World, role: str) -> None:
    client = world.office(role)
    for address in ("/office/", "/office/search/?s=of-", "/office/search/?s=Person", "/office/members/"):
        answer = client.get(address)
        if answer.status_code == 200:
            assert _leaks(client, None, answer) == {}


def test_a_role_for_all_and_one_for_a_place_show_personal_data_of_the_place_alone(world: World) -> None:
    user = world.own.staff("leadership")
    StaffRole.objects.create(
        user=user, program=world.own.program, role="support", region=world.own.place("region", "JKT")
    )
    StaffRole.objects.create(user=user, program=world.other.program, role="leadership")
    client = sign_in_staff(browser(), user)
    shown = client.get("/office/members/member/").getvalue().decode()
    assert "Person jkt-of-first-program" in shown
    assert "Person bdg-of-first-program" not in shown
    assert "Person jkt-of-second-program" not in shown
    for member, known in ((world.own.members["JKT"], True), (world.own.members["BDG"], False)):
        page = client.get(f"/office/members/member/{member.pk}/change/").getvalue().decode()
        assert ("Person" in page) == known
        revealed = client.post(f"/office/members/member/{member.pk}/contact/", {})
        assert (revealed.status_code == 200) == known
    assert "bdg-of-first" not in client.get("/office/members/member/", {"q": "Person bdg"}).getvalue().decode()


@pytest.mark.parametrize("role", [*ROLE_NAMES, "superuser"])
def test_corrections_and_simulations_are_for_roles_of_the_whole_program_and_name_members_that_these_may_see(
    world: World, role: str
) -> None:
    client, user = world.office(role), world.office(role).user  # type: ignore[attr-defined]
    opens = may(user, "campaigns.view", world.own.program, whole=True)
    assert opens == (role not in PLACED)
    for address in ("/office/reratings/", "/office/simulations/"):
        assert client.get(address).status_code == (200 if opens else NOTHING_OF[role]), address
    for address in _tried_out(world.own):
        answer = client.get(address)
        assert answer.status_code == (200 if opens else NOTHING_OF[role]), address
        body = answer.getvalue().decode()
        assert {name in body for name in ("jkt-of-", "bdg-of-")} == {opens and may(user, "members.view")}, address
    for address in _tried_out(world.other):
        assert (client.get(address).status_code == 200) == (role == "superuser"), address


def test_a_role_for_one_place_opens_no_correction_and_adds_its_members_to_those_of_others(world: World) -> None:
    placed = world.own.staff("marketer", region="JKT")
    both = world.own.staff("campaign_approver")
    StaffRole.objects.create(
        user=both, program=world.own.program, role="regional_manager", region=world.own.place("region", "JKT")
    )
    of_place, of_both = (sign_in_staff(browser(), user) for user in (placed, both))
    for address in _tried_out(world.own):
        assert of_place.get(address).status_code == 404
        assert of_place.post(f"{address.partition('?')[0]}decide/", {"step": "approve"}).status_code == 404
        body = of_both.get(address).getvalue().decode()
        assert ("jkt-of-" in body, "bdg-of-" in body) == (True, False), address


def test_who_may_change_rewards_in_one_place_brings_no_files_for_all(world: World) -> None:
    for user, opens in ((world.own.staff("marketer", region="JKT"), False), (world.own.staff("marketer"), True)):
        client = sign_in_staff(browser(), user)
        assert (client.get("/office/rewards/reward/import/").status_code == 200) == opens


def test_the_page_of_a_job_names_no_members(world: World) -> None:
    _correction, _file, simulation = _tried_out(world.own)
    page = f"/office/core/job/{Job.objects.latest('pk').pk}/change/"
    body = world.office("campaign_approver").get(page).getvalue().decode()
    assert (simulation in body, "-of-first-program" in body) == (True, False)


def _tried_out(staffed: Staffed) -> list[str]:
    """A correction and a simulation that change what both members have, each as page and as file."""
    version = CampaignVersion.objects.get(campaign__program=staffed.program)
    times = {"since": LONG_AGO, "until": NOW + timedelta(days=1), "at": NOW}
    made: dict[str, Any] = {"version": version, "by": staffed.staff("marketer"), "because": "typed wrong", **times}
    row = Rerating.objects.create(program=staffed.program, policy="both", last_event=1, **made)
    award: dict[str, Any] = {"kind": "points", "campaign": "everyday", "rule": "base", "unit": "points"}
    figures = {"before": 100, "after": 90, "difference": -10, "is_new": False}
    for place, member in enumerate(staffed.members.values()):
        Rerated.objects.create(rerating=row, event_id=1, place=place, member=member, **award, **figures)
    trial = Trial(gone=frozenset({"everyday"}))
    job = start_simulation(program=staffed.program, trial=trial, since=LONG_AGO, until=times["until"])
    jobs.run(job_id=job.pk)
    correction, simulation = f"/office/reratings/{row.pk}/", f"/office/simulations/{job.pk}/"
    return [correction, f"{correction}?format=csv", simulation]


def _leaks(client: Client, model: type[Model] | None, answer: Any) -> dict[str, str]:
    """What a page says of the other program, of another region, or of people to whom nobody may know them."""
    body, user = answer.getvalue().decode(), client.user  # type: ignore[attr-defined]
    role = StaffRole.objects.get(user=user)
    hidden = [OTHER] + (["bdg-of-"] if role.region_id or role.dealer_id else [])
    hidden += [] if may(user, "personal_data.view") else ["Person "]
    name = model._meta.label if model else "page"
    return {f"{name} names": word for word in hidden if word in body}


def _opens(role: str, model: type[Model]) -> bool:
    area = areas_of_models()[model._meta.label_lower]
    return role == "superuser" or {f"{area}.view", "office.view"} <= ROLES[role]


def _closed(role: str) -> int:
    """How a list answers whom it does not open for: who has no office is sent to the door."""
    return 403 if "office.view" in ROLES[role] else 302


def _samples(user: User, model: type[Model]) -> list[Model]:
    """A row that the user sees, and those that it does not: of another place, if it has one, and of another program."""
    rows = model._default_manager.order_by("pk")
    mine = visible(user, rows)
    others = rows.exclude(pk__in=mine.values("pk"))
    placed = not all(grant.whole for grant in grants_of(user))
    found = [mine.first(), others.first() if placed else None, others.last()]
    return list(dict.fromkeys(row for row in found if row is not None))


def _list(model: type[Model]) -> str:
    return f"/office/{model._meta.app_label}/{model._meta.model_name}/"


def _add(model: type[Model]) -> str:
    return f"{_list(model)}add/"


def _page(model: type[Model], row: Model, what: str = "change") -> str:
    return f"{_list(model)}{row.pk}/{what}/"
