"""What every page of the portal has in common: language, direction, the way in and around, what goes wrong."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from campaigns.selectors.promises import promises
from core.models import Program, User
from loyalty.display.views import style
from members.models import Member
from tests.campaigns.world import NOW, campaign, make_world, rule
from tests.members.people import enrol
from tests.members.program import make_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    program = make_program()
    Program.objects.filter(pk=program.pk).update(languages=["en", "id", "ar"], name_ar="نادي")
    program.refresh_from_db()
    return program


@pytest.fixture
def visitor() -> Client:
    return Client()


def page(answer: Any) -> str:
    return str(answer.content.decode())


def html(answer: Any) -> str:
    """Language and direction that the page declares."""
    found = re.search(r'<html lang="(\w+)"\s+dir="(\w+)"', page(answer))
    assert found
    return f"{found[1]} {found[2]}"


def member(program: Program, language: str = "id") -> Member:
    member = enrol(program, "M-1", name="Mariam Ali")
    Member.objects.filter(pk=member.pk).update(user=User.objects.create_user("mariam"), language=language)
    member.refresh_from_db()
    return member


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("ar-AE,en;q=0.5", "ar rtl"),
        ("th,id-ID;q=0.8", "id ltr"),  # the first that the program speaks
        ("vi", "en ltr"),  # else the program's first
        ("", "en ltr"),
    ],
)
def test_a_visitor_is_spoken_to_as_the_browser_asks(
    program: Program, visitor: Client, asked: str, expected: str
) -> None:
    answer = visitor.get("/p/demo/", headers={"accept-language": asked})
    assert html(answer) == expected
    assert answer["Content-Language"] == expected.split(maxsplit=1)[0]
    assert "Accept-Language" in answer["Vary"]


def test_a_choice_beats_the_browser_and_is_kept(program: Program, visitor: Client) -> None:
    chosen = visitor.post("/p/demo/language/", {"language": "ar", "next": "/p/demo/?a=1"})
    assert (chosen.status_code, chosen["Location"]) == (302, "/p/demo/?a=1")
    assert html(visitor.get("/p/demo/", headers={"accept-language": "id"})) == "ar rtl"


def test_a_member_s_choice_is_kept_in_the_profile(program: Program, visitor: Client) -> None:
    someone = member(program)
    visitor.force_login(User.objects.get(username="mariam"))
    visitor.post("/p/demo/language/", {"language": "ar"})
    someone.refresh_from_db()
    assert someone.language == "ar"


def test_without_a_choice_a_member_reads_the_language_of_the_profile(program: Program, visitor: Client) -> None:
    member(program, language="id")
    visitor.force_login(User.objects.get(username="mariam"))
    assert visitor.get("/p/demo/", headers={"accept-language": "ar"})["Content-Language"] == "id"


def test_a_language_that_the_program_does_not_speak_cannot_be_chosen(program: Program, visitor: Client) -> None:
    assert visitor.post("/p/demo/language/", {"language": "th"}).status_code == 400
    assert settings.LANGUAGE_COOKIE_NAME not in visitor.cookies
    assert visitor.get("/p/demo/language/").status_code == 405


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_choosing_a_language_sends_nobody_elsewhere(program: Program, visitor: Client, back: str) -> None:
    assert visitor.post("/p/demo/language/", {"language": "id", "next": back})["Location"] == "/p/demo/"


def test_each_language_is_offered_in_its_own_words(program: Program, visitor: Client) -> None:
    text = page(visitor.get("/p/demo/"))
    assert re.findall(r'name="language" value="(\w+)" lang="(\w+)" dir="(\w+)"', text) == [
        ("en", "en", "ltr"),
        ("id", "id", "ltr"),
        ("ar", "ar", "rtl"),
    ]


@pytest.mark.parametrize(
    ("language", "fonts"),
    [
        ("en", ["inter-latin"]),
        ("id", ["inter-latin"]),
        ("ar", ["inter-latin", "noto-sans-arabic-arabic"]),
    ],
)
def test_only_the_typefaces_of_the_page_s_script_are_loaded_ahead(
    program: Program, visitor: Client, language: str, fonts: list[str]
) -> None:
    text = page(visitor.get("/p/demo/", headers={"accept-language": language}))
    assert re.findall(r'rel="preload" href="/static/vendor/[\w-]+/([\w-]+)-(?:opsz|wght)-normal', text) == fonts


def test_visitors_are_told_how_to_earn_from_what_is_promised_to_all(program: Program, visitor: Client) -> None:
    text = page(visitor.get("/p/demo/"))
    assert "The first offers are on their way" in text
    assert [name in text for name in ("Silver", "Gold", "/p/demo/join/", "/p/demo/sign-in/")] == [True] * 4


def test_what_is_missing_in_a_program_is_missed_in_its_look_and_language(program: Program, visitor: Client) -> None:
    answer = visitor.get("/p/demo/nothing/", headers={"accept-language": "ar"})
    assert (answer.status_code, html(answer)) == (404, "ar rtl")
    assert "/p/demo/brand.css" in page(answer)
    assert "نادي" in page(answer)


@pytest.mark.parametrize("address", ["/nothing", "/p/unknown/", "/p/unknown/earn/"])
def test_what_is_missing_outside_is_missed_in_our_own_look(visitor: Client, address: str) -> None:
    answer = visitor.get(address)
    assert (answer.status_code, html(answer)) == (404, "en ltr")
    assert "brand.css" not in page(answer)


def test_a_form_that_was_open_for_too_long_says_that_nothing_was_saved(program: Program) -> None:
    answer = Client(enforce_csrf_checks=True).post("/p/demo/language/", {"language": "id"})
    assert answer.status_code == 403
    assert "Nothing was saved" in page(answer)


def test_the_page_of_our_own_faults_needs_no_database() -> None:
    with connection.execute_wrapper(refuse):
        answer = Client(raise_request_exception=False).get("/p/demo/")
    assert answer.status_code == 500
    assert "went wrong on our side" in page(answer)


def refuse(*_args: object) -> None:
    raise OperationalError


@pytest.mark.parametrize("number", [1, 3])
def test_the_landing_page_asks_the_database_alike_however_many_offers_there_are(
    visitor: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_world(*[promised(f"offer-{one}") for one in range(number)])
    visitor.get("/p/demo/")  # what the program says is known from then on
    with django_assert_num_queries(4):  # the program for home and for the invitation, its offers, its tiers
        text = page(visitor.get("/p/demo/"))
    assert text.count("One for all") == number


def promised(code: str, **more: Any) -> dict[str, Any]:
    """A campaign that visitors may read of."""
    texts = {"text": {"en": "One for all"}, "promise": True}
    return campaign(code, rule("base", {"points": {"fixed": 1}}), **(texts | more))


def test_only_what_everybody_gets_now_is_told_to_visitors() -> None:
    world = make_world(
        promised("always"),
        promised("some", audience={"fact": "member.kyc", "op": "eq", "value": "verified"}),
        promised("ended", ends="2026-02-01T00:00:00"),
        promised("ahead", starts="2027-01-01T00:00:00"),
        promised("draft", state="draft"),
        campaign("silent", rule("base", {"points": {"fixed": 1}}), promise=True),
        promised("unsure", promise=False),
    )
    found = promises(program=world.program, at=NOW)
    assert [offer.name for offer in found] == ["always"]


def test_visitors_see_what_everybody_gets_before_what_few_win_each_with_its_picture() -> None:
    prize = rule("prize", {"points": {"fixed": 100}}, event="leaderboard.closed")
    more = {"promise": True, "text": {"en": "For the first"}}
    make_world(campaign("contest", prize, **more), promised("always"))
    page = Client().get("/p/demo/").content.decode()
    earn = page[page.index('id="earn"') :]
    assert re.findall(r"icons[^#\"]*#([\w-]+)|<h3>(\w+)</h3>", earn)[:4] == [
        ("banknote", ""), ("", "always"), ("trophy", ""), ("", "contest"),
    ]  # fmt: skip


def test_answers_that_are_no_pages_have_an_icon_too(visitor: Client) -> None:
    assert visitor.get("/favicon.ico")["Location"] == "/static/favicon.svg"


def test_the_style_page_is_for_builders_alone(visitor: Client) -> None:
    assert visitor.get("/style/").status_code == 404


@pytest.mark.parametrize("asked", ["", "program=demo&language=ar&theme=dark&density=roomy", "language=xx&program=none"])
def test_the_style_page_shows_every_component(program: Program, rf: RequestFactory, asked: str) -> None:
    text = page(style(rf.get(f"/style/?{asked}")))
    components = ("hero", "row", "ring", "badge", "ticket", "kpi", "table")
    assert [name for name in components if f'class="{name}' not in text] == []
