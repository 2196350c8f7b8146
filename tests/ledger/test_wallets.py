"""Reading wallets: what is available, pending, owed and expiring; now and at past moments."""

import time
from datetime import date, datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from ledger.models import Journal
from ledger.rules.balances import Balance
from ledger.selectors.accounts import member_accounts
from ledger.selectors.entries import follow_journal, member_entries
from ledger.selectors.wallets import points_kept, wallets, wallets_effective, wallets_recorded
from ledger.services.expiry import expire
from ledger.services.maturing import mature
from ledger.services.posting import Movement
from ledger.services.takebacks import TakeBack, take_back
from ledger.services.wallets import Refund, Spend, award_movements, refund, spend
from tests.ledger.conftest import NOON, House, build_house

MAY, JULY, AUGUST = date(2026, 5, 31), date(2026, 7, 31), date(2026, 8, 31)


def read(house: House, days: int = 0) -> Balance:
    at = NOON + timedelta(days=days)
    return wallets(books=[house.book], owners=[house.ann], at=at)[house.book.pk, house.ann]


def pend(house: House, amount: int, available_on: date, expires_on: date | None = None, at: datetime = NOON) -> int:
    accounts = member_accounts(books=[house.book], owners=[house.ann])[house.book.pk, house.ann]
    moves = award_movements(
        src=house.ids["budget"],
        accounts=accounts,
        amount=amount,
        owed=0,
        available_on=available_on,
        expires_on=expires_on,
    )
    return house.transfer_of(house.move("award", *moves, at=at))


def test_a_member_without_points_has_zeros(house: House) -> None:
    assert read(house) == Balance()


def test_lapsed_points_are_not_available_and_due_ones_are(house: House) -> None:
    house.award(house.ann, 10, MAY)
    house.award(house.ann, 20, JULY)
    pend(house, 5, NOON.date(), AUGUST)
    pend(house, 7, date(2026, 6, 16), AUGUST)
    assert read(house) == Balance(25, 7, 0, ((JULY, 20), (AUGUST, 5)), ((date(2026, 6, 16), 7),))


def test_due_points_show_as_they_will_be_once_they_repaid_debt(house: House) -> None:
    award = house.award(house.ann, 10)
    spend(book=house.book, spends=[Spend(house.ann, 10, house.ids["redeemed"], "s", NOON)], at=NOON)
    take_back(book=house.book, takebacks=[TakeBack(award, 10, "t", NOON)], policy="debt", at=NOON)
    pend(house, 15, date(2026, 6, 20), AUGUST)
    assert read(house) == Balance(0, 15, 10, (), ((date(2026, 6, 20), 15),))
    seen = read(house, days=5)
    mature(book=house.book, owners=[house.ann], at=NOON + timedelta(days=5))
    assert seen == read(house, days=5) == Balance(5, 0, 0, ((AUGUST, 5),), ())


def story(house: House) -> None:
    """Everything that can happen to points."""
    first = house.award(house.ann, 100, JULY)
    house.award(house.ann, 50, MAY, at=NOON - timedelta(days=30))
    pend(house, 30, NOON.date(), AUGUST)
    posting = spend(book=house.book, spends=[Spend(house.ann, 120, house.ids["redeemed"], "s", NOON)], at=NOON)[0]
    spent = house.transfer_of(posting)
    refund(book=house.book, refunds=[Refund(spent, 30, "r", NOON, good_until=AUGUST)])
    take_back(book=house.book, takebacks=[TakeBack(first, 100, "t", NOON)], policy="debt", at=NOON)
    house.award(house.ann, 0 + 5, AUGUST)
    mature(book=house.book, owners=[house.ann], at=NOON)
    expire(book=house.book, owners=[house.ann], at=NOON)


def test_entries_add_up_to_available_and_pending_and_balances_run(house: House) -> None:
    story(house)
    page, position = member_entries(books=[house.book], owner=house.ann, limit=50)
    balance = read(house)
    assert position is None
    assert sum(entry.amount for entry in page) == balance.available + balance.pending == page[0].balance
    running = [sum(entry.amount for entry in page[place:]) for place in range(len(page))]
    assert [entry.balance for entry in page] == running
    kinds = [entry.kind for entry in reversed(page)]
    assert kinds == ["award", "award", "award", "mature", "expire", "spend", "refund", "reverse", "award"]


