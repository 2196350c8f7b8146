"""Many at once: nobody overspends, nothing is lost, nothing happens twice."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random

import pytest
from django.db import OperationalError, connection, transaction

from ledger.models import Account
from ledger.selectors.proofs import prove
from ledger.services.expiry import expire
from ledger.services.maturing import mature
from ledger.services.posting import Entry, Movement, post
from ledger.services.takebacks import TakeBack, take_back
from ledger.services.wallets import Refund, Spend, refund, spend
from tests.ledger.conftest import NOON, House, build_house

pytestmark = pytest.mark.django_db(transaction=True)
SEATS = 16  # connections at once
DEATHS = 25


def together[T](count: int, work: Callable[[int], T]) -> list[T]:
    """Run `work(0) … work(count - 1)`, so many at once as there are seats, and answer in order."""

    def seated(number: int) -> T:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(SEATS) as pool:
        return list(pool.map(seated, range(count)))


def green(house: House) -> bool:
    return prove(program=house.book.program).ok


def test_64_spends_on_one_wallet_take_what_is_there_and_no_more() -> None:
    house = build_house()
    house.award(house.ann, 100, date(2026, 7, 31))

    def work(number: int) -> str:
        one = Spend(house.ann, 10, house.ids["redeemed"], f"spend:{number}", NOON)
        return spend(book=house.book, spends=[one], at=NOON)[0].status

    assert Counter(together(64, work)) == {"posted": 10, "refused": 54}
    assert (house.balance(f"member:{house.ann}"), house.balance("redeemed")) == (0, 100)
    assert green(house)


def test_64_racing_reversals_undo_an_award_once() -> None:
    house = build_house()
    award = house.award(house.ann, 50)
    house.award(house.ann, 500)

    def work(number: int) -> str:
        one = Movement(house.wallet(house.ann), house.ids["budget"], 50, reverses=award)
        return post(book=house.book, entries=[Entry(f"undo:{number}", "reverse", NOON, [one])])[0].status

    assert Counter(together(64, work)) == {"posted": 1, "refused": 63}
    assert house.balance(f"member:{house.ann}") == 500
    assert green(house)


def test_the_same_batch_sent_by_many_posts_once() -> None:
    house = build_house()
    owners = [house.member() for _ in range(10)]
    entries = [
        Entry(f"a:{n}", "award", NOON, [Movement(house.ids["budget"], house.wallet(owner), 7)])
        for n, owner in enumerate(owners)
    ]
    answers = together(32, lambda _: [posting.status for posting in post(book=house.book, entries=entries)])
    assert Counter(status for answer in answers for status in answer) == {"posted": 10, "replayed": 310}
    assert house.balance("budget") == 1_000_000 - 70


def test_batches_on_one_budget_share_it_to_the_last_point() -> None:
    house = build_house()
    purse = house.ids["adjustment"]
    house.move("fund", Movement(house.ids["budget"], house.ids["redeemed"], 1000))
    owners = [house.member() for _ in range(8)]

    def work(number: int) -> Counter[str]:
        shuffled = Random(number).sample(owners, len(owners))
        entries = [
            Entry(f"{number}:{n}", "award", NOON, [Movement(house.ids["redeemed"], house.wallet(owner), 9)])
            for n, owner in enumerate(shuffled)
        ]
        return Counter(posting.status for posting in post(book=house.book, entries=entries))

    assert sum(together(16, work), Counter()) == {"posted": 111, "refused": 17}
    assert (house.balance("redeemed"), Account.objects.get(pk=purse).balance) == (1, 0)
    assert green(house)


def test_everything_at_once_on_the_same_members_neither_deadlocks_nor_loses() -> None:
    house = build_house()
    owners = [house.member() for _ in range(6)]
    awards = [
        house.award(owner, 30, date(2026, 6, 10 + n)) for n, owner in enumerate(sorted(owners * 3, key=owners.index))
    ]
    before = NOON - timedelta(days=10)
    spent = [
        house.transfer_of(posting)
        for posting in spend(
            book=house.book,
            spends=[Spend(owner, 5, house.ids["redeemed"], f"first:{owner}", before) for owner in owners],
            at=before,
        )
    ]
    halves = [owners[:3], owners[3:]]
    locks = [threading.Lock(), threading.Lock()]  # stand for the members' row locks, which callers hold

    def work(number: int) -> None:
        half, at = number % 2, NOON + timedelta(hours=number)
        mine = Random(number).sample(halves[half], 3)
        with locks[half], transaction.atomic():
            match number // 2 % 6:
                case 0:
                    expire(book=house.book, owners=mine, at=at)
                case 1:
                    mature(book=house.book, owners=mine, at=at)
                case 2:
                    back = [Refund(one, 1, f"r:{number}:{one}", at) for one in spent[half * 3 : half * 3 + 3]]
                    refund(book=house.book, refunds=back)
                case 3:
                    wanted = [Spend(owner, 3, house.ids["redeemed"], f"s:{number}:{owner}", at) for owner in mine]
                    spend(book=house.book, spends=wanted, at=at)
                case 4:
                    undone = [TakeBack(one, 2, f"t:{number}:{one}", at) for one in awards[half * 9 : half * 9 + 9]]
                    take_back(book=house.book, takebacks=undone, policy="debt", at=at)
                case _:
                    entries = [
                        Entry(f"a:{number}:{n}", "award", at, [Movement(house.ids["mint"], house.wallet(owner), 5)])
                        for n, owner in enumerate(mine)
                    ]
                    post(book=house.book, entries=entries)

    together(48, work)
    assert green(house)


def test_a_backend_killed_in_the_middle_of_batches_loses_and_doubles_nothing() -> None:
    house = build_house()
    owners = [house.member() for _ in range(20)]
    batches = [
        [
            Entry(f"{batch}:{n}", "award", NOON, [Movement(house.ids["budget"], house.wallet(owner), 1)])
            for n, owner in enumerate(owners)
        ]
        for batch in range(30)
    ]
    backends: set[int] = set()
    done = threading.Event()

    def kill() -> int:
        killed = 0
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            while not done.is_set():
                for backend in list(backends)[: DEATHS - killed]:
                    cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
                    killed += 1
                    backends.discard(backend)
                time.sleep(0.005)
        connection.close()
        return killed

    def send(batch: list[Entry]) -> None:
        """Send until acknowledged, as a worker does after a crash."""
        while True:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    backends.update(pid for (pid,) in cursor.fetchall())
                with transaction.atomic():
                    post(book=house.book, entries=batch)
            except OperationalError:
                connection.close()
            else:
                return

    with ThreadPoolExecutor(1) as killer:
        deaths = killer.submit(kill)
        for batch in batches:
            send(batch)
        done.set()
    assert deaths.result() > 0
    assert {house.balance(f"member:{owner}") for owner in owners} == {30}
    assert house.balance("budget") == 1_000_000 - 600
    assert green(house)
