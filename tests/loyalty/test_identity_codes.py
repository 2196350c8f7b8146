"""Members sign in by a code that reaches them by mail or SMS, whether we knew them or not."""

from collections.abc import Iterator
from unittest.mock import ANY

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from core.models import Program, User
from loyalty.mails import mailers as mailers_of
from members.models import Member
from tests.loyalty.people import (
    CODE,
    Gateway,
    ask_code,
    enter_code,
    last_code,
    mail_server,
    sign_in,
    sms_gateway,
    wrong_code,
)
from tests.members.people import enrol
from tests.members.program import make_program

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def program(quick_passwords: None) -> Program:
    cache.clear()
    return make_program()


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    with sms_gateway() as gateway:
        settings.SMS_SENDER, settings.SMS_URL = "loyalty.identity.sms.HttpSender", gateway.url
        settings.SMS_TOKEN = "let-me-in"
        yield gateway


def test_a_member_of_a_partner_system_signs_in_with_the_address_it_gave(client: Client, program: Program) -> None:
    enrol(program, "M-1", email="Ann@Example.com")
    answer = sign_in(client, "ann@example.com ")
    assert answer["Location"] == "/p/demo/choose/"
    member = Member.objects.get(external_id="M-1")
    assert member.user is not None
    assert client.session["_auth_user_id"] == str(member.user.pk)
    assert client.get("/p/demo/choose/")["Location"] == "/p/demo/"


def test_the_code_travels_through_a_mail_server_in_the_program_s_name(client: Client, settings: Settings) -> None:
    with mail_server() as box:
        settings.MAILERS = mailers_of(f"smtp://127.0.0.1:{box.port}", settings.VAR_DIR)
        ask_code(client, "ann@example.com")
    (letter,) = box.letters
    assert letter["To"] == "ann@example.com"
    assert letter["From"] == "Demo <loyalty@localhost>"
    assert [part.get_content_type() for part in letter.walk()][1:] == ["text/plain", "text/html"]
    code = CODE.search(str(letter["Subject"]))
    assert code
    assert enter_code(client, code[0])["Location"] == "/p/demo/choose/"


def test_the_code_travels_through_an_sms_gateway(client: Client, program: Program, gateway: Gateway) -> None:
    enrol(program, "M-1", phone="+6591234567")
    ask_code(client, "9123 4567")
    assert gateway.got == [{"to": "+6591234567", "text": ANY}]
    assert gateway.tokens == ["Bearer let-me-in"]
    code = CODE.search(gateway.got[0]["text"])
    assert code
    enter_code(client, code[0])
    user = User.objects.get(phone="+6591234567", phone_verified=True)
    assert Member.objects.get(external_id="M-1").user == user


def test_an_sms_that_does_not_go_out_is_said_so(client: Client, gateway: Gateway) -> None:
    gateway.status = 500
    answer = ask_code(client, "+6591234567")
    assert answer.status_code == 503
    assert "We could not send the code" in answer.content.decode()


def test_a_mail_that_does_not_go_out_is_said_so(client: Client, settings: Settings) -> None:
    settings.MAILERS = mailers_of("smtp://127.0.0.1:9", settings.VAR_DIR)
    assert ask_code(client, "ann@example.com").status_code == 503


def test_the_letter_speaks_the_language_of_the_page(client: Client) -> None:
    client.post("/p/demo/sign-in/", {"address": "ann@example.com"}, headers={"Accept-Language": "id-ID"})
    assert mail.outbox[0].subject.endswith("adalah kode Anda untuk Demo")


def test_wrong_codes_run_out_and_the_right_one_comes_too_late(client: Client) -> None:
    ask_code(client, "ann@example.com")
    code = last_code()
    pages = [enter_code(client, wrong_code(code)) for _ in range(3)]
    assert [page.status_code for page in pages] == [400, 400, 302]
    assert "You have 1 try left" in pages[1].content.decode()
    assert pages[2]["Location"] == "/p/demo/sign-in/"
    assert enter_code(client, code)["Location"] == "/p/demo/sign-in/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("slip", ["", "xxxxxx", "12345", "1234567"])
def test_what_cannot_be_a_code_is_no_try(client: Client, slip: str) -> None:
    ask_code(client, "ann@example.com")
    for _ in range(4):
        page = enter_code(client, slip)
        assert (page.status_code, "You have 3 tries left" in page.content.decode()) == (400, True)
    enter_code(client, last_code())
    assert "_auth_user_id" in client.session


def test_a_code_expires_after_ten_minutes(client: Client) -> None:
    ask_code(client, "ann@example.com")
    session = client.session
    session["account_login"]["state"]["stages"]["login_by_code"]["data"]["at"] -= 601
    session.save()
    answer = enter_code(client, last_code())
    assert answer["Location"] == "/p/demo/sign-in/"
    assert "This code has expired" in client.get("/p/demo/sign-in/").content.decode()


def test_a_new_code_replaces_the_first_one(client: Client) -> None:
    ask_code(client, "ann@example.com")
    first = last_code()
    assert client.post("/p/demo/sign-in/code/", {"action": "resend"}).status_code == 302
    assert len(mail.outbox) == 2
    second = last_code()
    if first != second:
        assert enter_code(client, first).status_code == 400
    assert enter_code(client, second)["Location"] == "/p/demo/choose/"


def test_a_code_works_only_in_the_browser_that_asked_for_it(client: Client) -> None:
    ask_code(client, "ann@example.com")
    assert enter_code(Client(), last_code())["Location"] == "/p/demo/sign-in/"


def test_whoever_goes_back_may_use_another_address(client: Client) -> None:
    ask_code(client, "ann@example.com")
    assert client.get("/p/demo/sign-in/").status_code == 200
    assert sign_in(client, "bob@example.com")["Location"] == "/p/demo/choose/"
    assert User.objects.get().email == "bob@example.com"


def test_the_way_one_was_on_is_kept_and_a_way_out_is_not(client: Client) -> None:
    ask_code(client, "ann@example.com", next="/p/demo/tier/")
    assert enter_code(client, last_code(), next="/p/demo/tier/")["Location"] == "/p/demo/tier/"
    other = Client()
    answer = ask_code(other, "bob@example.com", next="https://evil.example/p/demo/")
    assert answer["Location"] == "/p/demo/sign-in/code/"
    assert enter_code(other, last_code(), next="//evil.example")["Location"] == "/p/demo/choose/"


def test_what_is_no_address_is_refused_with_a_reason(client: Client) -> None:
    for written, reason in (
        ("", "Enter an e-mail address or a phone number."),
        ("ann", "Enter an e-mail address or a phone number."),
        ("ann@", "Check the e-mail address"),
        ("12", "Check the number"),
    ):
        answer = ask_code(client, written)
        assert answer.status_code == 400
        assert reason in answer.content.decode()
    assert mail.outbox == []
