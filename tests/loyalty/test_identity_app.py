"""Members' apps sign in like the portal does: by code or password, with the second factor if there is one."""

from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from core.models import Program, User
from loyalty.identity.staff import make_staff
from members.models import Member
from tests.loyalty.people import SECRET, last_code, totp, wrong_code
from tests.members.people import enrol
from tests.members.program import make_program

pytestmark = pytest.mark.django_db
PASSWORD = "a long sentence"


@pytest.fixture(autouse=True)
def program(quick_passwords: None) -> Program:
    cache.clear()
    return make_program()


def post(path: str, body: object, token: str = "", status: int = 200) -> Any:
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
        post("code/confirm", {"code": wrong_code(last_code())}, token, status=400)
    answer = post("code/confirm", {"code": last_code()}, token, status=409)
    assert answer["errors"] == [{"message": "This code has expired. Ask for a new one.", "code": "code_expired"}]
    assert post("code/resend", {}, token, status=409)["errors"] == answer["errors"]


@pytest.mark.parametrize("slip", ["", " ", None, "xxxxxx", "12345", "1234567", {}])
def test_what_cannot_be_a_code_is_no_try(slip: object) -> None:
    token = post("code/request", {"email": "ann@example.com"}, status=401)["meta"]["session_token"]
    for _ in range(4):
        assert post("code/confirm", {"code": slip}, token, status=400)["errors"][0]["param"] == "code"
    assert post("code/confirm", {"code": last_code()}, token)["meta"]["is_authenticated"]


@pytest.mark.parametrize("path", ["code/request", "code/confirm", "login", "password/request"])
@pytest.mark.parametrize(
    ("body", "media_type"),
    [(b"{no", "application/json"), (b"[]", "application/json"), (b"email=a", "application/x-www-form-urlencoded")],
)
def test_what_is_no_json_object_is_told_in_json(path: str, body: bytes, media_type: str) -> None:
    token = post("code/request", {"email": "ann@example.com"}, status=401)["meta"]["session_token"]
    headers = {"X-Session-Token": token}
    answer = Client().post(f"/_allauth/app/v1/auth/{path}", body, content_type=media_type, headers=headers)
    said = {"status": 400, "errors": [{"message": "Send a JSON object.", "code": "malformed"}]}
    assert (answer.status_code, answer.headers["Content-Type"], answer.json()) == (400, "application/json", said)


@pytest.mark.parametrize(("method", "path", "status"), [("get", "auth/nothing", 404), ("put", "auth/code/resend", 405)])
def test_an_app_is_never_sent_a_page(method: str, path: str, status: int) -> None:
    answer = getattr(Client(), method)(f"/_allauth/app/v1/{path}")
    assert (answer.status_code, answer.json()) == (status, {"status": status})


@pytest.mark.parametrize("wrong", [{"email": "ann"}, {"phone": "12"}, {"phone": "x"}, {}, {"email": ""}])
def test_a_wrong_address_has_a_code_and_a_sentence(wrong: dict[str, str]) -> None:
    (error,) = post("code/request", wrong, status=400)["errors"]
    assert (error["code"] in {"invalid", "select_only_one"}, bool(error["message"])) == (True, True)


def test_an_app_asks_for_another_code() -> None:
    token = post("code/request", {"email": "ann@example.com"}, status=401)["meta"]["session_token"]
    post("code/resend", {}, token)
    assert len(mail.outbox) == 2
    post("code/confirm", {"code": last_code()}, token)


def test_an_app_is_told_to_slow_down() -> None:
    for status in (401, 401, 401, 429):
        post("code/request", {"email": "ann@example.com"}, status=status)
    refused = Client().post("/_allauth/app/v1/auth/code/request", {"email": "ann@example.com"}, "application/json")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")


def test_guessing_waits_as_long_as_it_is_counted() -> None:
    token = post("code/request", {"email": "ann@example.com"}, status=401)["meta"]["session_token"]
    for _ in range(10):
        post("code/confirm", {"code": ""}, token, status=400)
    headers = {"X-Session-Token": token}
    body = {"code": last_code()}
    refused = Client().post("/_allauth/app/v1/auth/code/confirm", body, "application/json", headers=headers)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")


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
