"""What the calendar does: once for each state of a lot, whoever runs it, late, twice or half-way."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from ledger.models import Journal
from ledger.rules.chart import owned_code
from ledger.selectors.due import plan
from ledger.selectors.proofs import prove
from ledger.services.accounts import AccountSpec, open_accounts
from ledger.services.expiry import expire, expire_wallets
from ledger.services.maturing import mature
from ledger.services.posting import Movement
from ledger.services.settling import settle
from ledger.services.sweeping import sweep
from ledger.services.takebacks import TakeBack, TakenBack, take_back
from ledger.services.wallets import Refund, Spend, refund, spend
from tests.ledger.conftest import NOON, House, build_house

MAY, JULY, AUGUST = date(2026, 5, 31), date(2026, 7, 31), date(2026, 8, 31)


def pend(house: House, amount: int, available_on: date, expires_on: date | None = None) -> int:
    move = Movement(house.ids["budget"], house.ids[f"pending:{house.ann}"], amount, expires_on, available_on)
    return house.transfer_of(house.move("award", move))


def indebted(house: House, points: int) -> None:
    """Leave `ann` with nothing but a debt."""
    award = house.award(house.ann, points)
    spend(book=house.book, spends=[Spend(house.ann, points, house.ids["redeemed"], house.key(), NOON)], at=NOON)
    take_back(book=house.book, takebacks=[TakeBack(award, points, house.key(), NOON)], policy="debt", at=NOON)


@pytest.mark.parametrize(("zone", "last_good_moment"), [
    ("UTC", datetime(2026, 7, 31, 23, 59, 59, tzinfo=UTC)),
    ("Asia/Singapore", datetime(2026, 7, 31, 15, 59, 59, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 8, 1, 3, 59, 59, tzinfo=UTC)),
])  # fmt: skip
def test_points_are_good_until_the_end_of_their_last_local_day(db: None, zone: str, last_good_moment: datetime) -> None:
    house = build_house(zone)
    house.award(house.ann, 10, JULY)
    assert expire(book=house.book, owners=[house.ann], at=last_good_moment) == (0, 0, 0)
    assert expire(book=house.book, owners=[house.ann], at=last_good_moment + timedelta(seconds=1)) == (1, 10, 1)


def test_maturing_carries_expiry_and_funder(house: House) -> None:
    other = open_accounts(book=house.book, specs=[AccountSpec("budget:other", "budget")])["budget:other"]
    house.move("fund", Movement(house.ids["budget"], other, 100))
    pend(house, 10, NOON.date(), AUGUST)
    house.move("award", Movement(other, house.ids[f"pending:{house.ann}"], 20, JULY, NOON.date()))
    assert mature(book=house.book, owners=[house.ann], at=NOON) == (1, 30, 2)
    lots = house.book.accounts.get(code=f"member:{house.ann}").held.order_by("expires_on")
    assert list(lots.values_list("expires_on", "funder_id", "remaining", "available_on")) == [
        (JULY, other, 20, None),
        (AUGUST, house.ids["budget"], 10, None),
    ]


def test_a_lot_that_fills_again_settles_again(house: House) -> None:
    for _ in range(2):
        house.award(house.ann, 10, MAY)
        pend(house, 5, NOON.date(), AUGUST)
        assert settle(book=house.book, owners=[house.ann], at=NOON) == (1, 15, 2)
        assert settle(book=house.book, owners=[house.ann], at=NOON) == (0, 0, 0)
    assert (house.lots(house.ann), house.balance("breakage")) == ([(AUGUST, 10)], 20)


def test_points_that_came_back_to_a_lapsed_lot_expire_again(house: House) -> None:
    house.award(house.ann, 10, NOON.date())
    posting = spend(book=house.book, spends=[Spend(house.ann, 10, house.ids["redeemed"], "s", NOON)], at=NOON)[0]
    tomorrow = NOON + timedelta(days=1)
    for number in range(2):
        refund(book=house.book, refunds=[Refund(house.transfer_of(posting), 5, f"r{number}", tomorrow)])
        assert expire(book=house.book, owners=[house.ann], at=tomorrow) == (1, 5, 1)


def test_debt_is_never_repaid_with_lapsed_points(house: House) -> None:
    indebted(house, 30)
    house.award(house.ann, 20, MAY, at=NOON - timedelta(days=60))
    pend(house, 25, NOON.date(), AUGUST)
    assert mature(book=house.book, owners=[house.ann], at=NOON) == (1, 25, 1)
    assert (house.lots(house.ann), house.balance(f"debt:{house.ann}")) == ([(MAY, 20)], -5)
    assert expire(book=house.book, owners=[house.ann], at=NOON) == (1, 20, 1)


def test_settling_both_at_once_repays_with_good_points_and_expires_the_lapsed_ones(house: House) -> None:
    indebted(house, 30)
    house.award(house.ann, 20, MAY, at=NOON - timedelta(days=60))
    pend(house, 45, NOON.date(), AUGUST)
    settle(book=house.book, owners=[house.ann], at=NOON)
    assert (house.lots(house.ann), house.balance(f"debt:{house.ann}")) == ([(AUGUST, 15)], 0)
    assert house.balance("breakage") == 20


def test_the_database_refuses_to_spend_lapsed_points(house: House) -> None:
    house.award(house.ann, 20, MAY)
    with pytest.raises(DatabaseError, match="lots hold 0 of the 5"), transaction.atomic():
        house.move("spend", Movement(house.wallet(house.ann), house.ids["redeemed"], 5))


def test_a_member_with_pending_points_alone_can_mature_spend_and_owe(house: House) -> None:
    bob = build_house().ann
    house.ids |= open_accounts(book=house.book, specs=[AccountSpec(owned_code("pending", bob), "pending", owner=bob)])
    house.ann = bob
    award = pend(house, 25, NOON.date())
    assert mature(book=house.book, owners=[bob], at=NOON) == (1, 25, 1)
    posting = spend(book=house.book, spends=[Spend(bob, 25, house.ids["redeemed"], "s", NOON)], at=NOON)[0]
    assert posting.status == "posted"
    takebacks = [TakeBack(award, 25, "t", NOON)]
    assert take_back(book=house.book, takebacks=takebacks, policy="debt", at=NOON) == [TakenBack("posted", debt=25)]


def test_who_never_had_points_cannot_spend(house: House) -> None:
    stranger = build_house().ann
    one = Spend(stranger, 5, house.ids["redeemed"], "s", NOON)
    assert spend(book=house.book, spends=[one], at=NOON)[0].status == "refused"


def test_a_book_is_swept_member_by_member_under_their_locks(house: House) -> None:
    owners = sorted([house.ann, house.member(), house.member()], key=str)
    for owner in owners:
        house.award(owner, 10, MAY)
    locked: list[object] = []
    assert plan(book=house.book, on=NOON.date(), lapsed=True) == (3, 30, 3)
    assert sweep(book=house.book, at=NOON, lapsed=True, lock_owners=locked.extend, chunk=2) == (3, 30, 3)
    assert sorted(map(str, locked)) == [str(owner) for owner in owners]
    assert plan(book=house.book, on=NOON.date(), lapsed=True) == (0, 0, 0)


def test_a_sweep_stopped_half_way_goes_on_where_it_was(house: House) -> None:
    for _ in range(3):
        house.award(house.member(), 10, MAY)
    calls: list[object] = []

    def stop_at_second(owners: object) -> None:
        calls.append(owners)
        if len(calls) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        sweep(book=house.book, at=NOON, lapsed=True, lock_owners=stop_at_second, chunk=1)
    assert house.balance("breakage") == 10
    assert sweep(book=house.book, at=NOON, lapsed=True, lock_owners=calls.append, chunk=1) == (2, 20, 2)
    assert prove(program=house.book.program).ok


def test_inactive_wallets_lose_everything_whatever_its_date(house: House) -> None:
    bob = house.member()
    house.award(house.ann, 10, AUGUST)
    house.award(house.ann, 20)
    house.award(bob, 30)
    assert expire_wallets(book=house.book, wallets=[house.wallet(house.ann)], at=NOON) == (1, 30, 2)
    assert (house.lots(house.ann), house.lots(bob)) == ([], [(None, 30)])


def test_a_gift_carries_expiry_and_funder_of_each_lot(house: House) -> None:
    bob = house.member()
    house.award(house.ann, 10, JULY)
    house.award(house.ann, 10, AUGUST)
    funder = house.ids["budget"]
    gifts = [Movement(house.wallet(house.ann), house.wallet(bob), 10, day, funder=funder) for day in (AUGUST, JULY)]
    house.move("transfer", gifts[0])
    assert (house.lots(house.ann), house.lots(bob)) == ([(JULY, 10)], [(AUGUST, 10)])
    house.move("transfer", gifts[1])
    assert house.lots(bob) == [(JULY, 10), (AUGUST, 10)]


@pytest.mark.parametrize("members", [1, 3])
def test_queries_do_not_grow_with_members(
    house: House, members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owners = [house.member() for _ in range(members)]
    for owner in owners:
        house.award(owner, 10, MAY)
    with django_assert_num_queries(2):
        settle(book=house.book, owners=owners, at=NOON)
    assert Journal.objects.filter(kind="expire").count() == members
