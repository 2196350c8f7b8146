"""What the office finds for its reader, and who gives roles and clients."""

from collections.abc import Iterator

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from core.models import ApiClient, User
from dealers.models import StaffRole
from members.models import Member
from tests.loyalty.everybody import OTHER, OWN, kept_programs
from tests.loyalty.people import sign_in_staff
from tests.loyalty.two_programs import Staffed

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def programs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Staffed, Staffed]]:
    with kept_programs(django_db_blocker) as both:
        yield both


@pytest.fixture
def own(programs: tuple[Staffed, Staffed]) -> Staffed:
    return programs[0]


@pytest.fixture
def other(programs: tuple[Staffed, Staffed]) -> Staffed:
    return programs[1]


def office(user: User) -> Client:
    return sign_in_staff(Client(), user)


def page(model: type[Model], kind: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def test_another_programs_member_is_found_by_no_search(own: Staffed, other: Staffed) -> None:
    browser = office(own.staff("support"))
    for term, found in ((f"jkt-of-{OTHER}", 0), ("Person", 2), ("+6281234567", 2), (str(other.members["JKT"].uuid), 0)):
        shown = browser.get(page(Member, "changelist"), {"q": term}).context["cl"].result_list
        assert [row.program for row in shown] == [own.program] * found, term


def test_who_may_not_know_members_finds_nobody_by_name(own: Staffed) -> None:
    browser = office(own.staff("marketer"))
    for term, found in (("Person", 0), ("+6281234567", 0), (f"jkt-of-{OWN}", 1)):
        answer = browser.get(page(Member, "changelist"), {"q": term})
        assert (len(answer.context["cl"].result_list), "Person" in answer.content.decode()) == (found, term == "Person")


@pytest.mark.parametrize(
    ("role", "places"),
    [("dealer_manager", {}), ("finance", {"dealer": "JKT"}), ("marketer", {"region": "JKT"}), ("leadership", {})],
)
def test_a_menu_holds_what_its_reader_may_open(own: Staffed, role: str, places: dict[str, str]) -> None:
    browser = office(own.staff(role, **places))
    links = [
        entry["link"] for group in browser.get("/office/").context["sidebar_navigation"] for entry in group["items"]
    ]
    assert len(links) > 5
    assert {browser.get(link).status_code for link in links} == {200}


def test_an_outlets_adviser_has_no_office(own: Staffed) -> None:
    assert office(own.staff("outlet_adviser")).get("/office/").status_code == 302


# -- giving roles and clients ---------------------------------------------------------------------


def give(browser: Client, own: Staffed, who: str, role: str = "support", **more: object) -> int:
    data = {"who": who, "program": own.program.pk, "role": role, **more}
    return browser.post(page(StaffRole, "add"), data).status_code


def test_an_administrator_gives_a_role_in_the_own_program(own: Staffed) -> None:
    somebody = User.objects.create_user("nora", is_staff=True)
    boss = own.staff("administrator")
    assert give(office(boss), own, "nora") == 302
    role = StaffRole.objects.get(user=somebody)
    assert (role.program, role.role) == (own.program, "support")
    history = LogEntry.objects.get(object_id=str(role.pk))
    assert history.user == boss


def test_nobody_makes_themselves_an_approver(own: Staffed) -> None:
    boss = own.staff("administrator")
    for role in ("finance_approver", "campaign_approver"):
        assert give(office(boss), own, boss.username, role=role) == 200
    assert StaffRole.objects.get(user=boss).role == "administrator"


def test_a_role_is_given_once(own: Staffed) -> None:
    somebody = User.objects.create_user("nora", is_staff=True)
    browser = office(own.staff("administrator"))
    place = own.place("dealer", "JKT").pk
    given = [give(browser, own, "nora", **more) for more in ({}, {}, {"dealer": place}, {"dealer": place})]
    assert given == [302, 200, 302, 200]
    assert StaffRole.objects.filter(user=somebody).count() == 2


def test_a_role_is_taken_from_others_alone_and_the_history_names_them(own: Staffed) -> None:
    somebody = User.objects.create_user("nora", is_staff=True)
    theirs = StaffRole.objects.create(user=somebody, program=own.program, role="support")
    boss = own.staff("administrator")
    browser, mine = office(boss), StaffRole.objects.get(user=boss)
    answers = [browser.post(page(StaffRole, "delete", row.pk), {"post": "yes"}).status_code for row in (mine, theirs)]
    assert answers == [403, 302]
    assert list(StaffRole.objects.filter(pk__in=(mine.pk, theirs.pk))) == [mine]
    assert "nora" in LogEntry.objects.get(object_id=str(theirs.pk)).object_repr


def test_a_role_in_another_program_is_not_given(own: Staffed, other: Staffed) -> None:
    User.objects.create_user("nora", is_staff=True)
    assert give(office(own.staff("administrator")), other, "nora") == 200
    assert not StaffRole.objects.filter(program=other.program).exists()


def test_a_place_of_another_program_is_not_given(own: Staffed, other: Staffed) -> None:
    User.objects.create_user("nora", is_staff=True)
    before = StaffRole.objects.count()
    browser = office(own.staff("administrator"))
    assert give(browser, own, "nora", role="dealer_manager", dealer=other.place("dealer", "JKT").pk) == 200
    assert give(browser, own, "nora", role="dealer_manager") == 200
    assert StaffRole.objects.count() == before + 1


def test_members_get_no_role(own: Staffed) -> None:
    User.objects.create_user("ann")
    browser = office(own.staff("administrator"))
    assert give(browser, own, "ann") == 200
    assert give(browser, own, "nobody") == 200
    assert not StaffRole.objects.filter(user__username="ann").exists()


def test_only_administrators_give_roles(own: Staffed) -> None:
    User.objects.create_user("nora", is_staff=True)
    assert give(office(own.staff("leadership")), own, "nora") == 403
    assert not StaffRole.objects.filter(user__username="nora").exists()


def test_roles_are_given_only_by_whoever_showed_who_they_are_just_now(own: Staffed) -> None:
    User.objects.create_user("nora", is_staff=True)
    browser = office(own.staff("administrator"))
    session = browser.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    answer = browser.post(page(StaffRole, "add"), {"who": "nora", "program": own.program.pk, "role": "support"})
    assert (answer.status_code, answer.headers["Location"].startswith("/account/")) == (302, True)
    assert not StaffRole.objects.filter(user__username="nora").exists()


def test_the_secret_of_a_client_is_shown_once(own: Staffed) -> None:
    browser = office(own.staff("administrator"))
    data = {"program": own.program.pk, "name": "till", "requests_per_second": 5, "scopes": ["events:write"]}
    answer = browser.post(page(ApiClient, "add"), data)
    made = ApiClient.objects.get(name="till")
    secret = answer.context["credentials"].client_secret
    assert made.client.check_secret(secret)
    assert secret in answer.content.decode()
    assert secret not in browser.get(page(ApiClient, "change", made.pk)).content.decode()


def test_a_client_is_never_made_without_a_pace(own: Staffed) -> None:
    data = {"program": own.program.pk, "name": "till", "requests_per_second": 0, "scopes": ["events:write"]}
    answer = office(own.staff("administrator")).post(page(ApiClient, "add"), data)
    assert "requests_per_second" in answer.context["adminform"].form.errors
    assert not ApiClient.objects.exists()


def test_a_client_of_another_program_is_not_made(own: Staffed, other: Staffed) -> None:
    browser = office(own.staff("administrator"))
    data = {"program": other.program.pk, "name": "till", "requests_per_second": 5, "scopes": ["events:write"]}
    assert browser.post(page(ApiClient, "add"), data).status_code == 200
    assert not ApiClient.objects.exists()


def test_deleting_a_client_shuts_it_out(own: Staffed) -> None:
    browser = office(own.staff("administrator"))
    data = {"program": own.program.pk, "name": "till", "requests_per_second": 5, "scopes": ["events:write"]}
    browser.post(page(ApiClient, "add"), data)
    made = ApiClient.objects.get()
    browser.post(page(ApiClient, "delete", made.pk), {"post": "yes"})
    assert (ApiClient.objects.count(), OAuthClient.objects.count()) == (0, 0)
