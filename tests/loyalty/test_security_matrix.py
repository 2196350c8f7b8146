"""docs/security.md is true: no address without a row, and every row is tried by everybody."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Model
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from core.models import ApiClient, Job, User
from dealers.models import StaffRole
from loyalty.identity.belongings import BELONGINGS
from loyalty.identity.permissions import ROLES
from loyalty.identity.rights import grants_of, may, may_change, visible
from tests.loyalty.addresses import Claim, addresses, areas_of_models, claims, documented_roles
from tests.loyalty.api import make_caller
from tests.loyalty.app import App, make_app
from tests.loyalty.people import sign_in_staff
from tests.loyalty.two_programs import Staffed, make_staffed

pytestmark = pytest.mark.django_db
OWN, OTHER = "first-program", "second-program"
ROLE_NAMES = [role.value for role in StaffRole.Role]
ADDRESSES = addresses()
CLAIMS = claims()
GIVEN: tuple[type[Model], ...] = (StaffRole, ApiClient)  # made and taken in the office
TRIED = {
    "anyone",
    "anyone, in the demonstration alone",
    "anyone: 404",
    "anyone, with a client's secret",
    "anyone, with a person's token",
    "nobody",
    "partner",
    "member's app",
    "app with a session",
    "app that waits for a code",
    "member",
    "signed in",
    "person that waits for a code",
}
TOKEN, UNREAD, READS = "token", "no cookie is read", "reads only"
REDIRECTS, REFUSED, NOTHING = {301, 302, 303}, {401, 403, 404, 405}, {302, 403, 404}


@dataclass
class World:
    """Two programs alike and everybody who may come by; ``own`` is theirs."""

    own: Staffed
    other: Staffed
    staff: dict[str, Client] = field(default_factory=dict)

    def office(self, role: str) -> Client:
        """A browser in which somebody with this role is in the office."""
        if role not in self.staff:
            user = User.objects.create_superuser("boss") if role == "superuser" else self.own.staff(role)
            self.staff[role] = sign_in_staff(browser(), user)
            self.staff[role].user = user  # type: ignore[attr-defined]
        return self.staff[role]

    @cached_property
    def app(self) -> App:
        """A member's phone."""
        return make_app(self.own.members["JKT"])

    @cached_property
    def member(self) -> Client:
        """A browser in which the same member is signed in."""
        client = browser()
        client.force_login(self.app.user)
        return client

    @cached_property
    def stranger(self) -> Client:
        """A browser in which a member of the other program is signed in."""
        client = browser()
        client.force_login(make_app(self.other.members["JKT"]).user)
        return client

    def fill(self, claim: Claim, program: str = OWN) -> str:
        """The address with what is there."""
        member = self.own.members["JKT"]
        return claim.at(
            program=program,
            member=member.external_id,
            code="vip",
            name="validation",
            object_id=member.pk,
            content_type_id=1,
            app="members",
            model="member",
            pk=1,
            id=1,
        )


def browser(**options: Any) -> Client:
    return Client(raise_request_exception=False, **options)


@pytest.fixture(scope="module")
def _kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield World(make_staffed(OWN), make_staffed(OTHER))
        transaction.set_rollback(True)


@pytest.fixture
def world(_kept: World) -> World:
    """The same for all tests; what one of them does is undone."""
    return World(_kept.own, _kept.other)


def of(*whos: str) -> list[Claim]:
    """The rows of these people."""
    return [claim for claim in CLAIMS.values() if claim.who in whos]


def ids(claim: Claim) -> str:
    return claim.address


# -- the document --------------------------------------------------------------------------------


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(ADDRESSES) - set(CLAIMS) == set()
    assert set(CLAIMS) - set(ADDRESSES) == set()


def test_the_roles_of_the_document_are_those_of_the_code() -> None:
    assert documented_roles() == ROLES


