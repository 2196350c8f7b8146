"""Taking back awards: their own lot, then breakage, then the rest, then debt."""

from datetime import date, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from ledger.models import Account, Journal
from ledger.selectors.accounts import member_accounts
from ledger.selectors.proofs import prove
from ledger.services.expiry import expire
from ledger.services.maturing import mature
from ledger.services.posting import Entry, post
from ledger.services.takebacks import TakeBack, TakenBack, take_back
from ledger.services.wallets import Refund, Spend, award_movements, refund, spend
from tests.ledger.conftest import NOON, House

MAY, JULY, AUGUST = date(2026, 5, 31), date(2026, 7, 31), date(2026, 8, 31)


def take(house: House, transfer: int, amount: int, policy: str = "debt", key: str | None = None) -> TakenBack:
    one = TakeBack(transfer, amount, key or house.key(), NOON)
    return take_back(book=house.book, takebacks=[one], policy=policy, at=NOON)[0]


def use(house: House, amount: int) -> int:
    posting = spend(
        book=house.book, spends=[Spend(house.ann, amount, house.ids["redeemed"], house.key(), NOON)], at=NOON
    )[0]
    assert posting.status == "posted"
    return house.transfer_of(posting)


def test_an_undone_award_takes_its_own_lot_before_others_that_expire_sooner(house: House) -> None:
    house.award(house.ann, 40, JULY)
    late = house.award(house.ann, 50, AUGUST)
    assert take(house, late, 50) == TakenBack("posted", taken=50)
    assert house.lots(house.ann) == [(JULY, 40)]
    assert house.balance("budget") == 1_000_000 - 40


def test_what_was_spent_is_taken_from_other_points_and_the_rest_is_debt(house: House) -> None:
    first = house.award(house.ann, 50, JULY)
    house.award(house.ann, 20, AUGUST)
    use(house, 50)
    assert take(house, first, 50) == TakenBack("posted", taken=20, debt=30)
    assert (house.lots(house.ann), house.balance(f"debt:{house.ann}")) == ([], -30)


@pytest.mark.parametrize(("policy", "left"), [("forgive", TakenBack("posted", taken=20, forgiven=30)),
                                              ("only_pending", TakenBack("posted", forgiven=50))])  # fmt: skip
def test_other_policies_make_no_debt(house: House, policy: str, left: TakenBack) -> None:
    first = house.award(house.ann, 50, JULY)
    house.award(house.ann, 20, AUGUST)
    use(house, 50)
    assert take(house, first, 50, policy) == left
    assert house.balance(f"debt:{house.ann}") == 0


def test_points_of_the_award_that_expired_come_back_out_of_breakage(house: House) -> None:
    old = house.award(house.ann, 50, MAY, at=NOON - timedelta(days=60))
    house.award(house.ann, 70, AUGUST)
    assert take(house, old, 30) == TakenBack("posted", from_breakage=30)
    assert (house.lots(house.ann), house.balance("breakage")) == ([(AUGUST, 70)], 20)
    assert take(house, old, 20) == TakenBack("posted", from_breakage=20)
    assert house.balance("breakage") == 0


def test_a_pending_award_is_taken_from_pending_and_once_matured_from_the_wallet(house: House) -> None:
    accounts = member_accounts(books=[house.book], owners=[house.ann])[house.book.pk, house.ann]
    due = date(2026, 6, 20)
    moves = award_movements(
        src=house.ids["budget"], accounts=accounts, amount=60, owed=0, expires_on=AUGUST, available_on=due
    )
    award = house.transfer_of(house.move("award", *moves))
    assert take(house, award, 10, "only_pending") == TakenBack("posted", taken=10)
    assert house.balance(f"pending:{house.ann}") == 50
    assert mature(book=house.book, owners=[house.ann], at=NOON + timedelta(days=4)) == (0, 0, 0)
    assert mature(book=house.book, owners=[house.ann], at=NOON + timedelta(days=5)) == (1, 50, 1)
    assert house.lots(house.ann) == [(AUGUST, 50)]
    assert take(house, award, 50) == TakenBack("posted", taken=50)
    assert (house.balance(f"member:{house.ann}"), house.balance("budget")) == (0, 1_000_000)


def test_later_awards_repay_debt_and_maturing_points_do(house: House) -> None:
    spent = house.award(house.ann, 50)
    use(house, 50)
    take(house, spent, 50)
    accounts = member_accounts(books=[house.book], owners=[house.ann])[house.book.pk, house.ann]
    house.move("award", *award_movements(src=house.ids["budget"], accounts=accounts, amount=20, owed=accounts.owed))
    assert (house.balance(f"member:{house.ann}"), house.balance(f"debt:{house.ann}")) == (0, -30)
    later = award_movements(
        src=house.ids["budget"], accounts=accounts, amount=40, owed=30, available_on=NOON.date(), expires_on=AUGUST
    )
    house.move("award", *later)
    mature(book=house.book, owners=[house.ann], at=NOON)
    assert (house.lots(house.ann), house.balance(f"debt:{house.ann}")) == ([(AUGUST, 10)], 0)


