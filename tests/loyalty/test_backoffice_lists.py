"""Lists of the back office: paged by cursor, by an index, in a fixed number of queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Event, GhostAward
from core.models import Job, OutboxMessage, User
from ledger.models import Journal, Lot, Transfer
from loyalty.backoffice.base import Records
from members.models import Adjustment, Member, TierChange
from tests.analysing import analyse
from tests.campaigns.world import NOW, World, campaign, everyday, fixed, make_world, rule
from tests.loyalty.people import office_client

pytestmark = pytest.mark.django_db

MEMBERS = reverse("admin:members_member_changelist")
PAGE = 50
MANY = 2000  # plans are made as if reading all of a table were dear: see plan_of


@pytest.fixture
def world() -> World:
    return make_world(everyday())


@pytest.fixture
def office() -> Client:
    return office_client()


def add_members(world: World, first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO members_member (program_id, uuid, external_id, kind, status, market_id, language, kyc,
                                           enrolled_at, attributes, consents, updated_at)
               SELECT %s, gen_random_uuid(), 'm' || n, 'customer', 'active', %s, 'en', 'none', now(), '{}', '{}', now()
                 FROM generate_series(%s, %s) n""",
            [world.program.pk, world.program.markets.get(code="SG").pk, first, last],
        )


def shown(office: Client, address: str) -> tuple[list[str], Any]:
    cl = office.get(address).context["cl"]
    return [row.external_id for row in cl.result_list], cl


def names(first: int, last: int) -> list[str]:
    """m9, m8, …: newest first."""
    return [f"m{n}" for n in range(first, last - 1, -1)]


def test_pages_follow_each_other_without_loss_or_repeat_while_rows_come_in(world: World, office: Client) -> None:
    add_members(world, 1, 120)
    first, cl = shown(office, MEMBERS)
    assert (first, cl.newer) == (names(120, 71), "")
    add_members(world, 121, 130)
    second, cl = shown(office, MEMBERS + cl.older)
    assert second == names(70, 21)
    third, last = shown(office, MEMBERS + cl.older)
    assert (third, last.older) == (names(20, 1), "")
    assert shown(office, MEMBERS + last.newer)[0] == second
    back, cl = shown(office, MEMBERS + cl.newer)
    assert back == names(120, 71)
    newest, cl = shown(office, MEMBERS + cl.newer)
    assert (newest, cl.newer) == (names(130, 121), "")


def test_the_bar_below_a_list_is_there_where_it_leads_somewhere(world: World, office: Client) -> None:
    bar = "lg:sticky relative z-40"
    world.member("m1")
    assert bar not in office.get(MEMBERS).content.decode()
    add_members(world, 2, 120)
    assert bar in office.get(MEMBERS).content.decode()
    assert bar in office.get(reverse("admin:members_tier_changelist")).content.decode()


def test_filters_stay_while_one_pages(world: World, office: Client) -> None:
    add_members(world, 1, 120)
    Member.objects.filter(external_id__in=["m1", "m2"]).update(status="frozen")
    assert shown(office, f"{MEMBERS}?status__exact=frozen")[0] == ["m2", "m1"]
    _rows, cl = shown(office, f"{MEMBERS}?status__exact=active")
    assert shown(office, MEMBERS + cl.older)[0] == names(70, 21)


@pytest.mark.parametrize("cursor", ["older=x", "older=-1", "older=99999999999999999999", "older=1&newer=1"])
def test_a_cursor_that_is_none_is_no_error(world: World, office: Client, cursor: str) -> None:
    add_members(world, 1, 3)
    assert office.get(f"{MEMBERS}?{cursor}").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        f"{MEMBERS}?newer=%00", f"{MEMBERS}?status__exact=%00", f"{MEMBERS}?q=a%00", "/office/stock/?after=%00",
        "/office/statements/?%00=x",
    ],
)  # fmt: skip
def test_an_address_that_nothing_can_be_looked_for_by_is_not_understood(
    world: World, office: Client, address: str
) -> None:
    assert office.get(address).status_code == 400
    assert Client().get(address).status_code == 302


# -- speed ----------------------------------------------------------------------------------------


def queries(ask: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        ask()
    return [query["sql"] for query in caught.captured_queries]


def plan_of(sql: str) -> str:
    """How the database reads it where it takes an index if there is one, however few rows it believes in."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = on")
    return plan


def test_a_list_of_many_rows_is_read_along_an_index_and_never_counted(world: World, office: Client) -> None:
    add_members(world, 1, MANY)
    analyse("members_member", "members_memberidentity", "members_tier", "core_program", "core_market")
    asked = queries(lambda: office.get(f"{MEMBERS}?older=10000000"))
    listed = [sql for sql in asked if 'ORDER BY "members_member"."id" DESC' in sql]
    assert len(listed) == 1
    assert [sql for sql in asked if "COUNT(" in sql and "members_member" in sql] == []
    plan = plan_of(listed[0])
    assert "Index Scan Backward using members_member_pkey" in plan
    assert "Seq Scan on members_member " not in plan
    assert "Sort" not in plan


TERMS = ("m77", "+6591234567", "ann@example.com", "SG 1 A", "ann tan")


@pytest.mark.parametrize("term", TERMS)
def test_members_are_found_by_indexes(world: World, office: Client, term: str) -> None:
    add_members(world, 1, MANY)
    vehicle = {"vin": "VIN1", "plate": "SG 1 A"}
    world.member("ann", name="Ann Tan", phone="+6591234567", email="Ann@Example.com", vehicles=[vehicle])
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO members_memberidentity (member_id, name, name_folded, email, phone)
               SELECT id, external_id, external_id, external_id || '@x.example', '+65' || (80000000 + id)
                 FROM members_member WHERE external_id <> 'ann'"""
        )
    analyse("members_member", "members_memberidentity")
    asked = queries(lambda: office.get(MEMBERS, {"q": term}))
    for sql in (sql for sql in asked if "members_memberidentity" in sql or "external_id" in sql):
        plan = plan_of(sql)
        assert "Seq Scan on members_member " not in plan, sql
        assert "Seq Scan on members_memberidentity " not in plan, sql
    wanted = ["m77"] if term == "m77" else ["ann"]
    assert shown(office, f"{MEMBERS}?q={term.replace('+', '%2B')}")[0] == wanted


