"""What joining asks: terms where a program has some, of businesses what they are; and what is kept of it."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from core.models import Program, Terms
from loyalty.operations.erase import erase
from members.models import AcceptedTerms, Member
from tests.campaigns.world import LONG_AGO, NOW, World
from tests.loyalty.people import enter_code, last_code, sign_in
from tests.loyalty.portal import portal_world, visit

pytestmark = pytest.mark.django_db
TERMS = {"en": "Joining\nIt is <b>free</b>.\n\nWe may change this.", "ar": "الانضمام مجاني."}
CATEGORIES = [{"code": "food", "name": {"en": "Food", "vi": "Ăn uống"}}, {"code": "fashion", "name": {"en": "Fashion"}}]
PERSON = {"name": "Ann Tan", "address": "ann@example.com", "market": "SG", "language": "en"}
SHOP = {**PERSON, "legal_name": "Bina Food Sdn Bhd", "trading_name": "Bina", "category": "food"}


def make(**said: Any) -> Program:
    """A program that says this under ``program:``."""
    return portal_world(program=said).program


def send(client: Client, form: dict[str, str], **more: str) -> int:
    """Send the form, and the code if it was taken; the status of the form's answer."""
    answer = client.post("/p/demo/join/", {**form, **more})
    if answer.status_code == 302:
        enter_code(client, last_code())
    return answer.status_code


def change_terms(program: Program, terms: dict[str, str] | None) -> Program:
    """Load the program with other terms."""
    said = {"terms": terms} if terms else {}
    changed = portal_world(program=said).program
    assert changed.pk == program.pk
    return changed


def test_terms_are_read_by_anybody_with_headings_and_nothing_of_theirs_is_markup(client: Client) -> None:
    make(terms=TERMS)
    page = client.get("/p/demo/terms/").content.decode()
    assert "<h2>Joining</h2>" in page
    assert "<p>It is &lt;b&gt;free&lt;/b&gt;.</p>" in page
    assert "<p>We may change this.</p>" in page
    assert "<h2>We may" not in page


def test_terms_are_shown_in_the_readers_language_or_in_the_first_that_they_are_written_in(client: Client) -> None:
    make(terms=TERMS)
    arabic = client.get("/p/demo/terms/", headers={"Accept-Language": "ar"}).content.decode()
    assert 'lang="ar" dir="rtl">' in arabic
    assert TERMS["ar"] in arabic
    vietnamese = client.get("/p/demo/terms/", headers={"Accept-Language": "vi"}).content.decode()
    assert '<html lang="vi"' in vietnamese
    assert 'lang="en" dir="ltr">' in vietnamese
    assert "We may change this." in vietnamese


def test_a_program_without_terms_has_no_page_of_them_and_asks_for_none(client: Client) -> None:
    make()
    assert client.get("/p/demo/terms/").status_code == 404
    page = client.get("/p/demo/join/").content.decode()
    assert 'name="terms"' not in page
    assert "/p/demo/terms/" not in page
    assert send(client, PERSON) == 302
    assert Member.objects.count() == 1
    assert not AcceptedTerms.objects.exists()


def test_every_door_leads_to_the_terms(client: Client) -> None:
    make(terms=TERMS)
    for door in ("", "join/", "sign-in/"):
        assert 'href="/p/demo/terms/"' in client.get(f"/p/demo/{door}").content.decode(), door


def test_nobody_joins_without_accepting_the_terms_in_force(client: Client) -> None:
    program = make(terms=TERMS)
    old = program.terms_id
    assert send(client, PERSON) == 400
    program = change_terms(program, {"en": "New terms."})
    answer = client.post("/p/demo/join/", {**PERSON, "terms": str(old)})
    assert answer.status_code == 400
    assert "The terms have changed." in answer.content.decode()
    assert send(client, PERSON, terms=str(program.terms_id)) == 302
    assert AcceptedTerms.objects.get().terms == program.terms


def test_what_was_accepted_is_kept_with_the_language_and_the_moment_of_joining(client: Client) -> None:
    program = make(terms=TERMS)
    client.post("/p/demo/language/", {"language": "ar"})
    assert send(client, PERSON, terms=str(program.terms_id)) == 302
    accepted = AcceptedTerms.objects.get()
    assert (accepted.member, accepted.terms, accepted.language) == (Member.objects.get(), program.terms, "ar")
    assert accepted.at == accepted.member.enrolled_at


def test_somebody_signed_in_accepts_the_terms_too(client: Client) -> None:
    program = make(terms=TERMS)
    sign_in(client, "ann@example.com")
    form = {name: value for name, value in PERSON.items() if name != "address"}
    assert client.post("/p/demo/join/", form).status_code == 400
    assert client.post("/p/demo/join/", {**form, "terms": str(program.terms_id)}).status_code == 302
    assert AcceptedTerms.objects.get().member == Member.objects.get()


def test_terms_that_differ_are_a_new_version_and_those_that_were_accepted_stay() -> None:
    program = make(terms=TERMS)
    first = program.terms
    assert change_terms(program, TERMS).terms == first
    second = change_terms(program, {"en": "Shorter."}).terms
    assert first
    assert second
    assert (first.version, second.version, second.since) == (1, 2, NOW)
    assert change_terms(program, None).terms is None
    third = change_terms(program, {"en": "Shorter."}).terms
    assert third
    assert third.version == 3
    assert Terms.objects.get(pk=first.pk).spoken("ar") == ("ar", TERMS["ar"])


