"""The database itself refuses what the application must not do."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from ledger.models import Account, Journal
from ledger.services.accounts import set_floor
from ledger.services.posting import Movement
from tests.ledger.conftest import NOON, House, build_house


@contextmanager
def as_owner() -> Iterator[None]:
    """Become the role that owns the tables."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE loyalty_app")


def refused(statement: str, *parameters: object, because: str = "permission denied|must be owner") -> None:
    """Run a statement that the database must refuse."""
    with pytest.raises(DatabaseError, match=because), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))  # type: ignore[arg-type]


TABLES = ["ledger_book", "ledger_account", "ledger_journal", "ledger_transfer", "ledger_lot", "ledger_lotuse"]
HISTORY = ["ledger_journal", "ledger_transfer", "ledger_lotuse", "ledger_bookhalt"]


@pytest.mark.parametrize("table", [*TABLES, "ledger_bookhalt"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE",
                                       "ALTER TABLE {} DISABLE TRIGGER ALL", "DROP TABLE {} CASCADE"])  # fmt: skip
def test_the_application_neither_changes_nor_deletes_what_is_written(house: House, table: str, statement: str) -> None:
    refused(statement.format(table).replace("ledger_lotuse SET id = id", "ledger_lotuse SET amount = 1"))


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_even_the_owner_cannot_rewrite_history(house: House, table: str, statement: str) -> None:
    column = "amount" if table == "ledger_lotuse" else "id"
    with as_owner():
        refused(statement.format(table, column, column), because="append-only")


def test_balances_and_lots_move_by_transfers_alone_even_for_the_owner(house: House) -> None:
    house.award(house.ann, 5)
    with as_owner():
        refused("UPDATE ledger_account SET balance = balance + 1", because="append-only")
        refused("UPDATE ledger_lot SET remaining = remaining - 1", because="append-only")
        refused("DELETE FROM ledger_account", because="append-only")


@pytest.mark.parametrize("column", ["recorded_at", "xid", "id"])
def test_a_journal_cannot_be_forged(house: House, column: str) -> None:
    refused(
        f"""INSERT INTO ledger_journal (book_id, key, fingerprint, kind, occurred_at, effective_on, {column})
            SELECT book_id, 'forged', fingerprint, kind, occurred_at, effective_on, {column} FROM ledger_journal"""
    )


def test_a_journal_with_a_wrong_accounting_day_moves_nothing(house: House) -> None:
    forged = """
        WITH j AS (INSERT INTO ledger_journal (book_id, key, fingerprint, kind, occurred_at, effective_on)
                   SELECT book_id, 'forged', fingerprint, 'award', occurred_at, effective_on - 1 FROM ledger_journal
                   RETURNING id)
        INSERT INTO ledger_transfer (journal_id, src_id, dst_id, amount, funder_id) SELECT id, %s, %s, 1, %s FROM j"""
    refused(forged, house.ids["mint"], house.ids["budget"], house.ids["mint"], because="sealed journal")


@pytest.mark.django_db(transaction=True)
def test_a_journal_is_sealed_when_its_transaction_ends() -> None:
    house = build_house()
    journal = Journal.objects.get(key="start")
    refused(
        "INSERT INTO ledger_transfer (journal_id, src_id, dst_id, amount, funder_id) VALUES (%s, %s, %s, 5, %s)",
        journal.pk,
        house.ids["mint"],
        house.ids["budget"],
        house.ids["mint"],
        because="sealed journal",
    )
    assert house.balance("budget") == 1_000_000


def test_an_account_opens_empty_and_lots_are_not_written_by_hand(house: House) -> None:
    refused("INSERT INTO ledger_account (book_id, code, purpose, balance) VALUES (%s, 'x', 'mint', 5)", house.book.pk)
    refused("INSERT INTO ledger_lot (account_id, funder_id, credited, remaining) VALUES (1, 1, 5, 5)")
    refused("INSERT INTO ledger_lotuse (transfer_id, lot_id, amount) VALUES (1, 1, 5)")


def test_a_closed_account_takes_part_in_nothing(house: House) -> None:
    Account.objects.filter(pk=house.ids["budget"]).update(closed=True)
    with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
        house.award(house.ann, 5)


def test_floors_of_shared_accounts_are_set_through_their_gate_and_members_floors_never(house: House) -> None:
    assert set_floor(account_id=house.ids["budget"], floor=-100)
    assert not set_floor(account_id=house.wallet(house.ann), floor=-100)
    assert house.move("award", Movement(house.ids["budget"], house.wallet(house.ann), 1_000_101)).status == "refused"
    assert house.move("award", Movement(house.ids["budget"], house.wallet(house.ann), 1_000_100)).status == "posted"


def test_a_reversal_pays_back_the_source_out_of_the_same_members_accounts(house: House) -> None:
    bob = house.member()
    award = house.award(house.ann, 50)
    house.award(bob, 50)
    elsewhere = Movement(house.wallet(house.ann), house.ids["redeemed"], 5, reverses=award)
    somebody_else = Movement(house.wallet(bob), house.ids["budget"], 5, reverses=award)
    for movement in (elsewhere, somebody_else):
        with pytest.raises(DatabaseError, match="must pay back"), transaction.atomic():
            house.move("reverse", movement)
    undone = house.transfer_of(
        house.move("reverse", Movement(house.wallet(house.ann), house.ids["budget"], 5, reverses=award))
    )
    with pytest.raises(DatabaseError, match="must pay back"), transaction.atomic():
        house.move("reverse", Movement(house.ids["budget"], house.wallet(house.ann), 5, reverses=undone))


def test_an_entry_of_a_closed_month_counts_on_the_first_open_day_and_keeps_its_time(house: House) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_book SET open_from = '2026-07-01' WHERE id = %s", [house.book.pk])
    posting = house.move("award", Movement(house.ids["budget"], house.wallet(house.ann), 5))
    journal = Journal.objects.get(key=posting.key)
    assert (str(journal.effective_on), journal.occurred_at) == ("2026-07-01", NOON)


def test_the_accounting_day_is_the_books_local_day(db: None) -> None:
    house = build_house("Asia/Singapore")
    late = NOON.replace(hour=17)
    posting = house.move("award", Movement(house.ids["budget"], house.wallet(house.ann), 5), at=late)
    assert str(Journal.objects.get(key=posting.key).effective_on) == "2026-06-16"