def test_every_model_of_the_office_is_in_its_area_of_the_document() -> None:
    documented = areas_of_models()
    assert {model._meta.label_lower for model in admin.site._registry} == documented.keys()
    areas = {model._meta.label_lower: belonging.area for model, belonging in BELONGINGS.items()}
    assert {label: area for label, area in documented.items() if area not in {"superusers", areas.get(label)}} == {}


def test_every_row_names_somebody_whose_claim_is_tried() -> None:
    unknown = {claim.who for claim in CLAIMS.values() if not claim.address.startswith("/office/")} - TRIED
    assert unknown == set()


# -- forged requests -----------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [c for c in CLAIMS.values() if c.forged == TOKEN], ids=ids)
def test_a_forged_request_changes_nothing(world: World, claim: Claim) -> None:
    client = browser(enforce_csrf_checks=True)
    sign_in_staff(client, User.objects.create_superuser("victim"))
    make = world.own.members["JKT"]
    make.user = User.objects.get(username="victim")
    make.save(update_fields=["user"])
    assert client.post(world.fill(claim), {}).status_code in {403, 404, 405}, claim


def test_whatever_takes_requests_from_other_sites_reads_no_cookie_or_only_reads() -> None:
    for address, view in ADDRESSES.items():
        claim = CLAIMS[address]
        if getattr(view, "csrf_exempt", False):
            assert claim.forged in {UNREAD, READS}, address
        else:
            assert claim.forged in {TOKEN, READS}, address


@pytest.mark.parametrize("claim", [c for c in CLAIMS.values() if c.forged == READS], ids=ids)
def test_what_only_reads_takes_nothing(world: World, claim: Claim) -> None:
    assert world.member.post(world.fill(claim), {}).status_code in {405, 403}, claim


# -- anyone --------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", of("anyone"), ids=ids)
def test_anyone_may_come_and_sees_nobodys_data(world: World, claim: Claim) -> None:
    answer = browser().get(world.fill(claim))
    assert answer.status_code in {200, 301, 302, 400, 405} | ({503} if claim.address == "/health/" else set()), claim
    assert not _leads_to_sign_in(answer), claim
    assert b"Person " not in answer.getvalue()


@pytest.mark.parametrize("claim", of("anyone, in the demonstration alone"), ids=ids)
def test_what_a_demonstration_shows_is_nowhere_else(world: World, claim: Claim, settings: LazySettings) -> None:
    for is_demo, status in ((True, 200), (False, 404)):
        settings.DEMO = is_demo
        assert browser().get(world.fill(claim)).status_code == status


@pytest.mark.parametrize("claim", of("anyone: 404"), ids=ids)
def test_what_is_nowhere_is_nowhere_for_all(world: World, claim: Claim) -> None:
    for client in (browser(), world.member, world.office("superuser")):
        assert client.get(world.fill(claim)).status_code == 404


@pytest.mark.parametrize(
    "claim", of("anyone, with a client's secret", "anyone, with a person's token", "nobody"), ids=ids
)
def test_without_secret_or_token_nothing_is_given(world: World, claim: Claim) -> None:
    for client in (browser(), world.member, world.office("superuser")):
        for method in ("GET", "POST"):
            answer = client.generic(method, world.fill(claim), "{}", content_type="application/json")
            assert answer.status_code in {400, 401, 403, 404, 405, 409}, (claim, method, answer.status_code)


# -- machines and apps ---------------------------------------------------------------------------


@pytest.mark.parametrize("claim", of("partner"), ids=ids)
def test_an_address_of_partners_opens_to_their_tokens_alone(world: World, claim: Claim) -> None:
    token = str(world.app.token)
    for client in (browser(), world.member, world.office("superuser")):
        for headers in ({}, {"X-Session-Token": token}, {"Authorization": f"Bearer {token}"}):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                answer = client.generic(method, world.fill(claim), "{}", headers=headers)
                assert answer.status_code == 401, (claim, method)