def test_an_award_that_repays_debt_shows_as_two_entries(house: House) -> None:
    award = house.award(house.ann, 30)
    spend(book=house.book, spends=[Spend(house.ann, 30, house.ids["redeemed"], "s", NOON)], at=NOON)
    take_back(book=house.book, takebacks=[TakeBack(award, 30, "t", NOON)], policy="debt", at=NOON)
    accounts = member_accounts(books=[house.book], owners=[house.ann])[house.book.pk, house.ann]
    house.move("award", *award_movements(src=house.ids["budget"], accounts=accounts, amount=50, owed=accounts.owed))
    page, _ = member_entries(books=[house.book], owner=house.ann, limit=2)
    assert [(entry.kind, entry.amount, entry.balance) for entry in page] == [("repay", -30, 20), ("award", 50, 50)]


def test_pages_continue_where_the_last_one_ended_even_if_points_arrive(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    story(house)
    whole, _ = member_entries(books=[house.book], owner=house.ann, limit=50)
    pages, position = member_entries(books=[house.book], owner=house.ann, limit=2)
    house.award(house.ann, 3)
    while position:
        with django_assert_num_queries(1):
            page, position = member_entries(books=[house.book], owner=house.ann, limit=2, after=position)
        pages += page
    assert pages == whole


def test_wallets_of_past_moments_read_as_they_did_then(house: House) -> None:
    seen = []
    for amount, day in [(10, date(2098, 1, 31)), (20, date(2099, 1, 31)), (30, None)]:
        house.award(house.ann, amount, day)
        seen.append((Journal.objects.latest("recorded_at").recorded_at, read(house)))
    story(house)
    for moment, balance in seen:
        then = wallets_recorded(books=[house.book], owners=[house.ann], at=moment)
        assert then[house.book.pk, house.ann].available == balance.available
    latest = Journal.objects.latest("recorded_at").recorded_at
    now = wallets(books=[house.book], owners=[house.ann], at=latest)
    assert wallets_recorded(books=[house.book], owners=[house.ann], at=latest) == now


def test_effective_wallets_follow_when_it_happened_not_when_it_was_recorded(house: House) -> None:
    house.award(house.ann, 10, AUGUST)
    house.award(house.ann, 20, AUGUST, at=NOON - timedelta(days=10))
    before = wallets_effective(books=[house.book], owners=[house.ann], at=NOON - timedelta(days=9))
    assert before[house.book.pk, house.ann].available == 20
    now = wallets_effective(books=[house.book], owners=[house.ann], at=NOON)
    assert now[house.book.pk, house.ann] == read(house)


def test_points_kept_since_a_moment_were_there_by_then_and_have_been_ever_since(house: House) -> None:
    def ago(days: int) -> datetime:
        return NOON - timedelta(days=days)

    house.award(house.ann, 50, MAY, at=ago(30))  # lapses
    house.award(house.ann, 100, AUGUST, at=ago(10))
    pend(house, 5, ago(6).date(), AUGUST, at=ago(9))
    spend(book=house.book, spends=[Spend(house.ann, 40, house.ids["redeemed"], "s", ago(2))], at=NOON)
    house.award(house.ann, 30, JULY, at=ago(1))
    house.award(house.ann, 7, AUGUST, at=ago(8))
    kept = {
        days: points_kept(book=house.book, owners=[house.ann], since=ago(days), at=NOON)[house.ann]
        for days in (20, 10, 7, 5, 1, 0)
    }
    assert kept == {20: 0, 10: 67, 7: 67, 5: 72, 1: 102, 0: read(house).available}
    nobody = house.member()
    assert points_kept(book=house.book, owners=[nobody], since=NOON, at=NOON) == {nobody: 0}


@pytest.mark.parametrize("members", [1, 3])
def test_wallets_of_many_members_take_one_query(
    house: House, members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owners = [house.member() for _ in range(members)]
    for owner in owners:
        house.award(owner, 10)
    with django_assert_num_queries(1):
        balances = wallets(books=[house.book], owners=owners, at=NOON)
    assert {balance.available for balance in balances.values()} == {10}


@pytest.mark.timeout(1800)  # it waits for transactions of other databases to end
@pytest.mark.django_db(transaction=True)
def test_the_journal_is_followed_by_transaction_and_id() -> None:

    house = build_house()
    house.move("award", Movement(house.ids["budget"], house.wallet(house.ann), 5), key="new")
    position, keys = (0, 0), []
    while "new" not in keys:  # other databases' transactions hold the horizon back
        for journal in follow_journal(after=position, limit=1):
            position = (journal.xid, journal.id)
            keys.append(journal.key)
        time.sleep(0.01)
    assert keys == ["start", "new"]
