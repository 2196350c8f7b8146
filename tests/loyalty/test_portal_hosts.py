"""A program's own host name: the portal at its root, and every link in that short form."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from loyalty.portal.urls import urlpatterns
from tests.members.program import make_program

pytestmark = pytest.mark.django_db
HOST = "club.example"


@pytest.fixture
def club() -> Iterator[Client]:
    """A browser at the program's own host."""
    make_program()
    with override_settings(PORTAL_HOSTS={HOST: "demo"}, ALLOWED_HOSTS=[HOST, "testserver"]):
        yield Client(headers={"host": HOST})


def links(text: str) -> set[str]:
    return set(re.findall(r'(?:href|action)="(/[^"#?]*)', text)) - {"/"}


def test_pages_stand_at_the_root_and_link_each_other_there(club: Client) -> None:
    found = links(club.get("/").content.decode())
    assert {link for link in found if link.startswith("/p/")} == set()
    files = {"/brand.css", "/icon.svg", "/manifest.webmanifest"}
    assert files <= found
    assert {club.get(link).status_code for link in files} == {200}


def test_every_page_of_the_portal_has_its_short_address(club: Client) -> None:
    usual = {one.name: Client().get(f"/p/demo/{one.pattern}").status_code for one in urlpatterns}
    short = {one.name: club.get(f"/{one.pattern}").status_code for one in urlpatterns}
    assert short == usual


def test_doors_send_to_short_addresses(club: Client) -> None:
    assert club.get("/activity/")["Location"] == "/sign-in/"
    assert club.post("/language/", {"language": "id"})["Location"] == "/"


def test_what_is_missing_there_is_missed_in_the_program_s_look(club: Client) -> None:
    answer = club.get("/nothing/")
    assert answer.status_code == 404
    assert 'href="/brand.css?' in answer.content.decode()


def test_other_hosts_keep_the_long_addresses(club: Client) -> None:
    text = Client().get("/p/demo/").content.decode()
    assert "/p/demo/brand.css" in text
    assert reverse("portal:home", kwargs={"program": "demo"}) == "/p/demo/"


def test_the_api_and_the_office_stay_where_they_are(club: Client) -> None:
    assert club.get("/api/v1/schema/").status_code == 200
    assert club.get("/office/").status_code == 302
