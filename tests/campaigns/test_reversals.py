"""Taking events back: with everything that they gave, whole or in part, before or after anything else happened."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from ledger.models import Account, Book
from ledger.services.accounts import AccountSpec, open_accounts
from ledger.services.expiry import expire
from ledger.services.wallets import Spend, spend
from members.models import Member, MemberDay, MemberTypeCount
from tests.campaigns.taking import SEVEN, points, refused, take
from tests.campaigns.world import (
    LONG_AGO,
    NOW,
    World,
    campaign,
    document,
    effects,
    everyday,
    fixed,
    kept_world,
    make_world,
    rule,
)

pytestmark = pytest.mark.django_db
BILL = {"category": "bill"}


@pytest.fixture(scope="module")
def plain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A point a dollar for payments, and seven for every top-up."""
    with kept_world(django_db_blocker, everyday(), campaign("c", rule("r", fixed(7), event=SEVEN["type"]))) as one:
        yield one


def spend_points(world: World, amount: int, unit: str = "points") -> None:
    """The member buys something."""
    book = Book.objects.get(program=world.program, unit=unit)
    shop = open_accounts(book=book, specs=[AccountSpec("redeemed:shop", "redeemed")])["redeemed:shop"]
    owner = Member.objects.get(program=world.program, external_id="ann").uuid
    (posting,) = spend(book=book, spends=[Spend(owner, amount, shop, f"s{amount}", NOW)], at=NOW)
    assert posting.status == "posted"


def negative(amount: int | str) -> int | str:
    """Points, money, or a badge, which is one."""
    if isinstance(amount, int):
        return -amount
    return -1 if amount == "first-bill" else f"-{amount}"


def test_a_whole_reversal_takes_back_everything() -> None:
    world = make_world(
        everyday(),
        campaign("b", rule("r", fixed(7, pending_days=3), fixed(5, status=True), {"badge": "first-bill"}),
                 rule("x", {"multiply": {"by": "2"}}, {"cashback": {"fixed": {"SGD": "1.50"}}})),
    )  # fmt: skip
    world.member()
    untouched = dict(Account.objects.values_list("code", "balance"))
    given = world.outcome("10.00", key="a")
    back = take(world, "a")
    assert [effect["kind"] for effect in given["effects"]] == [
        "points", "status_points", "badge", "cashback", "points", "multiply"
    ]  # fmt: skip
    assert effects(back) == [(kind, name, negative(amount)) for kind, name, amount in effects(given)]
    assert back["balances"] == {
        "points": {"available": 0, "pending": 0, "debt": 0},
        "cashback": [{"currency": "SGD", "available": "0.00"}],
    }
    balances = dict(Account.objects.values_list("code", "balance"))
    assert {code: balances[code] for code in untouched} == untouched
    assert world.outcome("10.00", key="b")["effects"] == given["effects"]


@pytest.mark.parametrize(
    ("parts", "taken"),
    [
        ([None], [-7]),
        (["50.00", None], [-3, -4]),
        (["0.01"] * 3, [0, 0, 0]),  # ceil(7 × 99.97 ÷ 100) stays 7
        (["33.33", "33.33", "33.34"], [-2, -2, -3]),
        (["99.99", "0.01"], [-6, -1]),
        (["14.29", "0.01", "85.70"], [-1, 0, -6]),
    ],
)
def test_of_a_partial_return_stays_the_award_times_what_remains_rounded_up(
    plain: World, parts: list[str | None], taken: list[int]
) -> None:
    plain.member()
    plain.outcome("100.00", key="a", **SEVEN)
    found = [sum(amount for _, _, amount in effects(take(plain, "a", part))) for part in parts]
    assert found == taken


def test_partial_returns_that_cross_in_one_batch_are_those_one_by_one(plain: World) -> None:
    plain.member()
    batch = [
        plain.event("100.00", "a", **SEVEN),
        *(plain.reversal("a", part) for part in ("33.33", "33.33", "33.34", "0.01")),
    ]
    answers = plain.send(*batch)
    assert [answer.refusal and answer.refusal.code for answer in answers] == [None] * 4 + ["already-reversed"]
    assert [effects(answer.body or {"effects": []}) for answer in answers[1:4]] == [
        [("points", "r", -2)], [("points", "r", -2)], [("points", "r", -3)]
    ]  # fmt: skip


def test_more_than_is_left_is_refused_and_changes_nothing(plain: World) -> None:
    plain.member()
    plain.outcome("100.00", key="a")
    assert refused(plain, "a", "100.01") == ("already-reversed", [])
    take(plain, "a", "40.00")
    assert refused(plain, "a", "60.01") == ("already-reversed", [])
    assert points(take(plain, "a", "60.00")) == (0, 0, 0)
    assert refused(plain, "a") == ("already-reversed", [])
    assert refused(plain, "a", "0.01") == ("already-reversed", [])


