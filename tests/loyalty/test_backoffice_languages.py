"""The back office speaks six languages, frame included."""

import re

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation

from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.ground import BASE
from tests.loyalty.people import office_client

pytestmark = pytest.mark.django_db

OTHERS = ("id", "ms", "vi", "th", "ar")
PAGES = (
    "/office/",
    "/office/members/member/",
    "/office/members/member/?q=nobody",
    "/office/campaigns/campaign/",
    "/office/dealers/staffrole/add/",
    "/office/core/job/",
)


@pytest.fixture
def world() -> World:
    world = make_world(everyday())
    world.member()
    world.outcome("10.00")
    return world


def english() -> set[str]:
    """Texts of ours and of Unfold that stand alone, of more than a few letters."""
    with (BASE / "locale" / "django.pot").open("rb") as file:
        texts = {message.id for message in read_po(file) if isinstance(message.id, str)}
    return {text for text in texts if len(text) > 3 and "%" not in text and "{" not in text}


def shown(office: Client, address: str) -> set[str]:
    """What a page says, piece by piece, in its text and in the attributes that people get to read or hear."""
    content = office.get(address).content.decode()
    content = re.sub(r"(?s)<(script|style|pre|bdi)\b.*?</\1>", "", content)
    content = re.sub(r'<span class="[^"]*material-symbols[^"]*"[^>]*>.*?</span>', "", content, flags=re.DOTALL)
    said = re.findall(r'(?:title|placeholder|aria-label)="([^"]*)"', content)
    return {piece.strip() for piece in [*said, *re.split(r"<[^>]*>", content)] if piece.strip()}


@pytest.mark.parametrize("language", OTHERS)
def test_no_page_keeps_english_words_of_ours_or_of_the_frame(world: World, language: str) -> None:
    office = office_client()
    office.cookies["django_language"] = language
    with translation.override(language):
        left = {text for text in english() if translation.gettext(text) != text}
    for address in PAGES:
        assert shown(office, address) & left == set(), address


def test_arabic_runs_from_right_to_left(world: World) -> None:
    office = office_client()
    office.cookies["django_language"] = "ar"
    assert '<html lang="ar" dir="rtl"' in office.get("/office/").content.decode()


def test_the_language_is_chosen_in_the_office(world: World) -> None:
    office = office_client()
    office.post("/office/language/", {"language": "th", "next": "/office/"})
    assert '<html lang="th"' in office.get("/office/").content.decode()


def test_a_text_has_a_field_in_each_language_of_the_program(world: World) -> None:
    world.program.languages = ["en", "id"]
    world.program.save()
    campaign = world.program.campaigns.get()
    content = office_client().get(f"/office/campaigns/campaign/{campaign.pk}/change/").content.decode()
    assert ('name="name_en"' in content, 'name="name_ind"' in content, 'name="name_ar"' in content) == (
        True,
        True,
        False,
    )
    assert "[ind]" not in content
    assert "Name (Bahasa Indonesia)" in content
