"""Proofs: green after everything that can happen, red and naming the rows when somebody tampered."""

import pytest
from django.db import IntegrityError, connection, transaction

from core.models import User
from core.refusals import Invalid, NotAvailable
from ledger.models import BookHalt
from ledger.selectors.proofs import QUESTIONS, Proof, prove
from ledger.services.posting import Movement
from ledger.services.proofs import prove_or_halt, resume
from ledger.services.wallets import Spend, spend
from tests.ledger.conftest import NOON, House
from tests.ledger.test_wallets import story


def answers(house: House) -> dict[str, Proof]:
    return {proof.name: proof for proof in prove(program=house.book.program).books[0].proofs}


def tamper(statement: str, *parameters: int) -> None:
    """Change a row behind the ledger's back: as a superuser with triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, list(parameters))
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("SET ROLE loyalty_app")


def test_all_proofs_are_green_after_everything_that_can_happen(house: House) -> None:
    story(house)
    assert [(name, proof.rows, proof.sample) for name, proof in answers(house).items()] == [
        (name, 0, []) for name in QUESTIONS
    ]


TAMPERINGS = {
    "trial_balance": "UPDATE ledger_account SET balance = balance + 1 WHERE id = %s",
    "balance_is_in_minus_out": "UPDATE ledger_account SET balance = balance + 1 WHERE id = %s",
    "lots_sum_to_balance": "UPDATE ledger_lot SET credited = 2000, remaining = remaining + 1 WHERE account_id = %s",
    "lot_is_credited_minus_used": "UPDATE ledger_lot SET remaining = 0 WHERE account_id = %s AND remaining > 0",
    "credited_is_what_came": "UPDATE ledger_lot SET credited = credited + 1 WHERE account_id = %s",
    "uses_sum_to_spend": "DELETE FROM ledger_lotuse WHERE lot_id IN (SELECT id FROM ledger_lot WHERE account_id = %s)",
    "reversals_within_original": "UPDATE ledger_transfer SET amount = 999 WHERE reverses_id > 0 AND dst_id = %s",
    "transfers_in_one_book": "UPDATE ledger_transfer SET journal_id = 0 WHERE dst_id = %s",
    "no_empty_journal": "DELETE FROM ledger_transfer WHERE dst_id = %s",
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampered_row_is_found_and_named(house: House, name: str) -> None:
    story(house)
    tamper(TAMPERINGS[name], house.wallet(house.ann))
    proof = answers(house)[name]
    assert proof.rows > 0
    assert {"id"} <= set(proof.sample[0])


def test_a_red_book_refuses_spending_until_two_people_resume_it(house: House) -> None:
    house.award(house.ann, 50)
    tamper(TAMPERINGS["trial_balance"], house.ids["adjustment"])
    assert not prove_or_halt(program=house.book.program).ok
    wanted = [Spend(house.ann, 5, house.ids["redeemed"], "s", NOON)]
    with pytest.raises(NotAvailable), transaction.atomic():
        spend(book=house.book, spends=wanted, at=NOON)
    house.award(house.ann, 1)
    tamper("UPDATE ledger_account SET balance = 0 WHERE id = %s", house.ids["adjustment"])
    first, second = (User.objects.create_user(name) for name in ("first", "second"))
    with pytest.raises(Invalid):
        resume(book=house.book, because="counted by hand", by=first, approved_by=first)
    with pytest.raises(Invalid):
        resume(book=house.book, because=" ", by=first, approved_by=second)
    resume(book=house.book, because="counted by hand", by=first, approved_by=second)
    assert spend(book=house.book, spends=wanted, at=NOON)[0].status == "posted"
    assert list(BookHalt.objects.order_by("pk").values_list("halted", "because", "by_user_id")) == [
        (True, "trial_balance, balance_is_in_minus_out", None),
        (False, "counted by hand", first.pk),
    ]


def test_the_database_itself_wants_two_people(house: House) -> None:
    refused = pytest.raises(IntegrityError, match="resuming_takes_two_people")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_resume(%s, 'because', 1, 1)", [house.book.pk])


def test_refunds_of_a_halted_book_go_on(house: House) -> None:
    house.award(house.ann, 50)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_halt(%s, 'drill')", [house.book.pk])
    posting = house.move("transfer", Movement(house.wallet(house.ann), house.ids["redeemed"], 5))
    assert posting.status == "posted"
