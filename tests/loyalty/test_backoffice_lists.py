"""Lists of the back office: paged by cursor, by an index, in a fixed number of queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Event
from ledger.models import Journal, Lot, Transfer
from loyalty.backoffice.base import Records
from members.models import Member, TierChange
from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.people import office_client

pytestmark = pytest.mark.django_db

MEMBERS = reverse("admin:members_member_changelist")
PAGE = 50


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


def test_filters_stay_while_one_pages(world: World, office: Client) -> None:
    add_members(world, 1, 120)
    Member.objects.filter(external_id__in=["m1", "m2"]).update(status="frozen")
    assert shown(office, f"{MEMBERS}?status__exact=frozen")[0] == ["m2", "m1"]
    _rows, cl = shown(office, f"{MEMBERS}?status__exact=active")
    assert shown(office, MEMBERS + cl.older)[0] == names(70, 21)


@pytest.mark.parametrize(
    "cursor", ["older=x", "older=-1", "older=99999999999999999999", "newer=%00", "older=1&newer=1"]
)
def test_a_cursor_that_is_none_is_no_error(world: World, office: Client, cursor: str) -> None:
    add_members(world, 1, 3)
    assert office.get(f"{MEMBERS}?{cursor}").status_code == 200


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
    add_members(world, 1, 20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_member")
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
    add_members(world, 1, 20_000)
    vehicle = {"vin": "VIN1", "plate": "SG 1 A"}
    world.member("ann", name="Ann Tan", phone="+6591234567", email="Ann@Example.com", vehicles=[vehicle])
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO members_memberidentity (member_id, name, name_folded, email, phone)
               SELECT id, external_id, external_id, external_id || '@x.example', '+65' || (80000000 + id)
                 FROM members_member WHERE external_id <> 'ann'"""
        )
        cursor.execute("ANALYZE members_member")
        cursor.execute("ANALYZE members_memberidentity")
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
