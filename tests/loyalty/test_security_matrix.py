"""docs/security.md is true: no address without a row, and every row is tried by everybody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib import admin
from pytest_django.plugin import DjangoDbBlocker

from core.models import User
from loyalty.identity.belongings import BELONGINGS
from loyalty.identity.permissions import ROLES
from tests.loyalty.addresses import Claim, addresses, areas_of_models, claims, documented_roles
from tests.loyalty.api import make_caller
from tests.loyalty.everybody import OTHER, World, browser, kept_programs, names_others
from tests.loyalty.people import sign_in_staff
from tests.loyalty.two_programs import Staffed

pytestmark = pytest.mark.django_db
ADDRESSES = addresses()
CLAIMS = claims()
TOKEN, UNREAD, READS = "token", "no cookie is read", "reads only"
REDIRECTS = {301, 302, 303}
TRIED = {
    "anyone",
    "anyone, in the demonstration alone",
    "anyone: 404",
    "anyone, with a client's secret",
    "anyone, with a person's token",
    "nobody",
    "partner",
    "member's app",
    "partner, member's app",
    "app with a session",
    "app that waits for a code",
    "member",
    "signed in",
    "supplier, with its signature",
    "person that waits for a code",
}


@pytest.fixture(scope="module")
def programs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Staffed, Staffed]]:
    with kept_programs(django_db_blocker) as both:
        yield both


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world(programs: tuple[Staffed, Staffed]) -> World:
    return World(*programs)


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
def test_what_only_reads_takes_nothing(world: World, claim: Claim, settings: LazySettings) -> None:
    settings.DEMO = True
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
    assert answer.status_code in {200, 405}
    assert answer.headers["RateLimit-Policy"].startswith('"user"')
    assert not names_others(answer, of_own=("bdg-of-",))


@pytest.mark.parametrize("claim", of("partner, member's app"), ids=ids)
def test_an_address_of_both_opens_to_tokens_and_sessions_and_no_cookie(world: World, claim: Claim) -> None:
    mine, theirs = str(world.app.token), str(make_caller(world.own.program).token)
    wrong: tuple[dict[str, str], ...] = ({}, {"X-Session-Token": theirs}, {"Authorization": f"Bearer {mine}"})
    for client in (browser(), world.member, world.office("superuser")):
        for headers in (*wrong, {"Authorization": f"Bearer {mine}", "X-Session-Token": mine}):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                assert client.generic(method, world.fill(claim), "{}", headers=headers).status_code == 401, claim
    for who, headers in (("user", {"X-Session-Token": mine}), ("client", {"Authorization": f"Bearer {theirs}"})):
        answer = browser().get(world.fill(claim), headers=headers)
        assert answer.status_code in {200, 404}
        assert answer.headers["RateLimit-Policy"].startswith(f'"{who}"')
        assert browser().post(world.fill(claim), headers=headers).status_code == 405


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
    assert not names_others(mine, of_own=("bdg-of-",))
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
        assert not names_others(mine, of_own=("bdg-of-",))


def _leads_to_sign_in(answer: Any) -> bool:
    return answer.status_code in REDIRECTS and bool({"sign-in", "login"} & set(answer.headers["Location"].split("/")))
