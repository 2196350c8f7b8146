"""Staff: no page of the office without a second factor, and sensitive ones only to who just showed it."""

import json
import re
import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from core.models import Program, User
from dealers.models import StaffRole
from loyalty.identity.fresh import demand_fresh
from loyalty.identity.staff import Post, make_staff, recovery_codes
from tests.loyalty.people import SECRET, ask_code, enter_code, last_code, office_client, sign_in, totp
from tests.members.program import make_program

pytestmark = pytest.mark.django_db
PASSWORD = "a long sentence"
CODES = re.compile(r"\b\d{8}\b")


@pytest.fixture(autouse=True)
def program(quick_passwords: None) -> Program:
    cache.clear()
    return make_program()


@pytest.fixture
def boss() -> User:
    return make_staff(username="boss", email="boss@example.com", password=PASSWORD, totp_secret=SECRET, superuser=True)


@pytest.fixture
def newcomer() -> User:
    return make_staff(username="new", email="new@example.com", password=PASSWORD, superuser=True)


def by_password(client: Client, login: str, way: str = "/office/") -> HttpResponse:
    return client.post(f"/account/login/?next={way}", {"login": login, "password": PASSWORD})  # type: ignore[return-value]


def office_addresses() -> list[str]:
    """Every address under /office/, with something in place of its parameters."""
    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> None:
        for pattern in patterns:
            here = before + str(pattern.pattern).removeprefix("^")
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, here)
            else:
                found.append("/" + re.sub(r"<[^>]*>|\(\?P[^)]*\)|[$^\\]", "1", here).rstrip("1"))

    walk(get_resolver().url_patterns, "")
    return [address for address in found if address.startswith("/office/") and "logout" not in address]


def test_no_address_of_the_office_opens_without_a_second_factor(client: Client, newcomer: User) -> None:
    addresses = office_addresses()
    assert len(addresses) > 50
    assert {client.get(address)["Location"].partition("?")[0] for address in addresses} == {"/account/login/"}
    by_password(client, "new")
    shown = {client.get(address)["Location"].partition("?")[0] for address in addresses}
    assert shown == {"/account/2fa/totp/activate/"}
    assert {client.post(address)["Location"].partition("?")[0] for address in addresses} == shown


def test_members_are_told_that_the_office_is_for_staff(client: Client) -> None:
    sign_in(client, "ann@example.com")
    answer = client.get("/office/")
    assert answer.status_code == 403
    assert "This page is for staff" in answer.content.decode()


def test_staff_sign_in_with_password_and_app(client: Client, boss: User) -> None:
    assert by_password(client, "boss")["Location"] == "/account/2fa/authenticate/"
    assert client.get("/office/")["Location"] == "/account/login/?next=%2Foffice%2F"
    answer = client.post("/account/2fa/authenticate/", {"code": totp()})
    assert answer["Location"] == "/office/"
    assert client.get("/office/").status_code == 200


def test_staff_sign_in_by_mail_and_app(client: Client, boss: User) -> None:
    ask_code(client, "boss@example.com")
    assert enter_code(client, last_code())["Location"] == "/account/2fa/authenticate/"
    client.post("/account/2fa/authenticate/", {"code": totp()})
    assert client.get("/office/").status_code == 200


def test_a_code_of_the_app_works_once(boss: User) -> None:
    code = totp()
    answers = []
    for _ in range(2):
        browser = Client()
        by_password(browser, "boss")
        answers.append(browser.post("/account/2fa/authenticate/", {"code": code}).status_code)
    assert answers == [302, 200]


def test_codes_of_the_app_are_not_guessed(boss: User) -> None:
    for place in range(5):
        browser = Client(REMOTE_ADDR=f"10.0.0.{place}")
        by_password(browser, "boss")
        browser.post("/account/2fa/authenticate/", {"code": "000000"})
    browser = Client(REMOTE_ADDR="10.0.1.1")
    by_password(browser, "boss")
    answer = browser.post("/account/2fa/authenticate/", {"code": totp()})
    assert "Too many tries" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_newcomers_set_up_their_app_and_see_recovery_codes_once(client: Client, newcomer: User) -> None:
    assert by_password(client, "new")["Location"] == "/office/"
    assert client.get("/office/")["Location"] == "/account/2fa/totp/activate/?next=%2Foffice%2F"
    page = client.get("/account/2fa/totp/activate/")
    assert '<svg class="qr"' in page.content.decode()
    secret = client.session["mfa.totp.secret"]
    answer = client.post("/account/2fa/totp/activate/", {"code": totp(secret)})
    assert answer["Location"] == "/account/2fa/recovery-codes/"
    assert CODES.findall(client.get(answer["Location"]).content.decode()) == recovery_codes(newcomer)
    assert CODES.findall(client.get(answer["Location"]).content.decode()) == []
    assert client.get("/office/").status_code == 200


