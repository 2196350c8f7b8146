from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client
from django.urls import reverse

from loyalty.demo.mails import Mail
from loyalty.operations.demo import seeding
from loyalty.operations.demo.keys import password
from tests.loyalty.demo_program import load_demo

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def demo(settings: LazySettings, tmp_path: Path) -> Path:
    """A demonstration with its own folder."""
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    return tmp_path


def post(folder: Path, to: str, subject: str, text: str, html: str = "") -> None:
    """Write a mail as the platform does."""
    mail = EmailMultiAlternatives(subject, text, "us@example.com", [to])
    if html:
        mail.attach_alternative(html, "text/html")
    EmailBackend(alias="default", file_path=str(folder / "mail")).send_messages([mail])


@pytest.mark.django_db
def test_the_first_page_lists_the_programs_with_the_way_in(client: Client, demo: Path) -> None:
    seeding.load("wallet", AT)
    seeding.load("automotive", AT)
    page = client.get("/").content.decode()
    assert page.count('data-test="program"') == 2
    assert 'href="/p/wallet/"' in page
    assert 'href="/p/automotive/"' in page
    assert "mariam@example.com" in page
    assert password() in page


@pytest.mark.django_db
def test_outside_a_demonstration_the_first_page_tells_no_sign_ins(client: Client, settings: LazySettings) -> None:
    settings.DEMO = False
    seeding.load("wallet", AT)
    page = client.get("/").content.decode()
    assert page.count('data-test="program"') == 1
    assert "@example.com" not in page
    assert password() not in page
    assert "/demo/mail" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "id", "ms", "vi", "th", "ar"])
def test_the_first_page_speaks_the_readers_language(client: Client, demo: Path, language: str) -> None:
    seeding.load("wallet", AT)
    page = client.get("/", headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}"' in page
    assert ("Look around" in page) == (language == "en")


@pytest.mark.django_db
def test_the_first_page_is_read_in_the_language_that_is_chosen_there_with_its_names_of_countries(
    client: Client, demo: Path
) -> None:
    seeding.load("wallet", AT)
    assert 'name="language" value="ar"' in client.get("/").content.decode()
    chosen = client.post(reverse("account_language"), {"language": "ar", "next": "/"}, follow=True)
    page = chosen.content.decode()
    assert '<html lang="ar"' in page
    assert "تايلاند" in page
    assert "Thailand" not in page


@pytest.mark.django_db
def test_without_a_program_the_first_page_says_how_to_load_one(client: Client) -> None:
    assert "manage.py program load programs/demo.yaml" in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("programs", [1, 3])
def test_the_first_page_asks_as_little_for_three_programs_as_for_one(
    client: Client, settings: LazySettings, django_assert_num_queries: pytest.FixtureRequest, programs: int
) -> None:
    settings.DEMO = True
    for number in range(programs):
        load_demo(f"demo-{number}")
    with django_assert_num_queries(3):  # type: ignore[operator]
        client.get("/")


@pytest.mark.django_db
def test_each_program_brings_its_own_colours(client: Client) -> None:
    seeding.load("wallet", AT)
    sheet = client.get("/programs.css")
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert '[data-brand="wallet"] { --brand: #2747e0;' in sheet.content.decode()


def test_there_are_no_mails_outside_a_demonstration(client: Client, settings: LazySettings) -> None:
    settings.DEMO = False
    assert client.get("/demo/mail").status_code == 404


def test_mails_are_shown_with_their_code_and_links_and_never_their_markup(client: Client, demo: Path) -> None:
    text = "Type this code:\n\n482913\n\nhttp://localhost:8000/p/wallet/ <script>alert(1)</script>"
    post(demo, "sari@example.com", "482913 is your code", text, html="<b onclick=x>bold</b>")
    answer = client.get("/demo/mail")
    page = answer.content.decode()
    assert '<bdi class="code" data-test="code">482913</bdi>' in page
    assert '<a href="http://localhost:8000/p/wallet/" rel="nofollow">' in page
    assert "&lt;script&gt;" in page
    assert "onclick" not in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_mails_and_text_messages_of_one_address_can_be_picked(client: Client, demo: Path) -> None:
    post(demo, "sari@example.com", "For Sari", "Hello")
    post(demo, "krit@example.com", "For Krit", "Hello")
    (demo / "sms").mkdir()
    (demo / "sms" / "1.txt").write_text("To: +6590001234\n\nYour code is 771204\n")
    assert client.get("/demo/mail").content.decode().count('data-test="mail"') == 3
    page = client.get("/demo/mail", {"to": "+6590001234"}).content.decode()
    assert page.count('data-test="mail"') == 1
    assert "771204</bdi>" in page


def test_an_empty_letter_box_says_how_to_get_a_mail(client: Client, demo: Path) -> None:
    assert "No mail yet" in client.get("/demo/mail", headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("482913 is your code for Rihla Club", "…", "482913"),
        ("ABC-DEF confirms your address", "…", "ABC-DEF"),
        ("You are now Gold", "Since 120000 points", ""),
        ("", "Your code: 771204. Tell nobody.", "771204"),
    ],
)
def test_a_code_is_what_stands_first_in_a_subject_or_in_a_text_message(subject: str, text: str, code: str) -> None:
    assert Mail(AT, "to", subject, text).code == code
