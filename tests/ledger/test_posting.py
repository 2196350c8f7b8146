"""Posting: exactly once, never below the floor, each entry as if alone."""

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from ledger.models import Journal, Transfer
from ledger.services.posting import Entry, FloorReached, Movement, post
from tests.ledger.conftest import NOON, House


def spend_entry(house: House, amount: int, key: str) -> Entry:
    return Entry(key, "spend", NOON, [Movement(house.wallet(house.ann), house.ids["redeemed"], amount)])


def test_an_entry_posts_once_and_its_replay_changes_nothing(house: House) -> None:
    entry = Entry("award:1", "award", NOON, [Movement(house.ids["budget"], house.wallet(house.ann), 50)])
    first = post(book=house.book, entries=[entry])[0]
    again = post(book=house.book, entries=[entry])[0]
    assert (first.status, again.status, again.journal_id) == ("posted", "replayed", first.journal_id)
    assert house.balance(f"member:{house.ann}") == 50


def test_the_same_key_with_other_content_is_a_mismatch_and_changes_nothing(house: House) -> None:
    assert house.move("award", Movement(house.ids["budget"], house.wallet(house.ann), 50), key="k").status == "posted"
    assert house.move("award", Movement(house.ids["budget"], house.wallet(house.ann), 51), key="k").status == "mismatch"
    assert house.balance(f"member:{house.ann}") == 50


def test_a_key_twice_in_one_call_posts_once(house: House) -> None:
    house.award(house.ann, 100)
    entries = [spend_entry(house, 10, "a"), spend_entry(house, 10, "a"), spend_entry(house, 11, "a")]
    assert [p.status for p in post(book=house.book, entries=entries)] == ["posted", "replayed", "mismatch"]
    assert house.balance(f"member:{house.ann}") == 90


def test_a_batch_refuses_exactly_what_a_one_by_one_run_refuses(house: House) -> None:
    bob = house.member()
    house.award(house.ann, 100)
    amounts = [60, 50, 30, 20, 10, 1]
    entries = [spend_entry(house, amount, f"s{amount}") for amount in amounts]
    award = Entry("late", "award", NOON, [Movement(house.ids["budget"], house.wallet(bob), 5)])
    early = Entry("early", "spend", NOON, [Movement(house.wallet(bob), house.ids["redeemed"], 5)])
    after = Entry("after", "spend", NOON, [Movement(house.wallet(bob), house.ids["redeemed"], 5)])
    results = post(book=house.book, entries=[early, *entries[:3], award, *entries[3:], after])
    assert [p.status for p in results] == [
        "refused", "posted", "refused", "posted", "posted", "refused", "posted", "refused", "posted"
    ]  # fmt: skip
    assert (house.balance(f"member:{house.ann}"), house.balance(f"member:{bob}")) == (0, 0)
    assert Journal.objects.filter(transfers=None).count() == 0


def test_a_refused_entry_leaves_its_key_free(house: House) -> None:
    assert post(book=house.book, entries=[spend_entry(house, 10, "k")])[0] == ("k", "refused", None)
    house.award(house.ann, 10)
    assert post(book=house.book, entries=[spend_entry(house, 10, "k")])[0].status == "posted"


def test_all_or_nothing_names_the_account_that_cannot_pay(house: House) -> None:
    house.award(house.ann, 10)
    with pytest.raises(FloorReached) as refusal, transaction.atomic():
        post(book=house.book, entries=[spend_entry(house, 10, "a"), spend_entry(house, 1, "b")], all_or_nothing=True)
    assert refusal.value.account_ids == (house.wallet(house.ann),)
    assert house.balance(f"member:{house.ann}") == 10


@pytest.mark.parametrize("entries", [1, 3, 60])
def test_posting_takes_one_query_however_many_entries(
    house: House, django_assert_num_queries: DjangoAssertNumQueries, entries: int
) -> None:
    batch = [
        Entry(f"e{n}", "award", NOON, [Movement(house.ids["budget"], house.wallet(house.ann), 1)], event_id=n)
        for n in range(entries)
    ]
    with django_assert_num_queries(1):
        post(book=house.book, entries=batch)
    posted = Transfer.objects.filter(event_id__isnull=False).order_by("id")
    assert list(posted.values_list("event_id", flat=True)) == [*range(entries)]


def test_accounts_of_another_book_are_refused(house: House) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_book (program_id, code, unit, scale, timezone)
               VALUES (%s, 'x:SGD', 'SGD', 2, 'UTC') RETURNING id""",
            [house.book.program_id],
        )
        cursor.execute(
            "INSERT INTO ledger_account (book_id, code, purpose) VALUES (%s, 'mint', 'mint') RETURNING id",
            cursor.fetchone(),
        )
        (foreign,) = cursor.fetchone()
    with pytest.raises(DatabaseError, match="foreign account"), transaction.atomic():
        house.move("award", Movement(foreign, house.wallet(house.ann), 5))
    assert house.balance(f"member:{house.ann}") == 0


def test_every_movement_keeps_the_references_of_its_entry(house: House) -> None:
    payer, wallet = house.ids["budget"], house.wallet(house.ann)
    kept = [(1, 10, "base", 100), (None, None, None, None), (2, 20, "other's", 200), (3, 30, "base", None)]
    entries = [
        Entry(f"r{n}", "award", NOON, [Movement(payer, wallet, 1), Movement(payer, wallet, 2)], *references)
        for n, references in enumerate(kept)
    ]
    post(book=house.book, entries=entries)
    rows = Transfer.objects.filter(journal__key__startswith="r").order_by("pk")
    fields = ("member_id", "campaign_version_id", "rule", "event_id")
    assert list(rows.values_list("amount", *fields)) == [(n, *one) for one in kept for n in (1, 2)]


def test_references_follow_their_entries_when_a_batch_is_halved(house: House) -> None:
    house.award(house.ann, 10)
    rules = [(20, "a"), (4, "b"), (20, None), (5, "c"), (20, "d")]
    entries = [
        Entry(f"h{n}", "spend", NOON, [Movement(house.wallet(house.ann), house.ids["redeemed"], amount)], rule=rule)
        for n, (amount, rule) in enumerate(rules)
    ]
    assert [p.status for p in post(book=house.book, entries=entries)] == [
        "refused", "posted", "refused", "posted", "refused"
    ]  # fmt: skip
    rows = Transfer.objects.filter(journal__kind="spend").order_by("pk")
    assert list(rows.values_list("amount", "rule")) == [(4, "b"), (5, "c")]