def test_more_than_is_left_of_an_award_is_refused_and_changes_nothing(house: House) -> None:
    award = house.award(house.ann, 50)
    assert take(house, award, 30).status == "posted"
    assert take(house, award, 21) == TakenBack("refused")
    assert house.balance(f"member:{house.ann}") == 20


def test_a_replay_answers_as_the_first_time_and_other_content_is_a_mismatch(house: House) -> None:
    award = house.award(house.ann, 50)
    use(house, 40)
    assert take(house, award, 30, key="k") == TakenBack("posted", taken=10, debt=20)
    assert take(house, award, 30, key="k") == TakenBack("replayed", taken=10, debt=20)
    assert take(house, award, 20, key="k") == TakenBack("mismatch")
    assert house.balance(f"debt:{house.ann}") == -20


def test_nothing_found_leaves_no_empty_journal(house: House) -> None:
    award = house.award(house.ann, 50)
    use(house, 50)
    assert take(house, award, 50, "forgive") == TakenBack("posted", forgiven=50)
    assert Journal.objects.filter(transfers=None).count() == 0


def scene(house: House) -> list[int]:
    """Awards in several lots, partly spent and partly lapsed; their transfers."""
    awards = [house.award(house.ann, 30, day, at=NOON - timedelta(days=40)) for day in (MAY, JULY, AUGUST, None)]
    house.award(house.ann, 10, JULY)
    spend(book=house.book, spends=[Spend(house.ann, 45, house.ids["redeemed"], house.key(), NOON)],
          at=NOON - timedelta(days=30))  # fmt: skip
    expire(book=house.book, owners=[house.ann], at=NOON)
    return awards


def test_several_take_backs_in_one_call_do_what_they_do_one_by_one(house: House, db: None) -> None:
    bob = house.member()
    ann, house.ann = house.ann, bob
    one_by_one = [take(house, award, amount) for award in scene(house) for amount in (20, 10)]
    alone = house.lots(bob), house.balance(f"debt:{bob}")
    house.ann = ann
    together = take_back(
        book=house.book,
        takebacks=[TakeBack(award, amount, house.key(), NOON) for award in scene(house) for amount in (20, 10)],
        policy="debt",
        at=NOON,
    )
    assert together == one_by_one
    assert (house.lots(ann), house.balance(f"debt:{ann}")) == alone


