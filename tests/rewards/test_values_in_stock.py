"""Lists of codes of several values: whoever redeems one gets a code of exactly that, or is told that it is sold out."""

import os
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.models import User
from core.refusals import OutOfStock
from rewards.models import Redemption, RedemptionPolicy, Reward, Voucher
from rewards.models.codes import decrypted
from rewards.rules.availability import Hurdle, Reason
from rewards.selectors.catalogue import judge, standing_of
from rewards.selectors.pieces import next_end
from rewards.selectors.stock_figures import StockFigures, stock_figures, value_figures
from rewards.services.redemption_steps import approve
from rewards.services.vouchers import hold_stock
from tests.campaigns.test_concurrency import at_once
from tests.campaigns.world import NOW, World
from tests.rewards.catalogue import reward
from tests.rewards.redeeming import CARD, REWARDS, assert_proven, points, redeem, rich, shop, stock
from tests.rewards.test_redemptions_at_once import all_green, buy

TEN, FIFTY, RUPIAH = (1000, "SGD"), (5000, "SGD"), (10000000, "IDR")
AT_ONCE = int(os.environ.get("BUYERS", "8"))


def mall() -> World:
    """A shop that has a partner's gift cards of several values, out of lists of codes."""
    mall = [
        reward(code, denominations=CARD, stock="codes", markets=["SG", "ID"]) for code in ("mall", "mall-2", "mall-3")
    ]
    return shop(rewards=[*REWARDS, *mall])


@pytest.fixture
def world(db: None) -> World:
    return mall()


def codes(made: Redemption) -> list[tuple[str, int | None, int | None, str]]:
    rows = Voucher.objects.filter(redemption=made).order_by("pk")
    return [(decrypted(one.cipher), one.value_minor, one.left_minor, one.currency) for one in rows]


def card() -> Reward:
    return Reward.objects.select_related("program").get(code="mall")


def keep(*values: str) -> None:
    """Let the reward have these denominations alone."""
    Reward.objects.filter(code="mall").update(denominations=[one for one in CARD if one["value"] in values])


# -- redeeming -----------------------------------------------------------------------------------


def test_a_value_is_paid_out_of_codes_of_that_value_in_their_order(world: World) -> None:
    member = rich(world, 9000)
    stock(world, "T1", code="mall", value=TEN)
    stock(world, "F1", "F2", code="mall", value=FIFTY)
    stock(world, "T2", "T3", code="mall", value=TEN)
    assert codes(redeem(world, member, "mall", 2, value="10.00")) == [
        ("T1", 1000, 1000, "SGD"),
        ("T2", 1000, 1000, "SGD"),
    ]
    assert codes(redeem(world, member, "mall", value="50")) == [("F1", 5000, 5000, "SGD")]
    assert points(member) == 2200
    assert_proven(world)


@pytest.mark.parametrize("quantity", [1, 2])
def test_another_value_in_stock_is_no_help(world: World, quantity: int) -> None:
    member = rich(world, 9000)
    stock(world, "F1", "F2", "F3", code="mall", value=FIFTY)
    with pytest.raises(OutOfStock) as refused:
        redeem(world, member, "mall", quantity, value="10.00")
    assert refused.value.about == Reason(Hurdle.OUT_OF_STOCK)
    assert (Redemption.objects.count(), points(member), Voucher.objects.filter(state="stock").count()) == (0, 9000, 3)


def test_so_many_pieces_need_so_many_codes_of_that_value(world: World) -> None:
    member = rich(world, 9000)
    stock(world, "T1", "T2", code="mall", value=TEN)
    stock(world, "F1", code="mall", value=FIFTY)
    with pytest.raises(OutOfStock) as refused:
        redeem(world, member, "mall", 3, value="10.00")
    assert refused.value.about == Reason(Hurdle.OUT_OF_STOCK, left=2)


def test_the_same_number_of_another_currency_is_another_value(world: World) -> None:
    away = rich(world, 2000, "wayan", market="ID")
    stock(world, "DOLLARS", code="mall", value=(RUPIAH[0], "SGD"))
    with pytest.raises(OutOfStock):
        redeem(world, away, "mall")
    stock(world, "RUPIAH", code="mall", value=RUPIAH)
    assert codes(redeem(world, away, "mall")) == [("RUPIAH", *RUPIAH[:1], RUPIAH[0], "IDR")]


def test_what_is_of_no_value_on_sale_is_given_to_nobody(world: World) -> None:
    member = rich(world, 9000)
    stock(world, "PLAIN", code="mall")
    stock(world, "F1", code="mall", value=FIFTY)
    keep("10.00")
    with pytest.raises(OutOfStock):
        redeem(world, member, "mall")
    assert hold_stock({card().pk: 5})[card().pk] == 0
    assert Voucher.objects.filter(state="stock").count() == 2


def test_what_was_bought_for_one_price_gets_no_code_of_a_value(world: World) -> None:
    """It waits for approval, and meanwhile the reward has got denominations."""
    member = rich(world, 1000)
    RedemptionPolicy.objects.filter(program=world.program).update(approve_from_points=1)
    stock(world, "PLAIN-1")
    made = redeem(world, member, "movie")
    Reward.objects.filter(code="movie").update(points=None, denominations=CARD)
    stock(world, "T1", code="movie", value=TEN)
    with pytest.raises(OutOfStock):
        approve(redemption=made, by=User.objects.create_user("x"), at=NOW)
    assert Voucher.objects.filter(state="stock").count() == 2


