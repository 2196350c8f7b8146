"""Who pays: budgets by name, by place and in shares; a budget that is empty refuses and never fails the event."""

from typing import Any

import pytest

from campaigns.rules.amounts import split
from campaigns.rules.definitions import Share
from ledger.models import Account
from tests.campaigns.world import World, campaign, document, everyday, fixed, make_world, rule

pytestmark = pytest.mark.django_db
CASH = {"cashback": {"fixed": {"SGD": "5.00", "IDR": "50000.00"}}}
BUDGETS = [
    {"code": "central", "points": 1000, "money": {"SGD": "50.00"}},
    {"code": "indonesia", "parent": "central", "market": "ID", "points": 300},
    {"code": "jakarta", "parent": "indonesia", "region": "JKT", "points": 100},
    {"code": "motors", "parent": "jakarta", "dealer": "JKT-01", "points": 50},
]
AT_DEALER = {"outlet": "JKT-01-S1"}


def balances(unit: str = "points") -> dict[str, int]:
    """What is left in budgets and campaigns that have something."""
    accounts = Account.objects.filter(book__unit=unit, purpose__in=["budget", "campaign"]).exclude(balance=0)
    return dict(accounts.values_list("code", "balance"))


def given(body: dict[str, Any]) -> list[Any]:
    refused = [(effect["rule"], effect["reason"]) for effect in body["refused"]]
    return [(effect["rule"], effect["amount"]) for effect in body["effects"]] + refused


@pytest.mark.parametrize(
    ("fund", "paid"),
    [
        ("program", {"budget:central": 660}),
        ("indonesia", {"budget:indonesia": 160}),
        ("market", {"budget:indonesia": 160}),
        ("region", {"budget:jakarta": 10}),
        ("dealer", {"budget:motors": 10}),
        ({"dealer": 40, "program": 60}, {"budget:motors": 34, "budget:central": 676}),
        ({"market": 50, "region": 50}, {"budget:indonesia": 180, "budget:jakarta": 30}),
    ],
)  # fmt: skip
def test_the_fund_says_out_of_which_budget_an_award_is_paid(fund: Any, paid: dict[str, int]) -> None:
    before = {"budget:central": 700, "budget:indonesia": 200, "budget:jakarta": 50, "budget:motors": 50}
    world = make_world(campaign("c", rule("r", fixed(40)), fund=fund), budgets=BUDGETS)
    assert balances() == before
    world.member(market="ID")
    assert given(world.outcome("1.00", currency="IDR", data=AT_DEALER)) == [("r", 40)]
    assert balances() == before | paid


def test_shares_round_down_and_the_last_takes_the_rest() -> None:
    shares = [Share("a", 33), Share("b", 33), Share("c", 34)]
    assert [split(amount, shares) for amount in (0, 1, 2, 100, 101)] == [
        [0, 0, 0], [0, 0, 1], [0, 0, 2], [33, 33, 34], [33, 33, 35]
    ]  # fmt: skip


@pytest.mark.parametrize("fund", ["market", "region", "dealer", {"dealer": 40, "program": 60}])
def test_a_place_without_a_budget_cannot_pay(fund: Any) -> None:
    world = make_world(everyday(), campaign("c", rule("r", fixed(40)), fund=fund), budgets=BUDGETS)
    world.member()
    assert given(world.outcome("7.00", data={"outlet": "SG-ORCHARD"})) == [("base", 7), ("r", "budget")]


def test_a_program_without_budgets_pays_without_limit() -> None:
    world = make_world(campaign("c", rule("r", fixed(10**9), CASH)))
    world.member()
    assert given(world.outcome()) == [("r", 10**9), ("r", "5.00")]
    assert (balances(), balances("SGD")) == ({"budget:program": -(10**9)}, {"budget:program": -500})


def spent(world: World, times: int = 3) -> list[list[Any]]:
    return [given(answer.body or {}) for answer in world.send(*(world.event("1.00") for _ in range(times)))]


def test_a_budget_that_cannot_cover_the_award_refuses_it_and_pays_smaller_ones() -> None:
    world = make_world(
        everyday(),
        campaign("c", rule("r", fixed(40), fixed(15)), fund="small"),
        budgets=[{"code": "root", "points": 1000}, {"code": "small", "parent": "root", "points": 100}],
    )
    world.member()
    assert spent(world) == [
        [("r", 40), ("r", 15), ("base", 1)],
        [("r", 40), ("base", 1), ("r", "budget")],
        [("base", 1), ("r", "budget"), ("r", "budget")],
    ]
    assert balances() == {"budget:small": 5, "budget:root": 897}