@pytest.mark.parametrize(
    ("amount", "more", "field"),
    [
        ("1.001", {}, ("/data/amount", "too-many-decimals")),
        ("1.000", {}, ("/data/amount", "too-many-decimals")),
        ("01.00", {}, ("/data/amount", "invalid")),
        ("-1.00", {}, ("/data/amount", "negative")),
        ("0.00", {}, ("/data/amount", "negative")),
        ("1,00", {}, ("/data/amount", "invalid")),
        ("1.00", {"currency": "IDR"}, ("/data/currency", "wrong-currency")),
        ("1.00", {"currency": "XXX"}, ("/data/currency", "wrong-currency")),
        ("1.00", {"reason": "no"}, ("/data/reason", "undeclared")),
    ],
)
def test_a_reversal_speaks_the_currency_of_its_original(
    plain: World, amount: str, more: dict[str, Any], field: Any
) -> None:
    plain.member()
    plain.outcome("100.00", key="a")
    body = plain.reversal("a", amount)
    body["data"] |= more
    (answer,) = plain.send(body)
    assert answer.refusal is not None
    assert [(error.pointer, error.code) for error in answer.refusal.errors] == [field]
    assert points(plain.outcome("0.00")) == (100, 0, 0)


def test_an_event_without_amount_is_taken_back_whole_or_not_at_all() -> None:
    world = make_world(campaign("c", rule("r", fixed(5), event="app.opened")))
    world.member()
    world.outcome(None, key="a", type="app.opened")
    assert refused(world, "a", "1.00") == ("validation", [("/data/amount", "invalid")])
    assert points(take(world, "a")) == (0, 0, 0)
    assert refused(world, "a") == ("already-reversed", [])


def test_an_event_of_nothing_is_taken_back_once() -> None:
    world = make_world(campaign("c", rule("r", fixed(5))))
    world.member()
    world.outcome("0.00", key="a")
    assert effects(take(world, "a")) == [("points", "r", -5)]
    assert refused(world, "a") == ("already-reversed", [])


def test_only_the_member_of_an_event_takes_it_back(plain: World) -> None:
    plain.member()
    plain.member("bob")
    plain.outcome("100.00", key="a")
    assert refused(plain, "a", subject="bob") == ("validation", [("/subject", "invalid")])
    batch = [plain.event("10.00", "b"), plain.reversal("b", subject="bob")]
    assert [answer.status for answer in plain.send(*batch)] == ["processed", "rejected"]
    assert points(plain.outcome("0.00")) == (110, 0, 0)


def test_a_reversal_is_not_taken_back(plain: World) -> None:
    plain.member()
    plain.outcome("100.00", key="a")
    take(plain, "a", key="r")
    assert refused(plain, "r") == ("validation", [("/data/id", "invalid")])


# -- what was spent, pending, expired -----------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "after", "taken"),
    [("debt", (0, 0, 80), -100), ("forgive", (0, 0, 0), -20), ("only_pending", (20, 0, 0), 0)],
)
def test_what_the_member_has_spent_is_owed_or_forgotten(policy: str, after: tuple[int, int, int], taken: int) -> None:
    world = make_world(campaign("c", rule("r", fixed(100))), program={"reversal": policy})
    world.member()
    world.outcome(key="a")
    spend_points(world, 80)
    back = take(world, "a")
    assert [(e["amount"], e["desired"]) for e in back["effects"]] == [(taken, -100)]
    assert points(back) == after


def test_later_awards_repay_a_debt_at_once_and_pending_ones_when_they_mature() -> None:
    world = make_world(
        campaign("c", rule("r", fixed(100), event="wallet.topped_up")),
        campaign("p", rule("w", fixed(30, pending_days=1), event="app.opened")),
        everyday(),
    )
    world.member()
    world.outcome("1.00", "a", type="wallet.topped_up")
    spend_points(world, 100)
    assert points(take(world, "a")) == (0, 0, 100)
    assert points(world.outcome("60.00")) == (0, 0, 40)
    assert points(world.outcome(None, type="app.opened")) == (0, 30, 40)
    tomorrow = NOW + timedelta(days=1)
    assert points(world.outcome("0.00", at=tomorrow)) == (0, 0, 10)  # due, whether it was moved or not
    assert points(world.outcome("25.00", at=tomorrow)) == (15, 0, 0)


def test_pending_points_are_taken_before_those_that_can_be_spent() -> None:
    world = make_world(everyday(), campaign("p", rule("w", fixed(30, pending_days=5))))
    world.member()
    world.outcome("10.00", key="a")
    world.outcome("10.00", key="b")
    back = take(world, "a")
    assert points(back) == (10, 30, 0)
    assert points(take(world, "b", "5.00")) == (5, 15, 0)


