"""Member 360: a balance is explained in three clicks, with the figures of the API, to those who may see them."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Event
from core.models import User
from loyalty.backoffice.templatetags.office import in_words
from members.models import Member
from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.api import document, make_caller
from tests.loyalty.people import office_client, sign_in_staff
from tests.loyalty.two_programs import make_staffed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_world(everyday(), program={"points": {**POINTS, "pending_days": 0}})
    world.member(name="Ann Tan", phone="+6591234567", email="ann@example.com")
    for number in range(30):
        world.outcome(f"{100 + number}.00", key=f"e{number}", at=AT, time=AT.isoformat())
    world.send(world.reversal("e0", "40.00", time=AT.isoformat()), at=AT)
    return world


AT = datetime.now(UTC).replace(microsecond=0)
POINTS = {"name": {"en": "points"}, "expire": {"months": 12, "at": "month_end"}, "liability_value": "0.01"}


@pytest.fixture
def office() -> Client:
    return office_client()


def page(member: Member, **query: str) -> str:
    return reverse("admin:members_member_change", args=[member.pk], query=query or None)


def ann() -> Member:
    return Member.objects.get(external_id="ann")


def text(office: Client, address: str) -> str:
    content = office.get(address).content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.partition("<main")[2] or content)))


def test_events_stand_as_they_happened_whenever_they_came(world: World, office: Client) -> None:
    for days in (3, 40, 2):
        world.outcome("7.00", key=f"past{days}", at=AT, time=(AT - timedelta(days=days)).isoformat())
    for tab in ("overview", "events"):
        shown = re.findall(r"#(past\d+)", text(office, page(ann(), tab=tab)))
        assert shown == ["past2", "past3", "past40"], tab


def test_attributes_are_read_as_words(world: World, office: Client) -> None:
    Member.objects.filter(pk=ann().pk).update(attributes={"home_dealer": "AE-1"})
    assert "Home dealer AE-1" in text(office, page(ann()))


def test_the_figures_are_those_of_the_api(world: World, office: Client) -> None:
    wallet = document(make_caller(world.program).get("members/ann/wallet"))
    holdings = office.get(page(ann())).context["holdings"]
    assert holdings.points.available == wallet["points"]["available"] > 0
    assert (holdings.points.pending, holdings.points.debt) == (0, wallet["points"]["debt"])
    assert f"{holdings.worth}" == wallet["points"]["worth"]["amount"]
    assert [{"on": f"{day}", "points": points} for day, points in holdings.points.expiring] == wallet["expiring"]


def test_the_ledger_is_that_of_the_api_page_by_page(world: World, office: Client) -> None:
    entries = document(make_caller(world.program).get("members/ann/ledger?limit=100"))["items"]
    lines = []
    query = {"tab": "ledger"}
    while True:
        context = office.get(page(ann(), **query)).context
        lines += [line["entry"] for line in context["lines"]]
        if not context["older"]:
            break
        query["older"] = context["older"]
    assert [(str(e.id), e.amount, e.balance) for e in lines] == [(e["id"], e["amount"], e["balance"]) for e in entries]
    assert len(entries) == 31


def test_a_balance_is_explained_in_three_clicks(world: World, office: Client) -> None:
    found = office.get(reverse("admin:members_member_changelist"), {"q": "+65 9123 4567"})
    links = re.findall(r'href="(/office/members/member/\d+/change/[^"]*)"', found.content.decode())
    ledger = office.get(links[0].partition("?")[0], {"tab": "ledger"}).content.decode()
    link, number = re.findall(r'href="(/office/campaigns/event/(\d+)/change/)"', ledger)[-1]
    paid = Event.objects.get(pk=number).amount_minor
    assert paid is not None
    sentences = office.get(link).context["sentences"]
    assert [(sentence.tone, sentence.figure) for sentence in sentences] == [("given", f"+{paid // 100}")]


def test_a_doctored_link_to_a_ledger_shows_no_figures(world: World, office: Client) -> None:
    older = office.get(page(ann(), tab="ledger")).context["older"]
    assert office.get(page(ann(), tab="ledger", older=older)).status_code == 200
    assert office.get(page(ann(), tab="ledger", older=f"x{older}")).status_code == 404
    world.member("bob")
    assert office.get(page(Member.objects.get(external_id="bob"), tab="ledger", older=older)).status_code == 404


@pytest.mark.parametrize("tab", ["overview", "ledger", "events", "lots", "tier", "notices"])
def test_a_tab_costs_the_same_whatever_the_past(world: World, office: Client, tab: str) -> None:
    world.member("bob")
    world.outcome("10.00", subject="bob", at=AT, time=AT.isoformat())
    bob = Member.objects.get(external_id="bob")
    counts = []
    for member in (ann(), ann(), bob):
        with CaptureQueriesContext(connection) as caught:
            assert office.get(page(member, tab=tab)).status_code == 200
        counts.append(len(caught))
    assert counts[1] == counts[2] <= 30


def test_a_tab_that_does_not_exist_is_not_found(world: World, office: Client) -> None:
    assert office.get(page(ann(), tab="secrets")).status_code == 404


def test_who_may_not_see_the_ledger_sees_no_balance(world: World) -> None:
    own = make_staffed("own")
    browser = sign_in_staff(Client(), own.staff("channel_manager"))
    member = own.members["JKT"]
    answer = browser.get(page(member))
    assert (answer.status_code, answer.context["holdings"]) == (200, None)
    tabs = ["overview", "events", "offers", "redemptions", "vouchers", "tier", "referrals", "notices"]
    assert list(answer.context["tabs"]) == tabs
    assert browser.get(page(member, tab="ledger")).status_code == 404


def test_who_may_not_know_members_reads_no_name(world: World) -> None:
    own = make_staffed("own")
    browser = sign_in_staff(Client(), own.staff("marketer"))
    member = own.members["JKT"]
    assert "Person" not in browser.get(page(member)).content.decode()
    assert browser.post(reverse("admin:members_member_reveal", args=[member.pk])).status_code == 404


# -- contact data ---------------------------------------------------------------------------------


def test_contact_data_are_hinted_at_and_shown_on_demand_and_that_is_written_down(world: World, office: Client) -> None:
    member = ann()
    assert "+65 ••• 4567" in text(office, page(member))
    assert "91234567" not in office.get(page(member)).content.decode()
    answer = office.post(reverse("admin:members_member_reveal", args=[member.pk]))
    assert "+6591234567" in answer.content.decode()
    assert "ann@example.com" in answer.content.decode()
    entry = LogEntry.objects.get(object_id=str(member.pk))
    assert (entry.user, entry.change_message) == (User.objects.get(username="boss"), "Looked at the contact data")


def test_contact_data_are_shown_only_to_whoever_showed_who_they_are_just_now(world: World, office: Client) -> None:
    session = office.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    answer = office.post(reverse("admin:members_member_reveal", args=[ann().pk]))
    assert (answer.status_code, answer.headers["Location"].startswith("/account/")) == (302, True)
    assert not LogEntry.objects.exists()


def test_an_event_shows_what_took_it_back_and_what_it_takes_back(world: World, office: Client) -> None:
    original, reversal = Event.objects.get(key="e0"), Event.objects.get(event_type=None)
    first = office.get(reverse("admin:campaigns_event_change", args=[original.pk])).context
    second = office.get(reverse("admin:campaigns_event_change", args=[reversal.pk])).context
    assert first["reversals"] == [reversal]
    assert second["reverses"].original == original
    assert [move["amount"] for move in second["moves"]] == ["40"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], ""),
        (["marketing", "profiling"], "Marketing and Profiling"),
        (True, "yes"),
        (False, "no"),
        ("x", "x"),
        (3, 3),
    ],
)
def test_what_a_profile_holds_is_put_into_words(value: object, words: object) -> None:
    assert in_words(value) == words
