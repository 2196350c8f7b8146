"""Statements that are planned once a connection, and rounds that end with the commit."""

import time
from collections.abc import Callable

import psycopg
import pytest
from django.db import IntegrityError, NotSupportedError, connection, transaction

from core.services import prepared
from core.services.prepared import FRESH, PLANNED
from core.services.rounds import ending, together

pytestmark = pytest.mark.django_db(transaction=True)
MINE = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%prepared here%%'"


def scalar(sql: str, cursor: Callable[[], object] = connection.cursor) -> object:
    with cursor() as asked:  # type: ignore[attr-defined]
        asked.execute(sql)
        return asked.fetchone()[0]


def test_a_statement_is_planned_once_and_takes_any_parameter() -> None:
    for number in (1, 70_000, 5_000_000_000):
        with prepared.cursor() as cursor:
            cursor.execute("SELECT %s::bigint + 1 /* prepared here */", [number])
            assert cursor.fetchone() == (number + 1,)
    assert scalar(MINE) <= 3  # type: ignore[operator]  # once a size of integer


def test_statements_of_plain_cursors_are_neither_prepared_nor_kept() -> None:
    for _ in range(10):
        scalar("SELECT 'secret', 1 /* prepared here */")
        scalar("SELECT 1", prepared.cursor)
    assert scalar(MINE) == 0
    assert connection.connection.prepare_threshold is None


def test_plans_are_made_anew_after_a_while() -> None:
    scalar("SELECT 1", prepared.cursor)
    before = getattr(connection.connection, PLANNED)
    scalar("SELECT 1", prepared.cursor)
    assert getattr(connection.connection, PLANNED) == before
    setattr(connection.connection, PLANNED, time.monotonic() - FRESH)
    scalar("SELECT 1", prepared.cursor)
    assert getattr(connection.connection, PLANNED) > before


def test_a_connection_that_was_cut_costs_the_next_request_nothing() -> None:
    scalar("SELECT 1", prepared.cursor)
    gone = connection.connection.info.backend_pid
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [gone])
        while other.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [gone]).fetchone() != (0,):
            time.sleep(0.01)
    connection.close_if_unusable_or_obsolete()  # as before each request
    assert scalar("SELECT 1", prepared.cursor) == 1
    assert connection.connection.info.backend_pid != gone


@pytest.fixture
def numbers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE numbers (one int PRIMARY KEY, text varchar(10) DEFAULT 'x')")


@pytest.mark.usefixtures("numbers")
def test_a_table_that_changed_costs_one_statement_and_no_second() -> None:
    asked = "SELECT text FROM numbers"
    with prepared.cursor() as cursor:
        cursor.execute(asked)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE numbers ALTER text TYPE varchar(20)")
    with pytest.raises(NotSupportedError), prepared.cursor() as cursor:
        cursor.execute(asked)
    assert connection.connection.closed  # it would say so again, at each request
    connection.close_if_unusable_or_obsolete()
    assert scalar("SELECT 1", prepared.cursor) == 1


def insert(number: int) -> None:
    with prepared.cursor() as cursor:
        cursor.execute("INSERT INTO numbers (one) VALUES (%s::int)", [number])


@pytest.mark.usefixtures("numbers")
def test_what_travels_with_the_commit_is_there_after_it() -> None:
    with ending() as last:
        last.enter_context(together())
        insert(1)
    assert not connection.in_atomic_block
    assert scalar("SELECT count(*) FROM numbers") == 1


@pytest.mark.usefixtures("numbers")
def test_inside_another_transaction_nothing_is_committed() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with ending() as last:
            last.enter_context(together())
            insert(1)
        raise ZeroDivisionError
    assert scalar("SELECT count(*) FROM numbers") == 0


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("inside", [False, True])
def test_a_failure_of_the_last_round_undoes_all_and_the_connection_goes_on(inside: bool) -> None:
    def fail() -> None:
        with pytest.raises(IntegrityError), ending() as last:
            insert(1)
            last.enter_context(together())
            insert(2)
            insert(2)
            insert(3)

    if inside:
        with transaction.atomic():
            insert(9)
            fail()
            insert(10)
    else:
        fail()
    assert scalar("SELECT count(*) FROM numbers") == (2 if inside else 0)


@pytest.mark.usefixtures("numbers")
def test_a_failure_before_the_last_round_undoes_all_too() -> None:
    with pytest.raises(ZeroDivisionError), ending() as last:
        last.enter_context(together())
        insert(1)
        raise ZeroDivisionError
    assert scalar("SELECT count(*) FROM numbers") == 0