def test_a_member_reads_when_the_terms_were_accepted_and_takes_them_along_with_the_data() -> None:
    world = portal_world(program={"terms": TERMS})
    ann = visit(world, world.member("ann", name="Ann"))
    assert world.program.terms
    AcceptedTerms.objects.create(member=ann.member, terms=world.program.terms, language="en", at=LONG_AGO)
    assert "You accepted version 1 on 1 January 2020" in ann.text("profile/")
    assert "You accepted it on 1 January 2020" in ann.text("terms/")
    data = json.loads(ann.client.get("/p/demo/profile/my-data.json").content)
    assert data["terms"] == [
        {"version": 1, "language": "en", "text": TERMS["en"], "accepted_at": "2020-01-01T00:00:00Z"}
    ]


def test_whom_a_partner_system_enrolled_accepts_the_terms_before_anything_else() -> None:
    world = portal_world(program={"terms": TERMS})
    assert world.program.terms
    ann = visit(world, world.member("ann", name="Ann"))
    asked = ann.client.get("/p/demo/activity/?kind=earned")
    assert asked.headers["Location"] == "/p/demo/accept/?next=%2Fp%2Fdemo%2Factivity%2F%3Fkind%3Dearned"
    assert "Before you begin" in ann.text("accept/")
    assert ann.post("accept/") == 422
    assert ann.post("accept/", terms="0") == 422
    assert not AcceptedTerms.objects.exists()
    form = {"terms": str(world.program.terms.pk), "next": "/p/demo/activity/?kind=earned"}
    assert ann.client.post("/p/demo/accept/", form).headers["Location"] == "/p/demo/activity/?kind=earned"
    assert AcceptedTerms.objects.get().member == ann.member
    assert ann.client.get("/p/demo/activity/").status_code == 200


def test_accepting_leads_nowhere_else() -> None:
    world = portal_world(program={"terms": TERMS})
    assert world.program.terms
    ann = visit(world, world.member("ann", name="Ann"))
    form = {"terms": str(world.program.terms.pk), "next": "https://elsewhere.example/"}
    assert ann.client.post("/p/demo/accept/", form).headers["Location"] == "/p/demo/"


@pytest.mark.parametrize("page", ["profile/my-data.json", "profile/leave/", "terms/"])
def test_who_accepts_nothing_may_still_read_take_the_data_and_leave(page: str) -> None:
    world = portal_world(program={"terms": TERMS})
    ann = visit(world, world.member("ann", name="Ann"))
    assert ann.client.get(f"/p/demo/{page}").status_code == 200


def test_what_was_accepted_is_erased_with_the_member() -> None:
    world = portal_world(program={"terms": TERMS})
    member = world.member("ann")
    assert world.program.terms
    AcceptedTerms.objects.create(member=member, terms=world.program.terms, language="en", at=LONG_AGO)
    erase(program=world.program, reference="ann", at=NOW)
    assert not AcceptedTerms.objects.exists()


def test_in_a_program_of_merchants_businesses_join(client: Client) -> None:
    make(joining={"as": "merchant", "categories": CATEGORIES})
    page = client.get("/p/demo/join/", headers={"Accept-Language": "vi"}).content.decode()
    assert '<option value="food">Ăn uống</option>' in page
    assert '<option value="fashion">Fashion</option>' in page
    assert 'name="birth_date"' not in page
    assert send(client, SHOP) == 302
    member = Member.objects.get()
    assert (member.kind, member.identity.name) == ("merchant", "Ann Tan")
    shop = member.merchant
    assert (shop.legal_name, shop.trading_name, shop.category) == ("Bina Food Sdn Bhd", "Bina", "food")
    assert "Line of business Food" in visit(World(member.program), member).text("profile/")


@pytest.mark.parametrize("missing", ["legal_name", "category"])
def test_a_business_says_its_name_and_what_it_does(client: Client, missing: str) -> None:
    make(joining={"as": "merchant", "categories": CATEGORIES})
    assert send(client, {**SHOP, missing: ""}) == 400


def test_a_line_of_business_is_one_of_those_that_the_program_names(client: Client) -> None:
    make(joining={"as": "merchant", "categories": CATEGORIES})
    assert send(client, SHOP, category="banking") == 400


def test_where_no_lines_of_business_are_named_any_is_taken(client: Client) -> None:
    make(joining={"as": "merchant"})
    assert send(client, SHOP, category="Shoe repair", trading_name="") == 302
    assert Member.objects.get().merchant.category == "Shoe repair"


def test_where_both_may_join_one_chooses_and_people_come_first(client: Client) -> None:
    make(joining={"as": "both"})
    page = client.get("/p/demo/join/").content.decode()
    assert 'href="?as=merchant"' in page
    assert 'name="legal_name"' not in page
    assert 'name="legal_name"' in client.get("/p/demo/join/?as=merchant").content.decode()
    assert send(client, SHOP, **{"as": "merchant"}) == 302
    assert Member.objects.get().kind == "merchant"


def test_nobody_joins_as_what_the_program_does_not_offer(client: Client) -> None:
    make()
    assert send(client, SHOP, **{"as": "merchant"}) == 302
    assert Member.objects.get().kind == "customer"


def test_whoever_filled_in_a_field_wrongly_goes_on_there(client: Client) -> None:
    make()
    focused = r'<input id="id_(\w+)"[^>]*\sautofocus'
    assert re.findall(focused, client.get("/p/demo/join/").content.decode()) == ["name"]
    refused = client.post("/p/demo/join/", {**PERSON, "address": "nowhere"}).content.decode()
    assert re.findall(focused, refused) == ["address"]