@pytest.mark.parametrize("members", [1, 3])
def test_queries_do_not_grow_with_take_backs(
    house: House, members: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    awards = [house.award(house.member(), 30, MAY) for _ in range(members)]
    takebacks = [TakeBack(award, 10, house.key(), NOON) for award in awards for _ in range(2)]
    with django_assert_num_queries(10):
        answers = take_back(book=house.book, takebacks=takebacks, policy="debt", at=NOON)
    assert {answer.from_breakage for answer in answers} == {10}


def test_a_refund_gives_back_the_very_lots_and_two_at_once_do_as_one_by_one(house: House) -> None:
    house.award(house.ann, 30, JULY)
    house.award(house.ann, 30, AUGUST)
    spent = use(house, 50)
    assert house.lots(house.ann) == [(AUGUST, 10)]
    results = refund(book=house.book, refunds=[Refund(spent, 25, "r1", NOON), Refund(spent, 10, "r2", NOON)])
    assert [r.status for r in results] == ["posted", "posted"]
    assert house.lots(house.ann) == [(JULY, 15), (AUGUST, 30)]
    over = refund(book=house.book, refunds=[Refund(spent, 16, "r3", NOON), Refund(spent, 15, "r4", NOON)])
    assert [r.status for r in over] == ["refused", "posted"]
    assert house.lots(house.ann) == [(JULY, 30), (AUGUST, 30)]


def test_a_refund_comes_back_good_for_long_enough_and_later_ones_stay_right(house: House) -> None:
    house.award(house.ann, 30, date(2026, 6, 20))
    house.award(house.ann, 30, AUGUST)
    spent = use(house, 60)
    refund(book=house.book, refunds=[Refund(spent, 40, "r1", NOON, good_until=date(2026, 7, 15))])
    assert house.lots(house.ann) == [(date(2026, 7, 15), 10), (AUGUST, 30)]
    refund(book=house.book, refunds=[Refund(spent, 20, "r2", NOON)])
    assert house.lots(house.ann) == [(date(2026, 6, 20), 20), (date(2026, 7, 15), 10), (AUGUST, 30)]
    assert Account.objects.get(pk=house.wallet(house.ann)).balance == 60


def give_back(house: House, spent: int, *amounts: int) -> list[str]:
    refunds = [Refund(spent, amount, house.key(), NOON) for amount in amounts]
    return [posting.status for posting in refund(book=house.book, refunds=refunds)]


@pytest.mark.parametrize("back", [30, 40, 60, 70])
def test_undoing_an_award_and_giving_back_a_spend_end_alike_in_either_order(house: House, back: int) -> None:
    ends = []
    for owner, is_undone_first in ((house.ann, True), (house.member(), False)):
        house.ann = owner
        award = house.award(owner, 50, JULY)
        house.award(owner, 30, AUGUST)
        spent = use(house, 70)
        if is_undone_first:
            assert take(house, award, 50) == TakenBack("posted", taken=10, debt=40)
        assert give_back(house, spent, back) == ["posted"]
        if not is_undone_first:
            take(house, award, 50)
        ends.append((house.balance(f"member:{owner}"), house.balance(f"debt:{owner}")))
    assert ends == [(max(back - 40, 0), min(back - 40, 0))] * 2
    assert prove(program=house.book.program).ok


def test_debt_is_repaid_with_those_of_the_returned_lots_that_expire_first(house: House) -> None:
    award = house.award(house.ann, 50, JULY)
    house.award(house.ann, 30, AUGUST)
    spent = use(house, 80)
    take(house, award, 40)
    give_back(house, spent, 80)
    assert (house.lots(house.ann), house.balance(f"debt:{house.ann}")) == ([(JULY, 10), (AUGUST, 30)], 0)


def test_points_that_come_back_lapsed_repay_only_what_good_ones_do_not_cover(house: House) -> None:
    award = house.award(house.ann, 50, date(2026, 6, 20))
    house.award(house.ann, 30, AUGUST)
    spent = use(house, 80)
    take(house, award, 40)
    later = NOON + timedelta(days=30)
    refund(book=house.book, refunds=[Refund(spent, 80, "late", later)])
    assert (house.lots(house.ann), house.balance(f"debt:{house.ann}")) == ([(date(2026, 6, 20), 40)], 0)


def test_points_that_come_back_lapsed_repay_another_awards_debt_only_when_it_is_there_first(house: House) -> None:
    ends = []
    for owner, is_undone_first in ((house.ann, True), (house.member(), False)):
        house.ann, lapsed_before = owner, house.balance("breakage")
        house.award(owner, 30, NOON.date())
        award = house.award(owner, 50, AUGUST)
        first, _ = use(house, 30), use(house, 50)
        tomorrow = NOON + timedelta(days=1)
        back = TakeBack(award, 50, house.key(), tomorrow)
        if is_undone_first:
            take_back(book=house.book, takebacks=[back], policy="debt", at=tomorrow)
        refund(book=house.book, refunds=[Refund(first, 30, house.key(), tomorrow)])
        if not is_undone_first:
            take_back(book=house.book, takebacks=[back], policy="debt", at=tomorrow)
        ends.append((house.balance(f"debt:{owner}"), house.balance("breakage") - lapsed_before))
    assert ends == [(-20, 0), (-50, 30)]
    assert prove(program=house.book.program).ok


def test_of_several_refunds_in_one_call_only_those_that_are_posted_repay(house: House) -> None:
    award = house.award(house.ann, 50, JULY)
    spent = use(house, 50)
    take(house, award, 20)
    first = [Refund(spent, 5, "one", NOON)]
    refund(book=house.book, refunds=first)
    again = [*first, Refund(spent, 46, "two", NOON), Refund(spent, 10, "three", NOON), Refund(spent, 9, "four", NOON)]
    statuses = [posting.status for posting in refund(book=house.book, refunds=again)]
    assert statuses == ["replayed", "refused", "posted", "posted"]
    assert (house.lots(house.ann), house.balance(f"debt:{house.ann}")) == ([(JULY, 4)], 0)


def test_a_lapsed_lot_is_never_spendable_swept_or_not(house: House) -> None:
    house.award(house.ann, 30, MAY)
    house.award(house.ann, 5, NOON.date())
    wanted = [Spend(house.ann, amount, house.ids["redeemed"], house.key(), NOON) for amount in (6, 5)]
    assert [p.status for p in spend(book=house.book, spends=wanted, at=NOON)] == ["refused", "posted"]
    assert (house.balance("breakage"), house.balance("redeemed")) == (30, 5)


def test_due_points_are_spendable_before_anybody_matured_them(house: House) -> None:
    accounts = member_accounts(books=[house.book], owners=[house.ann])[house.book.pk, house.ann]
    moves = award_movements(
        src=house.ids["budget"], accounts=accounts, amount=60, owed=0, expires_on=AUGUST, available_on=NOON.date()
    )
    post(book=house.book, entries=[Entry("pending", "award", NOON, moves)])
    use(house, 60)
    assert (house.balance(f"pending:{house.ann}"), house.balance("redeemed")) == (0, 60)