def test_lists_cost_as_much_for_one_row_as_for_three(world: World, office: Client) -> None:
    registered = [(model, made) for model, made in admin.site._registry.items() if isinstance(made, Records)]
    addresses = [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m, _made in registered]
    for address in addresses:
        office.get(address)
    world.member()
    world.outcome("10.00")
    one = {address: len(queries(lambda a=address: office.get(a))) for address in addresses}  # type: ignore[misc]
    for name in ("bob", "cem"):
        world.member(name)
        world.outcome("10.00", subject=name)
    assert min(model.objects.count() for model in (Event, Journal, Transfer, Lot, Member)) == 3
    assert TierChange.objects.count() in {0, 3}
    three = {address: len(queries(lambda a=address: office.get(a))) for address in addresses}  # type: ignore[misc]
    assert three == one


def test_rows_are_found_by_the_keys_that_others_know_them_by(world: World, office: Client) -> None:
    world.member(name="Ann Tan")
    world.outcome("10.00", key="a")
    world.outcome("20.00", key="b", source="/other")
    finds = [
        (Event, "a", ["a"]),
        (Event, "/other#b", ["b"]),
        (Event, "ann tan", ["b", "a"]),
        (Event, "nothing", []),
    ]
    for model, term, wanted in finds:
        cl = office.get(reverse("admin:campaigns_event_changelist"), {"q": term}).context["cl"]
        assert [row.key for row in cl.result_list] == wanted, (model, term)
    journal = Journal.objects.order_by("pk").first()
    assert journal is not None
    for name in ("journal", "transfer"):
        cl = office.get(reverse(f"admin:ledger_{name}_changelist"), {"q": journal.key}).context["cl"]
        assert len(cl.result_list) == 1, name
    for name, found in (("lot", 1), ("account", 1)):
        cl = office.get(reverse(f"admin:ledger_{name}_changelist"), {"q": "ann"}).context["cl"]
        assert len(cl.result_list) >= found, name


# -- finding --------------------------------------------------------------------------------------

UNSEARCHED: dict[type[Model], str] = {
    Job: "found by kind and state: nobody knows a job by a word of its own",
    OutboxMessage: "found by what is still to be sent: its content is for machines",
}


def test_every_list_can_be_searched_or_else_filtered_and_says_how() -> None:
    lists = {model: made for model, made in admin.site._registry.items() if made.search_fields == ()}
    assert lists.keys() == UNSEARCHED.keys()
    for model, made in lists.items():
        assert made.list_filter, model
        assert not made.search_help_text, model


@pytest.mark.parametrize("term", ["ann", "x", "100%"])
def test_no_search_fails_on_what_people_type(world: World, office: Client, term: str) -> None:
    world.member()
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert office.get(address, {"q": term}).status_code in {200, 302}, model


def test_rows_of_members_are_found_by_whose_they_are_along_an_index(office: Client) -> None:
    held = campaign("held", rule("r", fixed(10)), holdout=50)
    world = make_world(held, program={"code": "held"})
    add_members(world, 1, MANY)
    events = [world.event("10.00", subject=f"m{number}") for number in range(1, 30)]
    world.send(*events)
    boss = User.objects.get(username="boss")
    checker = User.objects.create_user("checker", is_staff=True)
    award = GhostAward.objects.select_related("member").order_by("pk").first()
    assert award is not None
    for member in world.program.members.all()[:99]:
        by = {"by": boss, "approved_by": checker, "because": "goodwill", "at": NOW}
        Adjustment.objects.create(member=member, points=1, journal_id=1, **by)
    models: list[type[Model]] = [GhostAward, Adjustment]
    for model in models:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        asked = queries(lambda a=address: office.get(a, {"q": award.member.external_id}))  # type: ignore[misc]
        found = office.get(address, {"q": award.member.external_id}).context["cl"].result_list
        assert {row.member for row in found} == {award.member}, model
        for sql in (sql for sql in asked if f'FROM "{model._meta.db_table}"' in sql):
            assert f"Seq Scan on {model._meta.db_table} " not in plan_of(sql), sql


def test_small_lists_are_found_by_code_name_unit_or_currency(world: World, office: Client) -> None:
    finds = [("ledger_book", "points", 1), ("core_rate", "IDR", 1), ("core_rate", "SGD", 0), ("core_job", "x", 0)]
    for name, term, number in finds:
        cl = office.get(reverse(f"admin:{name}_changelist"), {"q": term}).context["cl"]
        assert len(cl.result_list) == number, (name, term)