def test_secrets_are_not_readable_in_the_database(boss: User) -> None:
    kept = [str(authenticator.data) for authenticator in Authenticator.objects.filter(user=boss)]
    assert len(kept) == 2
    assert SECRET not in "".join(kept)


def test_a_recovery_code_signs_in_once(boss: User) -> None:
    code = recovery_codes(boss)[0]
    answers = []
    for _ in range(2):
        browser = Client()
        by_password(browser, "boss")
        browser.post("/account/2fa/authenticate/", {"code": code})
        answers.append(browser.get("/office/").status_code)
    assert answers == [200, 302]
    assert code not in recovery_codes(boss)


def test_staff_keep_their_second_factor(client: Client, boss: User) -> None:
    by_password(client, "boss")
    client.post("/account/2fa/authenticate/", {"code": totp()})
    page = client.post("/account/2fa/totp/deactivate/")
    assert "it cannot be switched off" in page.content.decode()
    assert Authenticator.objects.filter(user=boss, type="totp").exists()


def age(client: Client, seconds: float) -> None:
    """Let time pass since the user showed who they are."""
    session = client.session
    session[METHODS] = [{**record, "at": time.time() - seconds} for record in session[METHODS]]
    session.save()


def test_the_second_factor_is_asked_for_again_the_next_day(boss: User) -> None:
    client = office_client("boss")
    age(client, 12 * 3600 + 1)
    assert client.get("/office/")["Location"] == "/account/2fa/reauthenticate/?next=%2Foffice%2F"
    client.post("/account/2fa/reauthenticate/?next=/office/", {"code": totp()})
    assert client.get("/office/").status_code == 200


def test_sensitive_pages_ask_again_after_five_minutes(boss: User, rf: RequestFactory) -> None:
    client = office_client("boss")
    request = rf.get("/office/")
    request.user, request.session = boss, client.session
    demand_fresh(request)
    age(client, 301)
    request.session = client.session
    with pytest.raises(ReauthenticationRequired):
        demand_fresh(request)


def test_a_sensitive_page_comes_back_after_the_password(boss: User) -> None:
    client = office_client("boss")
    age(client, 301)
    answer = client.get("/account/2fa/recovery-codes/generate/")
    assert answer["Location"].startswith("/account/reauthenticate/?next=")
    answer = client.post(answer["Location"], {"password": PASSWORD})
    assert answer["Location"] == "/account/2fa/recovery-codes/generate/"
    assert client.get(answer["Location"]).status_code == 200


def test_the_only_way_to_sign_in_to_the_office_is_allauth_s(client: Client, boss: User) -> None:
    assert client.get("/office/login/")["Location"] == "/account/login/?next=%2Foffice%2F"


def test_making_staff_twice_changes_nothing(program: Program) -> None:
    for _ in range(2):
        user = make_staff(
            username="sam",
            email="Sam@example.com",
            name="Sam Lim",
            password=PASSWORD,
            totp_secret=SECRET,
            roles=[Post(program, StaffRole.Role.SUPPORT)],
        )
    assert (user.email, user.get_full_name(), user.is_staff) == ("sam@example.com", "Sam Lim", True)
    assert StaffRole.objects.filter(user=user).count() == 1
    assert len(recovery_codes(user)) == 10


def test_the_command_makes_staff_with_a_role(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_staff", "sam", program="demo", role="support")
    made = json.loads(capsys.readouterr().out)
    assert User.objects.get(username="sam").check_password(made["password"])
    assert StaffRole.objects.get().role == "support"


def test_the_command_refuses_a_role_without_its_place(program: Program) -> None:
    with pytest.raises(CommandError, match="needs --place"):
        call_command("create_staff", "sam", program="demo", role="dealer_manager")
    assert not User.objects.exists()
