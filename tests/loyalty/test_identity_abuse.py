"""Nobody guesses a password or a code, learns who has an account, or slips somebody a session."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from core.models import Program, User
from loyalty.identity.staff import make_staff
from tests.loyalty.people import ask_code, enter_code, last_code, sign_in
from tests.members.people import enrol
from tests.members.program import make_program

pytestmark = pytest.mark.django_db
PASSWORD = "a long sentence"


@pytest.fixture(autouse=True)
def program(quick_passwords: None) -> Program:
    cache.clear()
    return make_program()


@pytest.fixture
def ann() -> User:
    return make_staff(username="ann", email="ann@example.com", password=PASSWORD)


def by_password(client: Client, address: str, password: str) -> HttpResponse:
    return client.post("/p/demo/sign-in/password/", {"address": address, "password": password})  # type: ignore[return-value]


def shown(answer: object, *hidden: str) -> str:
    """A page without what differs between any two readers."""
    assert isinstance(answer, HttpResponse)
    text = answer.content.decode()
    for part in (*hidden, *[line for line in text.splitlines() if "csrfmiddlewaretoken" in line]):
        text = text.replace(part, "")
    return text


def test_a_password_is_not_guessed_even_from_many_places(ann: User) -> None:
    answers = []
    for place in range(6):
        browser = Client(REMOTE_ADDR=f"10.0.0.{place}")
        answers.append(by_password(browser, "ann@example.com", f"guess number {place}"))
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    locked_out = by_password(Client(REMOTE_ADDR="10.0.1.1"), "ann@example.com", PASSWORD)
    assert locked_out.status_code == 429
    assert "Too many tries" in locked_out.content.decode()


def test_one_place_does_not_try_one_password_on_everybody(client: Client) -> None:
    answers = [by_password(client, f"user{number}@example.com", "12345678") for number in range(11)]
    assert [answer.status_code for answer in answers] == [400] * 10 + [429]


def test_a_wrong_address_and_a_wrong_password_look_the_same(ann: User) -> None:
    pages = [by_password(Client(), address, "not this one") for address in ("ann@example.com", "bob@example.com")]
    assert shown(pages[0], "ann@example.com") == shown(pages[1], "bob@example.com")


def test_codes_for_one_address_are_not_asked_for_without_end(ann: User) -> None:
    answers = [ask_code(Client(REMOTE_ADDR=f"10.0.0.{place}"), "ann@example.com") for place in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_known_and_unknown_addresses_get_the_same_answers_and_the_same_mails(ann: User, program: Program) -> None:
    enrol(program, "M-1", email="cat@example.com")
    seen = []
    for address in ("ann@example.com", "cat@example.com", "bob@example.com"):
        browser = Client()
        asked = ask_code(browser, address)
        page = browser.get("/p/demo/sign-in/code/")
        wrong = enter_code(browser, "xxxxxx")
        seen.append((asked.status_code, asked["Location"], shown(page, address), shown(wrong, address)))
    assert seen[0] == seen[1] == seen[2]
    assert [letter.to for letter in mail.outbox] == [["ann@example.com"], ["cat@example.com"], ["bob@example.com"]]


def test_a_password_reset_tells_nobody_who_has_an_account(ann: User) -> None:
    seen = []
    for address in ("ann@example.com", "bob@example.com"):
        browser = Client()
        asked = browser.post("/account/password/reset/?next=/p/demo/choose/", {"email": address})
        page = browser.get(asked["Location"])
        wrong = browser.post(asked["Location"], {"code": "xxxxxx"})
        seen.append((asked["Location"], shown(page, address), shown(wrong, address)))
    assert seen[0] == seen[1]
    assert [letter.to for letter in mail.outbox] == [["ann@example.com"], ["bob@example.com"]]


def test_a_new_password_is_chosen_with_a_code(ann: User, client: Client) -> None:
    client.post("/account/password/reset/", {"email": "ann@example.com"})
    client.post("/account/password/reset/confirm/", {"code": last_code()})
    new = "another long sentence"
    client.post("/account/password/reset/complete/", {"password1": new, "password2": new})
    ann.refresh_from_db()
    assert ann.check_password(new)


def test_the_session_gets_a_new_key_at_sign_in(client: Client) -> None:
    ask_code(client, "ann@example.com")
    before = client.session.session_key
    enter_code(client, last_code())
    assert client.session.session_key != before
    assert before
    assert not client.session.exists(before)


def test_a_session_ends_when_its_owner_signs_out(client: Client) -> None:
    sign_in(client, "ann@example.com")
    stolen = client.cookies["sessionid"].value
    client.post("/p/demo/sign-out/")
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/p/demo/choose/")["Location"] == "/p/demo/sign-in/"


def test_signing_out_takes_more_than_a_link(client: Client) -> None:
    sign_in(client, "ann@example.com")
    assert client.get("/p/demo/sign-out/").status_code == 200
    assert "_auth_user_id" in client.session


def test_forms_from_elsewhere_are_refused() -> None:
    browser = Client(enforce_csrf_checks=True)
    assert ask_code(browser, "ann@example.com").status_code == 403
    assert mail.outbox == []


def test_a_made_up_host_is_refused(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["loyalty.example"]
    browser = Client(raise_request_exception=False)
    assert browser.get("/p/demo/sign-in/", headers={"Host": "evil.example"}).status_code == 400


def test_sign_up_of_allauth_leads_to_the_portal(client: Client) -> None:
    assert client.get("/account/signup/?next=/p/demo/tier/")["Location"].startswith("/p/demo/join/")
    body = {"email": "eve@example.com", "password": PASSWORD}
    answer = client.post("/_allauth/app/v1/auth/signup", body, content_type="application/json")
    assert answer.status_code == 403
    assert not User.objects.exists()


def test_codes_sent_at_the_same_moment_do_not_share_one_count(client: Client) -> None:
    ask_code(client, "ann@example.com")
    waiting = dict(client.session)
    answers = []
    for number in range(11):
        session = client.session
        session.update(waiting)  # as requests read it that come before any of them has counted
        session.save()
        answers.append(enter_code(client, f"{number:07}").status_code)
    assert answers == [400] * 10 + [429]
