"""Joining: a form, a proven address, one membership; and nobody learns who is a member already."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from core.models import Market, OutboxMessage, Program, User
from members.models import Member, Notice
from members.services.memberships import link_memberships
from tests.loyalty.people import enter_code, last_code, sign_in
from tests.members.people import enrol
from tests.members.program import make_program

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Ann Tan",
    "address": "ann@example.com",
    "market": "ID",
    "language": "id",
    "birth_date": "1990-02-03",
    "profiling": "on",
}


@pytest.fixture(autouse=True)
def program(quick_passwords: None) -> Program:
    cache.clear()
    return make_program()


def send(client: Client, program: str = "demo", **changes: str) -> HttpResponse:
    form = {name: value for name, value in {**FORM, **changes}.items() if value}
    return client.post(f"/p/{program}/join/", form)  # type: ignore[return-value]


def test_a_stranger_joins_once_the_address_is_proven(client: Client, program: Program) -> None:
    assert send(client)["Location"] == "/p/demo/sign-in/code/"
    assert not Member.objects.exists()
    assert not User.objects.exists()
    assert enter_code(client, last_code())["Location"] == "/p/demo/choose/"
    member = Member.objects.get()
    assert member.external_id.startswith("P-")
    assert (member.market.code, member.language, member.consents) == ("ID", "id", ["profiling"])
    assert (member.identity.name, member.identity.email) == ("Ann Tan", "ann@example.com")
    assert str(member.identity.birth_date) == "1990-02-03"
    assert member.user == User.objects.get(email="ann@example.com")
    assert [(notice.kind, notice.key) for notice in Notice.objects.all()] == [("welcome", "welcome")]
    assert sorted(OutboxMessage.objects.values_list("topic", flat=True)) == ["member.enrolled", "notice.told"]


def test_consents_are_asked_and_never_ticked_beforehand(client: Client) -> None:
    page = client.get("/p/demo/join/").content.decode()
    assert page.count('type="checkbox"') == 2
    assert "checked" not in page


def test_the_country_is_guessed_from_the_browser(client: Client) -> None:
    page = client.get("/p/demo/join/", headers={"Accept-Language": "en-ID,en;q=0.9"}).content.decode()
    assert '<option value="ID" selected>' in page


def test_whoever_is_a_member_already_gets_no_second_membership_and_hears_it_after_the_proof(
    client: Client, program: Program
) -> None:
    enrol(program, "M-1", email="ann@example.com", name="Ann")
    stranger = Client()
    assert send(stranger, address="bob@example.com").content == send(client).content
    assert [letter.to for letter in mail.outbox] == [["bob@example.com"], ["ann@example.com"]]
    enter_code(client, last_code())
    member = Member.objects.get()
    assert (member.external_id, member.user) == ("M-1", User.objects.get())
    assert "You are a member already" in client.get("/p/demo/sign-out/").content.decode()


def test_a_join_that_was_not_proven_is_forgotten_by_whoever_signs_in(client: Client) -> None:
    send(client)
    sign_in(client, "ann@example.com")
    assert not Member.objects.exists()


def test_a_join_for_another_address_is_not_finished_by_signing_in(client: Client, program: Program) -> None:
    User.objects.create_user("bob", email="bob@example.com", password="a long sentence")
    send(client)
    client.post("/p/demo/sign-in/password/", {"address": "bob@example.com", "password": "a long sentence"})
    assert "_auth_user_id" in client.session
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("born", "told"),
    [
        ("2999-01-01", "This day is still to come."),
        ("1850-01-01", "This day is too long ago."),
        ("0001-01-01", "This day is too long ago."),
        ("soon", "This is not a date."),
    ],
)
def test_a_birth_date_that_cannot_be_is_refused_before_a_code_is_sent(client: Client, born: str, told: str) -> None:
    answer = send(client, birth_date=born)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert told in page
    assert 'value="Ann Tan"' in page
    assert f'value="{born}"' in page
    assert mail.outbox == []
    assert "joining" not in client.session


def test_what_the_program_refuses_after_the_proof_is_shown_beside_its_field_and_nothing_written_is_lost(
    client: Client, program: Program
) -> None:
    send(client)
    Market.objects.filter(code="ID").update(retired=True)
    answer = enter_code(client, last_code())
    assert not Member.objects.exists()
    assert client.get(answer["Location"])["Location"] == "/p/demo/join/"
    page = client.get("/p/demo/join/").content.decode()
    assert "Something in the form cannot be taken. Please check it." in page
    assert 'value="Ann Tan"' in page
    assert 'value="1990-02-03"' in page
    assert re.search(r'name="profiling" checked', page)
    assert not re.search(r'name="marketing" checked', page)
    assert send(client, address="", market="SG")["Location"] == "/p/demo/choose/"
    member = Member.objects.get()
    assert (member.market.code, member.consents, str(member.identity.birth_date)) == ("SG", ["profiling"], "1990-02-03")
    assert "joining" not in client.session


def test_what_was_refused_is_marked_as_often_as_the_form_is_opened_also_where_the_form_would_take_it(
    client: Client,
) -> None:
    send(client)
    indonesia = Market.objects.filter(code="ID")
    indonesia.update(retired=True)
    enter_code(client, last_code())
    indonesia.update(retired=False)
    for _again in range(2):
        page = client.get("/p/demo/join/").content.decode()
        assert re.search(r'<select id="id_market" name="market" aria-invalid="true"', page)
        assert page.count("This cannot be taken. Please check it.") == 1


def test_what_was_refused_is_forgotten_by_whoever_signs_in_anew(client: Client) -> None:
    send(client)
    Market.objects.filter(code="ID").update(retired=True)
    enter_code(client, last_code())
    client.post("/p/demo/sign-out/")
    sign_in(client, "bob@example.com")
    assert "Ann Tan" not in client.get("/p/demo/join/").content.decode()


def test_codes_by_sms_go_to_the_countries_of_the_program_only(client: Client) -> None:
    answer = send(client, address="+971501234567")
    assert answer.status_code == 400
    assert "We cannot send codes to this country" in answer.content.decode()


def test_a_form_sent_twice_makes_one_member(client: Client) -> None:
    sign_in(client, "ann@example.com")
    answers = [send(client, address="") for _ in range(2)]
    assert [answer["Location"] for answer in answers] == ["/p/demo/choose/"] * 2
    assert Member.objects.count() == 1


def test_a_member_of_one_program_is_asked_to_join_the_other(client: Client) -> None:
    make_program("other")
    send(client)
    enter_code(client, last_code())
    assert client.get("/p/other/choose/")["Location"] == "/p/other/join/"
    page = client.get("/p/other/join/").content.decode()
    assert "ann@example.com" in page
    assert 'name="address"' not in page
    send(client, "other", address="")
    assert Member.objects.filter(program__code="other").get().identity.email == "ann@example.com"


def test_several_memberships_with_one_address_are_chosen_from(client: Client, program: Program) -> None:
    for external_id in ("M-1", "M-2"):
        enrol(program, external_id, email="ann@example.com", name=external_id)
    sign_in(client, "ann@example.com")
    page = client.get("/p/demo/choose/").content.decode()
    assert "M-1" in page
    assert "M-2" in page
    second = Member.objects.get(external_id="M-2")
    assert (
        client.post("/p/demo/choose/", {"member": second.uuid, "next": "/p/demo/tier/"})["Location"] == "/p/demo/tier/"
    )
    assert client.session["chosen_members"] == {"demo": str(second.uuid)}


def test_nobody_chooses_a_membership_of_somebody_else(client: Client, program: Program) -> None:
    for external_id in ("M-1", "M-2"):
        enrol(program, external_id, email="ann@example.com")
    foreign = enrol(program, "M-3", email="bob@example.com")
    sign_in(client, "ann@example.com")
    assert client.post("/p/demo/choose/", {"member": foreign.uuid}).status_code == 404


def test_a_membership_that_has_a_user_stays_with_it(program: Program) -> None:
    first, second = User.objects.create_user("one"), User.objects.create_user("two")
    enrol(program, "M-1", email="Ann@example.com")
    assert link_memberships(user=first, emails=["ann@example.com"], phones=[]) == 1
    assert link_memberships(user=second, emails=["ann@example.com"], phones=[]) == 0
    assert Member.objects.get().user == first


def test_who_signs_in_by_another_address_of_all_their_memberships_is_the_same_person(
    client: Client, program: Program
) -> None:
    enrol(program, "M-1", email="ann@example.com", phone="+6591234567")
    by_phone = User.objects.create_user("by-phone", phone="+6591234567", phone_verified=True)
    link_memberships(user=by_phone, emails=[], phones=["+6591234567"])
    sign_in(client, "ann@example.com")
    assert client.session["_auth_user_id"] == str(by_phone.pk)
    by_phone.refresh_from_db()
    assert by_phone.email == "ann@example.com"


def test_who_shares_a_phone_does_not_get_into_the_memberships_of_the_others(client: Client, program: Program) -> None:
    enrol(program, "M-1", email="father@example.com", phone="+6591234567")
    enrol(program, "M-2", email="son@example.com", phone="+6591234567")
    father = User.objects.create_user("father", phone="+6591234567", phone_verified=True)
    link_memberships(user=father, emails=[], phones=["+6591234567"])
    sign_in(client, "son@example.com")
    assert client.session["_auth_user_id"] != str(father.pk)
    assert client.get("/p/demo/choose/")["Location"] == "/p/demo/join/"


def test_an_address_that_was_given_up_does_not_come_back(client: Client, program: Program) -> None:
    enrol(program, "M-1", email="old@example.com")
    sign_in(client, "old@example.com")
    client.post("/account/email/", {"email": "new@example.com", "action_add": ""})
    client.post("/account/confirm-email/", {"code": last_code(), "action": "verify"})
    other = Client()
    sign_in(other, "old@example.com")
    assert other.session["_auth_user_id"] != client.session["_auth_user_id"]


def test_staff_are_not_reached_by_the_address_of_a_membership(client: Client, program: Program) -> None:
    enrol(program, "M-1", email="ann@example.com", phone="+6591234567")
    staff = User.objects.create_user("staff", phone="+6591234567", phone_verified=True, is_staff=True)
    link_memberships(user=staff, emails=[], phones=["+6591234567"])
    sign_in(client, "ann@example.com")
    assert client.session["_auth_user_id"] != str(staff.pk)


def test_an_erased_membership_is_given_to_nobody(program: Program) -> None:
    member = enrol(program, "M-1", phone="+6591234567")
    Member.objects.filter(pk=member.pk).update(status=Member.Status.ERASED)
    assert link_memberships(user=User.objects.create_user("one"), emails=[], phones=["+6591234567"]) == 0


@pytest.mark.parametrize("number", [1, 3])
def test_linking_takes_as_many_queries_for_three_members_as_for_one(
    program: Program, number: int, django_assert_num_queries: object
) -> None:
    for position in range(number):
        enrol(program, f"M-{position}", email="ann@example.com")
    user = User.objects.create_user("one")
    with django_assert_num_queries(4):  # type: ignore[operator]  # with the savepoint
        assert link_memberships(user=user, emails=["ann@example.com"], phones=[]) == number