@pytest.mark.parametrize("claim", of("member's app"), ids=ids)
def test_an_address_of_apps_opens_to_sessions_sent_as_token_alone(world: World, claim: Claim) -> None:
    mine, theirs = str(world.app.token), str(make_caller(world.own.program).token)
    for client in (browser(), world.member, world.office("superuser")):
        for headers in ({}, {"X-Session-Token": theirs}, {"Authorization": f"Bearer {theirs}"}):
            assert client.get(world.fill(claim), headers=headers).status_code == 401, claim
    answer = browser().get(world.fill(claim), headers={"X-Session-Token": mine})
    assert answer.status_code == 200
    assert answer.headers["RateLimit-Policy"].startswith('"user"')
    assert not _names_others(answer, of_own=("bdg-of-",))


@pytest.mark.parametrize("claim", of("app with a session", "app that waits for a code"), ids=ids)
def test_steps_of_signing_in_are_taken_in_a_session_of_the_app(world: World, claim: Claim) -> None:
    for client in (browser(), world.member, world.office("superuser")):
        for method in ("GET", "POST"):
            answer = client.generic(method, world.fill(claim), "{}", content_type="application/json")
            assert answer.status_code in {400, 401, 404, 405, 409}, (claim, method, answer.status_code)
            assert b"Person " not in answer.getvalue()


# -- the portal and accounts ---------------------------------------------------------------------


@pytest.mark.parametrize("claim", of("member"), ids=ids)
def test_a_page_of_members_shows_each_of_them_what_is_theirs(world: World, claim: Claim) -> None:
    mine = world.member.get(world.fill(claim))
    assert mine.status_code == 200, claim
    assert not _names_others(mine, of_own=("bdg-of-",))
    for client in (browser(), world.stranger, world.office("superuser"), world.office("support")):
        answer = client.get(world.fill(claim))
        assert answer.status_code in REDIRECTS, claim
        assert "Person" not in answer.getvalue().decode()
    foreign = world.member.get(world.fill(claim, OTHER))
    assert foreign.status_code in REDIRECTS
    for client in (browser(), world.member):
        assert client.get(world.fill(claim, "no-such-program")).status_code == 404


@pytest.mark.parametrize("claim", of("signed in", "person that waits for a code"), ids=ids)
def test_an_account_is_for_who_is_signed_in(world: World, claim: Claim) -> None:
    answer = browser().get(world.fill(claim))
    assert answer.status_code in {302, 400, 405}, (claim, answer.status_code)
    if claim.who == "signed in":
        mine = world.member.get(world.fill(claim))
        assert not _leads_to_sign_in(mine), claim
        assert not _names_others(mine, of_own=("bdg-of-",))


# -- the office ----------------------------------------------------------------------------------

OFFICE = [claim for claim in CLAIMS.values() if claim.address.startswith("/office/")]


@pytest.mark.parametrize("claim", [claim for claim in OFFICE if claim.who != "anyone"], ids=ids)
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
        if (answer.status_code == 200) != _opens(role, model):
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
def test_roles_and_clients_are_made_by_administrators_users_by_superusers_and_nothing_else(
    world: World, role: str
) -> None:
    client = world.office(role)
    opens = {m for m in admin.site._registry if client.get(_add(m)).status_code == 200}
    makes = {"administrator": {*GIVEN}, "superuser": {*GIVEN, User}}
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


# -- what answers say ----------------------------------------------------------------------------


def _leads_to_sign_in(answer: Any) -> bool:
    return answer.status_code in REDIRECTS and bool({"sign-in", "login"} & set(answer.headers["Location"].split("/")))


def _names_others(answer: Any, of_own: tuple[str, ...] = ()) -> bool:
    body = answer.getvalue().decode()
    return any(name in body for name in (OTHER, *of_own))


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


def _samples(user: User | AnonymousUser, model: type[Model]) -> list[Model]:
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