def test_what_was_bought_of_a_value_is_given_though_it_is_sold_no_more(world: World) -> None:
    member = rich(world, 9000)
    RedemptionPolicy.objects.filter(program=world.program).update(approve_from_points=1)
    stock(world, "T1", code="mall", value=TEN)
    stock(world, "F1", code="mall", value=FIFTY)
    made = redeem(world, member, "mall", value="50.00")
    keep("10.00")
    approve(redemption=made, by=User.objects.create_user("x"), at=NOW)
    assert codes(made) == [("F1", 5000, 5000, "SGD")]


def test_a_reward_of_one_price_gives_codes_with_values_and_without(world: World) -> None:
    member = rich(world, 1000)
    stock(world, "PLAIN")
    stock(world, "T1", value=TEN)
    assert codes(redeem(world, member, "movie", 2)) == [("PLAIN", None, None, ""), ("T1", 1000, 1000, "SGD")]


def test_the_database_keeps_codes_of_several_values_from_one_price(world: World) -> None:
    rows = Reward.objects.filter(code="mall")
    stock(world, "T1", code="mall", value=TEN)
    with pytest.raises(IntegrityError, match="codes in stock of reward mall have values"), transaction.atomic():
        rows.update(denominations=[], points=100)
    keep("50.00")
    Voucher.objects.all().delete()
    assert rows.update(denominations=[], points=100) == 1


# -- at once -------------------------------------------------------------------------------------


@pytest.mark.abuse
@pytest.mark.django_db(transaction=True)
def test_the_last_codes_of_each_value_go_to_as_many_as_there_are() -> None:
    world = mall()
    members = [rich(world, 20000, f"m{number}") for number in range(2 * AT_ONCE)]
    for number in range(AT_ONCE // 2):  # values in turn, so that neighbours are of another one
        stock(world, f"T{number}", code="mall", value=TEN)
        stock(world, f"F{number}", code="mall", value=FIFTY)
    asked = [("10.00", 1 + number % 2) if number < AT_ONCE else ("50.00", 1) for number in range(2 * AT_ONCE)]
    found = at_once(
        *(partial(buy, world, one, "mall", n, value=value) for one, (value, n) in zip(members, asked, strict=True))
    )
    sold = dict.fromkeys(("10.00", "50.00"), 0)
    for state, (value, n) in zip(found, asked, strict=True):
        sold[value] += n if state == "issued" else 0
    assert set(found) == {"issued", "out-of-stock"}
    assert sold["50.00"] == AT_ONCE // 2
    assert AT_ONCE // 2 - sold["10.00"] in {0, 1}  # a single one may be left for those who wanted a pair
    for made in Redemption.objects.all():
        assert [row[1:] for row in codes(made)] == [(made.value_minor, made.value_minor, "SGD")] * made.quantity
    all_green(world)


# -- the catalogue -------------------------------------------------------------------------------


def test_it_is_sold_out_when_every_value_of_the_market_is(world: World) -> None:
    member = rich(world, 2000)
    market, standing = member.market, standing_of(member, at=NOW)

    def judged() -> tuple[bool, int | None, int | None, list[tuple[str, int | None, list[str]]]]:
        item = judge(card(), market=market, at=NOW, member=member, standing=standing)
        values = [(one.denomination["value"], one.left, [r.hurdle.value for r in one.reasons]) for one in item.values]
        return item.available, item.points, item.left, values

    stock(world, "R1", code="mall", value=RUPIAH)
    rupiah = ("100000.00", 1, ["not-available"])
    sold_out = (
        False,
        1000,
        0,
        [("10.00", 0, ["out-of-stock"]), ("50.00", 0, ["out-of-stock", "insufficient-points"]), rupiah],
    )
    assert judged() == sold_out
    stock(world, "F1", "F2", code="mall", value=FIFTY)
    assert judged() == (
        False, 4800, 2, [("10.00", 0, ["out-of-stock"]), ("50.00", 2, ["insufficient-points"]), rupiah],
    )  # fmt: skip
    stock(world, "T1", code="mall", value=TEN)
    assert judged() == (True, 1000, 3, [("10.00", 1, []), ("50.00", 2, ["insufficient-points"]), rupiah])


def test_values_of_one_reward_or_three_take_the_same_queries(world: World) -> None:
    from_list = Reward.objects.filter(code__startswith="mall")
    member = rich(world, 2000)
    standing = standing_of(member, at=NOW)
    judge(card(), market=member.market, at=NOW, member=member, standing=standing)
    counted = []
    for values in (CARD[:1], CARD):
        from_list.update(denominations=values)
        with CaptureQueriesContext(connection) as captured:
            judge(Reward.objects.get(code="mall"), market=member.market, at=NOW, member=member, standing=standing)
        counted.append(len(captured))
    assert counted == [2, 2]  # the reward, and all of its values


def test_the_end_that_is_shown_is_that_of_codes_of_the_value(world: World) -> None:
    stock(world, "F1", code="mall", value=FIFTY)
    Voucher.objects.update(expires_on="2099-01-01")
    stock(world, "T1", code="mall", value=TEN)
    assert [str(next_end(card(), pieces=1, value=value)) for value in (TEN, FIFTY)] == ["None", "2099-01-01"]


def test_figures_by_value_add_up_to_those_of_the_reward(world: World) -> None:
    stock(world, "T1", "T2", code="mall", value=TEN)
    stock(world, "F1", code="mall", value=FIFTY)
    stock(world, "PLAIN", code="mall")
    redeem(world, rich(world, 1000), "mall", value="10.00")
    pk = card().pk
    assert value_figures(reward_ids=[pk], day=NOW.date()) == {
        pk: {
            TEN: StockFigures(in_stock=1, open=1),
            FIFTY: StockFigures(in_stock=1),
            (None, ""): StockFigures(in_stock=1),
        }
    }
    assert stock_figures(reward_ids=[pk], day=NOW.date()) == {pk: StockFigures(in_stock=3, open=1)}