def test_only_pending_leaves_what_can_be_spent() -> None:
    world = make_world(
        everyday(), campaign("p", rule("w", fixed(30, pending_days=5))), program={"reversal": "only_pending"}
    )
    world.member()
    world.outcome("10.00", key="a")
    assert points(take(world, "a")) == (10, 0, 0)


@pytest.mark.parametrize("swept", [False, True])
def test_points_that_expired_come_back_out_of_breakage_never_out_of_others(swept: bool) -> None:
    world = make_world(campaign("c", rule("r", fixed(100, expire={"days": 10}))), everyday())
    member = world.member()
    world.outcome("0.00", key="a")
    later = NOW + timedelta(days=11)
    if swept:
        expire(book=Book.objects.get(program=world.program, unit="points"), owners=[member.uuid], at=later)
    assert points(world.outcome("5.00", key="b", time=later.isoformat(), at=later)) == (105, 0, 0)
    back = take(world, "a", at=later)
    assert effects(back) == [("points", "r", -100)]
    assert points(back) == (105, 0, 0)
    assert Account.objects.get(book__program=world.program, book__unit="points", code="breakage").balance == 0


def test_a_debt_does_not_keep_points_from_expiring() -> None:
    world = make_world(campaign("c", rule("r", fixed(100, expire={"days": 10}))), everyday())
    world.member()
    world.outcome("0.00", key="a")
    world.outcome("0.00", key="b")
    spend_points(world, 150)
    later = NOW + timedelta(days=11)
    assert points(take(world, "a", at=later)) == (0, 0, 50)


def test_debts_of_money_are_owed_in_money() -> None:
    world = make_world(campaign("c", rule("r", {"cashback": {"fixed": {"SGD": "5.00"}}})))
    world.member()
    world.outcome(key="a")
    spend_points(world, 300, "SGD")
    assert take(world, "a")["balances"]["cashback"] == [{"currency": "SGD", "available": "0.00"}]
    assert world.outcome()["balances"]["cashback"] == [{"currency": "SGD", "available": "2.00"}]


# -- facts ------------------------------------------------------------------------------------


def test_days_counts_and_ordinals_come_back() -> None:
    second = {"fact": "event.ordinal", "op": "eq", "value": 2}
    world = make_world(campaign("c", rule("r", fixed(1), when=second)))
    world.member(at=LONG_AGO)
    days = [f"2026-06-{day:02}T12:00:00+08:00" for day in (1, 2, 3)]
    world.outcome("10.00", "a", time=days[0])
    assert len(world.outcome("10.00", "b", time=days[1])["effects"]) == 1
    take(world, "a", "4.00")
    counts = MemberTypeCount.objects.values_list("occurrences", "first_at", "last_at")
    moments = [datetime(2026, 6, day, 4, tzinfo=UTC) for day in (1, 2, 3)]
    assert list(counts) == [(2, moments[0], moments[1])]
    take(world, "a")
    assert list(counts.all()) == [(1, moments[1], moments[1])]
    assert len(world.outcome("10.00", "c", time=days[2])["effects"]) == 1
    assert list(counts.all()) == [(2, moments[1], moments[2])]
    rows = MemberDay.objects.order_by("day").values_list("day", "occurrences", "events", "amount_minor")
    assert [(day.day, *rest) for day, *rest in rows] == [(1, 0, 0, 0), (2, 1, 1, 1000), (3, 1, 1, 1000)]


def test_events_of_the_batch_that_are_still_to_come_are_not_remembered_as_first() -> None:
    first = {"fact": "member.hours_since_first.payment.completed", "op": "exists", "value": False}
    world = make_world(campaign("c", rule("r", fixed(1), when=first)))
    world.member()
    early, late = "2026-06-01T12:00:00+08:00", "2026-06-02T12:00:00+08:00"
    batch = [world.event("1.00", "a", time=early), world.reversal("a", time=early), world.event("1.00", "b", time=late)]
    assert [effects(answer.body or {}) for answer in world.send(*batch)] == [
        [("points", "r", 1)], [("points", "r", -1)], [("points", "r", 1)]
    ]  # fmt: skip


def test_a_day_and_region_of_then_are_what_a_reversal_goes_back_to() -> None:
    world = make_world(everyday())
    world.member(market="SG")
    world.outcome("10.00", "a", data={"outlet": "SG-ORCHARD"}, time="2026-06-10T23:30:00+08:00")
    world.reload(document(everyday(), outlets=[]))
    Member.objects.update(market=world.program.markets.get(code="ID"))
    take(world, "a")
    assert list(MemberDay.objects.values_list("occurrences", "amount_minor")) == [(0, 0)]
