"""Pages and letters of signing in: all of them ours, in the program's look and the reader's language."""

from datetime import timedelta
from pathlib import Path

import allauth
import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import Settings

from core.models import CacheEntry, Program, User
from core.tasks import purge_sessions
from loyalty.identity.letters import LETTERS, letter
from loyalty.identity.staff import make_staff
from loyalty.mails import mailers
from members.models import Member
from tests.loyalty.people import SECRET, ask_code, enter_code, last_code, sign_in, totp
from tests.members.people import enrol
from tests.members.program import make_program

pytestmark = pytest.mark.django_db
TEMPLATES = Path(allauth.__file__).parent / "templates"
UNUSED = {  # signing up is the portal's, keys and passkeys are not offered, addresses are not confirmed by links
    "account/email/base",
    "account/email/email_confirmation_signup",
    "account/email/password_reset_key",
    "mfa/email/webauthn_added",
    "mfa/email/webauthn_removed",
}
OPEN = ("account_login", "account_reset_password", "account_password_reset_completed", "account_inactive")
MEMBERS = (
    "account_email",
    "account_set_password",
    "account_change_phone",
    "mfa_index",
    "mfa_activate_totp",
    "account_logout",
)


@pytest.fixture(autouse=True)
def program(quick_passwords: None) -> Program:
    cache.clear()
    return make_program()


def test_every_letter_of_allauth_has_our_words() -> None:
    known = {
        path.relative_to(TEMPLATES).as_posix().removesuffix("_message.txt")
        for room in ("account", "mfa")
        for path in (TEMPLATES / room / "email").glob("*_message.txt")
    }
    assert known - UNUSED == set(LETTERS)


@pytest.mark.parametrize("language", ["en", "id", "ms", "vi", "th", "ar"])
def test_every_letter_can_be_written_in_every_language(program: Program, language: str) -> None:
    values = {"code": "123456", "signup_url": "https://x.test/", "to_email": "b@x.test", "deleted_email": "c@x.test"}
    for kind in LETTERS:
        with translation.override(language):
            written = letter(kind, ["ann@example.com"], values, program=program)
        assert "%(" not in written.subject + str(written.body)
        page = str(written.alternatives[0][0])
        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page


def test_open_pages_are_neutral_without_a_program(client: Client) -> None:
    for name in OPEN:
        page = client.get(reverse(name)).content.decode()
        assert 'data-density="compact"' in page, name
        assert "css/components" in page, name


def test_open_pages_wear_the_program_s_look_behind_its_door(client: Client) -> None:
    page = client.get("/account/password/reset/?next=/p/demo/tier/").content.decode()
    assert 'data-program="demo"' in page


def test_members_find_all_pages_of_their_account_in_the_program_s_look(client: Client, program: Program) -> None:
    enrol(program, "M-1", email="ann@example.com", market="ID", language="id")
    sign_in(client, "ann@example.com")
    for name in MEMBERS:
        page = client.get(reverse(name)).content.decode()
        assert 'data-program="demo"' in page, name
        assert '<html lang="id"' in page, name


def test_members_who_ask_to_sign_in_are_led_to_their_program(client: Client) -> None:
    answer = client.get("/account/login/?next=/p/demo/tier/")
    assert answer["Location"] == "/p/demo/sign-in/?next=%2Fp%2Fdemo%2Ftier%2F"
    assert client.get("/account/login/?next=/office/").status_code == 200


def test_staff_find_all_pages_of_their_account(client: Client) -> None:
    make_staff(username="boss", email="boss@example.com", password="a long sentence", totp_secret=SECRET)
    client.post("/account/login/", {"login": "boss", "password": "a long sentence"})
    client.post("/account/2fa/authenticate/", {"code": totp()})
    names = ["mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"]
    names += ("mfa_reauthenticate", "account_reauthenticate", "account_change_password", "account_email")
    for name in names:
        page = client.get(reverse(name))
        assert page.status_code == 200, name
        assert 'data-density="compact"' in page.content.decode(), name


def test_a_new_e_mail_address_counts_once_it_is_proven_and_brings_its_memberships(
    client: Client, program: Program
) -> None:
    enrol(program, "M-2", email="new@example.com")
    sign_in(client, "ann@example.com")
    client.post("/account/email/", {"email": "new@example.com", "action_add": ""})
    assert Member.objects.get().user is None
    client.post("/account/confirm-email/", {"code": last_code(), "action": "verify"})
    user = User.objects.get()
    assert user.email == "new@example.com"
    assert Member.objects.get().user == user
    assert [letter.to[0] for letter in mail.outbox[1:]] == ["new@example.com", "ann@example.com"]


def test_an_address_of_somebody_else_is_not_taken_over(client: Client) -> None:
    sign_in(Client(), "bob@example.com")
    sign_in(client, "ann@example.com")
    client.post("/account/email/", {"email": "bob@example.com", "action_add": ""})
    answer = client.post("/account/confirm-email/", {"code": last_code(), "action": "verify"})
    assert "This cannot be used here" in answer.content.decode()
    assert sorted(User.objects.values_list("email", flat=True)) == ["ann@example.com", "bob@example.com"]


def test_a_number_that_was_not_proven_signs_nobody_in_to_another_account(settings: Settings, tmp_path: Path) -> None:
    settings.SMS_SENDER, settings.SMS_FOLDER = "loyalty.identity.sms.FileSender", tmp_path
    User.objects.create_user("eve", phone="+6591234567")
    victim = Client()
    ask_code(victim, "+6591234567")
    (message,) = tmp_path.iterdir()
    enter_code(victim, message.read_text().split("\n\n")[1][:6])
    assert victim.session["_auth_user_id"] == str(User.objects.get(phone_verified=True).pk)
    assert User.objects.get(phone_verified=True).username != "eve"


def test_the_count_of_tries_is_kept_where_all_processes_see_it(client: Client) -> None:
    ask_code(client, "ann@example.com")
    assert CacheEntry.objects.filter(cache_key__contains="request_login_code").exists()


def test_what_has_run_out_is_deleted_every_night(client: Client) -> None:
    ask_code(client, "ann@example.com")
    past, kept = timezone.now() - timedelta(days=1), Session.objects.count()
    Session.objects.create(session_key="old", session_data="", expire_date=past)
    CacheEntry.objects.create(cache_key="old", value="", expires=past)
    purge_sessions()
    assert Session.objects.count() == kept
    assert not CacheEntry.objects.filter(cache_key="old").exists()
    assert CacheEntry.objects.exists()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.test", ("mail.test", 25, "", "", False, False)),
        ("smtp://me:p%40ss@mail.test:587/?tls=1", ("mail.test", 587, "me", "p@ss", True, False)),
        ("smtps://me:pass@mail.test", ("mail.test", 465, "me", "pass", False, True)),
    ],
)
def test_a_mail_server_is_named_by_a_url(url: str, expected: tuple[object, ...], tmp_path: Path) -> None:
    options = mailers(url, tmp_path)["default"]["OPTIONS"]
    assert isinstance(options, dict)
    names = ("host", "port", "username", "password", "use_tls", "use_ssl")
    assert tuple(options[name] for name in names) == expected


def test_a_mail_url_that_means_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="EMAIL_URL"):
        mailers("http://mail.test", tmp_path)
