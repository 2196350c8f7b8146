"""Whatever happens in whatever order, balances and lots are those of a simple model, and every proof stays green."""

from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ledger.models import Lot
from ledger.selectors.accounts import member_accounts
from ledger.selectors.proofs import prove
from ledger.selectors.wallets import wallets
from ledger.services.accounts import AccountSpec, fund, open_accounts
from ledger.services.expiry import expire
from ledger.services.maturing import mature
from ledger.services.posting import Entry, post
from ledger.services.takebacks import TakeBack, take_back
from ledger.services.wallets import Refund, Spend, award_movements, refund, spend
from tests.ledger.conftest import NOON, build_house
from tests.ledger.model import Award, Key, Model, Spent, in_days

DAYS = st.sampled_from([None, 0, 3, 10])
WAITS = st.sampled_from([None, 0, 2, 5])
POINTS = st.integers(1, 60)
POLICIES = st.sampled_from(["debt", "debt", "forgive", "only_pending"])


class Ledger(RuleBasedStateMachine):
    """One member, two budgets, days that pass."""

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint_create()  # so that a failing example can be run again
        self.house = build_house()
        self.book, self.ann = self.house.book, self.house.ann
        self.budgets = open_accounts(book=self.book, specs=[AccountSpec("b:1", "budget"), AccountSpec("b:2", "budget")])
        for code, account in self.budgets.items():
            fund(book=self.book, src=self.house.ids["mint"], dst=account, amount=10**6, key=code, at=self.house_start())
        self.model = Model(NOON.date())
        self.awards: list[Award] = []
        self.spent: list[Spent] = []
        self.entries: list[Entry] = []

    def house_start(self) -> datetime:
        return NOON - timedelta(days=400)

    @property
    def at(self) -> datetime:
        return datetime.combine(self.model.today, time(12), NOON.tzinfo)

    @rule(days=st.integers(1, 4))
    def days_pass(self, days: int) -> None:
        self.model.today += timedelta(days=days)

    @rule(points=POINTS, good=DAYS, wait=WAITS, budget=st.sampled_from(["b:1", "b:2"]))
    def award(self, points: int, good: int | None, wait: int | None, budget: str) -> None:
        today = self.model.today
        key = Key(wait is not None, in_days(today, wait), in_days(today, good), budget)
        accounts = member_accounts(books=[self.book], owners=[self.ann])[self.book.pk, self.ann]
        moves = award_movements(
            src=self.budgets[budget],
            accounts=accounts,
            amount=points,
            owed=self.model.debt,
            expires_on=key.expires_on,
            available_on=key.available_on,
        )
        entry = Entry(self.house.key(), "award", self.at, moves)
        posting = post(book=self.book, entries=[entry])[0]
        self.entries.append(entry)
        self.model.award(key, points)
        self.awards.append(Award(self.house.transfer_of(posting), key, points))

    @rule(amounts=st.lists(POINTS, min_size=1, max_size=3))
    def spend(self, amounts: list[int]) -> None:
        spends = [Spend(self.ann, points, self.house.ids["redeemed"], self.house.key(), self.at) for points in amounts]
        postings = spend(book=self.book, spends=spends, at=self.at)
        self.model.settle()
        for points, posting in zip(amounts, postings, strict=True):
            assert (posting.status == "posted") == (self.model.wallet() >= points)
            if posting.status == "posted":
                self.spent.append(Spent(self.house.transfer_of(posting), self.model.take(points)))

    @precondition(lambda self: self.spent)
    @rule(data=st.data(), good=st.sampled_from([None, 7]), times=st.integers(1, 2))
    def refund(self, data: st.DataObject, good: int | None, times: int) -> None:
        good_until = in_days(self.model.today, good)
        refunds, expected = [], []
        for _ in range(times):
            spent = data.draw(st.sampled_from(self.spent))
            left, points = sum(spent.uses.values()), data.draw(POINTS)
            refunds.append(Refund(spent.transfer, points, self.house.key(), self.at, good_until))
            expected.append("posted" if points <= left else "refused")
            if points <= left:
                self.model.refund(spent, points, good_until)
        assert [posting.status for posting in refund(book=self.book, refunds=refunds)] == expected

    @precondition(lambda self: self.awards)
    @rule(data=st.data(), policy=POLICIES, times=st.integers(1, 3))
    def take_back(self, data: st.DataObject, policy: str, times: int) -> None:
        self.model.settle()
        takebacks, expected = [], []
        for _ in range(times):
            award, points = data.draw(st.sampled_from(self.awards)), data.draw(POINTS)
            takebacks.append(TakeBack(award.transfer, points, self.house.key(), self.at))
            refused = points > award.left
            expected.append(
                ("refused", 0, 0, 0, 0) if refused else ("posted", *self.model.take_back(award, points, policy))
            )
        answers = take_back(book=self.book, takebacks=takebacks, policy=policy, at=self.at)
        assert [tuple(answer) for answer in answers] == expected

    @rule()
    def mature(self) -> None:
        mature(book=self.book, owners=[self.ann], at=self.at)
        self.model.mature()

    @rule()
    def expire(self) -> None:
        expire(book=self.book, owners=[self.ann], at=self.at)
        self.model.expire()

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), other=st.booleans())
    def replay(self, data: st.DataObject, other: bool) -> None:
        entry = data.draw(st.sampled_from(self.entries))
        again = Entry(entry.key, entry.kind, entry.occurred_at, entry.movements, rule="other" if other else None)
        assert post(book=self.book, entries=[again])[0].status == ("mismatch" if other else "replayed")

    @invariant()
    def lots_and_balances_agree(self) -> None:
        names = {account: code for code, account in self.budgets.items()}
        held = Lot.objects.filter(account__book=self.book, account__owner=self.ann, remaining__gt=0)
        rows = held.values_list("account__purpose", "available_on", "expires_on", "funder_id", "remaining")
        lots = {Key(purpose == "pending", on, until, names[funder]): left for purpose, on, until, funder, left in rows}
        assert lots == {key: points for key, points in self.model.lots.items() if points}
        assert self.house.balance(f"member:{self.ann}") == self.model.wallet()
        assert self.house.balance(f"debt:{self.ann}") == -self.model.debt
        assert self.house.balance("breakage") == sum(self.model.expired.values())

    @invariant()
    def what_is_read_is_what_settling_would_leave(self) -> None:
        read = wallets(books=[self.book], owners=[self.ann], at=self.at)[self.book.pk, self.ann]
        then = Model(self.model.today, dict(self.model.lots), {}, self.model.debt)
        then.settle()
        waiting = sum(points for key, points in then.lots.items() if key.pending)
        assert (read.available, read.pending, read.debt) == (then.wallet(), waiting, then.debt)

    def teardown(self) -> None:
        try:
            report = prove(program=self.book.program)
            assert report.ok, report
        finally:
            transaction.savepoint_rollback(self.before)


@pytest.mark.django_db
@pytest.mark.timeout(900)  # for finding the smallest example when it fails
def test_the_ledger_agrees_with_the_model() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
