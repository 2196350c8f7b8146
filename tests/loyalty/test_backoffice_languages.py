"""The back office speaks six languages, frame included."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.pofile import read_po
from django.contrib.admin import ModelAdmin, site
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.db.models import Model
from django.test import Client, RequestFactory
from django.utils import translation

from core.models import User
from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.ground import BASE
from tests.loyalty.people import office_client

pytestmark = pytest.mark.django_db

MARKS = ("action_checkbox", "__str__", "id")
CORRECT = ("Please correct the error below.", "Please correct the errors below.")
OTHERS = ("id", "ms", "vi", "th", "ar")
PAGES = (
    "/office/",
    "/office/members/member/",
    "/office/members/member/?q=nobody",
    "/office/campaigns/campaign/",
    "/office/dealers/staffrole/add/",
    "/office/core/job/",
    "/office/simulations/",
    "/office/reratings/",
    "/office/budgets/",
    "/office/holdouts/",
    "/office/festivals/",
)


@pytest.fixture
def world() -> World:
    world = make_world(everyday())
    world.member()
    world.outcome("10.00")
    return world


@cache
def english() -> set[str]:
    """Texts of ours and of Unfold that stand alone, of more than a few letters."""
    with (BASE / "locale" / "django.pot").open("rb") as file:
        texts = {message.id for message in read_po(file) if isinstance(message.id, str)}
    return {text for text in texts if len(text) > 3 and "%" not in text and "{" not in text}


def untranslated(language: str) -> set[str]:
    """What no page says in this language; but "Filters" is "Filter" in Indonesian."""
    with translation.override(language):
        said = {text: translation.gettext(text) for text in english()}
    return {text for text, other in said.items() if text != other} - set(said.values())


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
    left = untranslated(language)
    for address in PAGES:
        assert shown(office, address) & left == set(), address


def labels(office: ModelAdmin[Model], language: str) -> Iterator[tuple[str, str]]:
    """What columns, filters and fields of a model are called, beside the names that they have in the code."""
    request = RequestFactory().get("/office/")
    request.user = User.objects.get(username="boss")
    forms = [form for form in (office.form, getattr(office, "add_form", None)) if form]
    own = {name: field for form in forms for name, field in form.declared_fields.items()}
    with translation.override(language):
        columns = [one[0] if isinstance(one, tuple) else one for one in office.list_filter]
        filters = [one for one in columns if isinstance(one, str)]
        fields = [*flatten_fieldsets(office.get_fieldsets(request)), *office.get_readonly_fields(request)]
        for name in {*office.list_display, *filters, *fields} - {*own, *MARKS}:
            yield name, str(label_for_field(name, office.model, office))
        yield from ((name, str(field.label)) for name, field in own.items())


@pytest.mark.parametrize("office", site._registry.values(), ids=lambda office: office.opts.model_name)
def test_every_column_has_a_name_in_the_language_of_its_reader(office: ModelAdmin[Model]) -> None:
    office_client()
    english, arabic = dict(labels(office, "en")), dict(labels(office, "ar"))
    assert english
    assert {name: label for name, label in arabic.items() if label == english[name]} == {}


def test_arabic_runs_from_right_to_left(world: World) -> None:
    office = office_client()
    office.cookies["django_language"] = "ar"
    assert '<html lang="ar" dir="rtl"' in office.get("/office/").content.decode()


def test_a_form_with_errors_does_not_say_that_there_are_none(world: World) -> None:
    office = office_client()
    office.cookies["django_language"] = "ar"
    page = office.post("/office/core/apiclient/add/", {}).content.decode()
    with translation.override("ar"):
        none, *some = (translation.ngettext(*CORRECT, number) for number in range(12))
    assert none not in page
    assert any(text in page for text in some)


def test_the_language_is_chosen_in_the_office(world: World) -> None:
    office = office_client()
    office.post("/office/language/", {"language": "th", "next": "/office/"})
    assert '<html lang="th"' in office.get("/office/").content.decode()


def test_a_text_has_a_field_in_each_language_of_the_program(world: World) -> None:
    world.program.languages = ["en", "id"]
    world.program.save()
    campaign = world.program.campaigns.get()
    campaign.state = "draft"  # so that its texts can be written
    campaign.save()
    content = office_client().get(f"/office/campaigns/campaign/{campaign.pk}/change/").content.decode()
    assert ('name="name_en"' in content, 'name="name_ind"' in content, 'name="name_ar"' in content) == (
        True,
        True,
        False,
    )
    assert "[ind]" not in content
    assert "Name (Bahasa Indonesia)" in content