def test_one_payer_of_several_that_cannot_pay_its_share_refuses_the_whole() -> None:
    budgets = [{"code": "root", "points": 1000}, {"code": "small", "parent": "root", "points": 30}]
    world = make_world(campaign("c", rule("r", fixed(40)), fund={"small": 50, "program": 50}), budgets=budgets)
    world.member()
    assert spent(world) == [[("r", 40)], [("r", "budget")], [("r", "budget")]]
    assert balances() == {"budget:small": 10, "budget:root": 950}


def test_the_same_payer_twice_must_cover_both_shares() -> None:
    budgets = [{"code": "central", "points": 50, "market": "SG"}]
    world = make_world(campaign("c", rule("r", fixed(40)), fund={"market": 50, "program": 50}), budgets=budgets)
    world.member()
    assert spent(world, 2) == [[("r", 40)], [("r", "budget")]]


def test_money_is_paid_by_budgets_of_money() -> None:
    world = make_world(campaign("c", rule("r", CASH, fixed(1))), budgets=[{"code": "b", "money": {"SGD": "12.00"}}])
    world.member()
    cash, no_points = ("r", "5.00"), ("r", "budget")
    assert spent(world) == [[cash, no_points], [cash, no_points], [no_points, no_points]]
    assert balances("SGD") == {"budget:b": 200}


def test_an_award_that_is_refused_by_its_budget_takes_no_place_in_limits() -> None:
    limits = [{"per_member": {"times": 1}}]
    budgets = [{"code": "b", "points": 30}]
    world = make_world(campaign("c", rule("r", fixed(40), limits=limits)), budgets=budgets)
    world.member()
    assert spent(world, 1) == [[("r", "budget")]]
    world.reload(document(campaign("c", rule("r", fixed(40), limits=limits)), budgets=[{"code": "b", "points": 100}]))
    assert spent(world, 2) == [[("r", 40)], [("r", "limit")]]


def with_budget(points: int | None = 100, **more: Any) -> dict[str, Any]:
    budget = {"budget": {"points": points, "money": {"SGD": "7.00"}}} if points else {}
    return campaign("c", rule("r", fixed(40), CASH), fund="fund", **budget, **more)


def test_a_campaigns_own_account_is_filled_when_it_goes_live_and_the_rest_returns_when_it_ends() -> None:
    budgets = [{"code": "fund", "points": 1000, "money": {"SGD": "100.00"}}]
    world = make_world(with_budget(state="draft"), budgets=budgets)
    world.member()
    assert (balances(), balances("SGD")) == ({"budget:fund": 1000}, {"budget:fund": 10_000})
    world.reload(document(with_budget(), budgets=budgets))
    assert balances() == {"budget:fund": 900, "campaign:c": 100}
    assert balances("SGD") == {"budget:fund": 9300, "campaign:c": 700}
    cash, no_cash, no_points = ("r", "5.00"), ("r", "budget"), ("r", "budget")
    assert spent(world) == [[("r", 40), cash], [("r", 40), no_cash], [no_points, no_cash]]
    world.reload(document(with_budget(150), budgets=budgets))
    assert balances() == {"budget:fund": 850, "campaign:c": 70}
    world.reload(document(with_budget(150, state="paused"), budgets=budgets))
    assert balances() == {"budget:fund": 850, "campaign:c": 70}
    world.reload(document(with_budget(150, state="ended"), budgets=budgets))
    assert (balances(), balances("SGD")) == ({"budget:fund": 920}, {"budget:fund": 9500})


def test_a_reversal_gives_back_to_each_payer_what_it_paid() -> None:
    world = make_world(campaign("c", rule("r", fixed(41)), fund={"dealer": 40, "program": 60}), budgets=BUDGETS)
    world.member(market="ID")
    before = balances()
    world.outcome("90.00", "a", currency="IDR", data=AT_DEALER)
    assert balances() == before | {"budget:motors": 34, "budget:central": 675}
    for amount in ("30.00", "30.00", None):
        (answer,) = world.send(world.reversal("a", amount))
        assert answer.refusal is None
    assert balances() == before
