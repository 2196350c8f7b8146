"""Members' apps sign in like the portal does: by code or password, with the second factor if there is one."""

from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from core.models import Program, User
from loyalty.identity.staff import make_staff
from members.models import Member
from tests.loyalty.people import SECRET, last_code, totp
from tests.members.people import enrol
from tests.members.program import make_program

pytestmark = pytest.mark.django_db
PASSWORD = "a long sentence"


@pytest.fixture(autouse=True)
def program(quick_passwords: None) -> Program:
    cache.clear()
    return make_program()


def post(path: str, body: dict[str, str], token: str = "", status: int = 200) -> Any:
    headers = {"X-Session-Token": token} if token else {}
    answer = Client().post(f"/_allauth/app/v1/auth/{path}", body, content_type="application/json", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_an_app_signs_a_member_of_a_partner_system_in_by_code(program: Program) -> None:
    enrol(program, "M-1", email="ann@example.com")
    token = post("code/request", {"email": "ann@example.com"}, status=401)["meta"]["session_token"]
    answer = post("code/confirm", {"code": last_code()}, token)
    assert answer["meta"]["is_authenticated"]
    assert answer["meta"]["session_token"] != token
    assert Member.objects.get().user == User.objects.get()


def test_an_app_learns_nothing_about_an_address(program: Program) -> None:
    enrol(program, "M-1", email="ann@example.com")
    answers = [
        post("code/request", {"email": address}, status=401) for address in ("ann@example.com", "bob@example.com")
    ]
    for answer in answers:
        answer["meta"].pop("session_token")
    assert answers[0] == answers[1]
    assert len(mail.outbox) == 2


def test_wrong_codes_run_out_for_an_app_too() -> None:
    token = post("code/request", {"email": "ann@example.com"}, status=401)["meta"]["session_token"]
    for _ in range(3):
        post("code/confirm", {"code": "xxxxxx"}, token, status=400)
    post("code/confirm", {"code": last_code()}, token, status=409)


def test_an_app_asks_for_another_code() -> None:
    token = post("code/request", {"email": "ann@example.com"}, status=401)["meta"]["session_token"]
    post("code/resend", {}, token)
    assert len(mail.outbox) == 2
    post("code/confirm", {"code": last_code()}, token)


def test_an_app_is_told_to_slow_down() -> None:
    for status in (401, 401, 401, 429):
        post("code/request", {"email": "ann@example.com"}, status=status)


def test_one_address_at_a_time() -> None:
    post("code/request", {"email": "ann@example.com", "phone": "+6591234567"}, status=400)
    post("code/request", {"phone": "12"}, status=400)
    assert mail.outbox == []


def test_an_app_shows_password_and_second_factor() -> None:
    make_staff(username="boss", email="boss@example.com", password=PASSWORD, totp_secret=SECRET)
    token = post("login", {"email": "boss@example.com", "password": PASSWORD}, status=401)["meta"]["session_token"]
    assert post("2fa/authenticate", {"code": totp()}, token)["meta"]["is_authenticated"]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post", "get"])
def test_a_number_is_nobody_s_to_change_who_is_not_signed_in(method: str) -> None:
    call = getattr(Client(), method)

    answer = call("/_allauth/app/v1/account/phone", {"phone": "+6591234567"}, content_type="application/json")

    assert answer.status_code in {401, 409, 405}
    assert answer.headers["Content-Type"] == "application/json"
