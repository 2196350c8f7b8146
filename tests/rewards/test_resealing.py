"""Another master key: what the older one kept is read, found, and brought under the new one."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from core.models import sealing
from rewards.models import Redemption, Supplier, Voucher
from rewards.models.codes import KEPT, digest, encrypted
from rewards.rules.supplying import Card
from rewards.selectors.vouchers import find_voucher
from rewards.services.redemption_steps import deliver
from rewards.services.resealing import reseal
from rewards.services.vouchers import GivenBefore
from tests.campaigns.world import NOW, World
from tests.rewards.redeeming import redeem, rich, shop, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Settings) -> World:
    settings.VOUCHER_KEY = "the old key"
    return shop()


def turn(settings: Settings) -> None:
    settings.VOUCHER_KEY, settings.VOUCHER_KEY_FALLBACKS = "the new key", ["the old key"]


def counted(found: Any) -> tuple[int, ...]:
    return found.vouchers, found.redemptions, found.suppliers, found.left, found.twice


def test_all_that_an_older_key_kept_comes_under_the_new_one_and_again_nothing_does(
    world: World, settings: Settings
) -> None:
    ann = rich(world)
    stock(world, "AAA", "BBB", "CCC")
    Voucher.objects.filter(digest=digest("AAA")).update(pin_cipher=encrypted("0042"))
    redeem(world, ann, "movie")
    top_up = redeem(world, ann, "top-up")
    supplier = Supplier.objects.get()
    supplier.keep("secret", "s3cret")
    supplier.save()
    turn(settings)
    found = find_voucher(program=world.program, code="aaa")
    assert found is not None
    assert counted(reseal(batch=2)) == (3, 1, 1, 0, 0)
    assert counted(reseal(batch=2)) == (0, 0, 0, 0, 0)
    settings.VOUCHER_KEY_FALLBACKS = []
    again = find_voucher(program=world.program, code="aaa")
    assert again is not None
    assert (again.pk, again.code, again.pin) == (found.pk, "AAA", "0042")
    assert [one.code for one in Voucher.objects.order_by("pk")] == ["AAA", "BBB", "CCC"]
    assert Redemption.objects.get(pk=top_up.pk).number == "+6591234567"
    assert Supplier.objects.get().opened("secret") == "s3cret"


def test_what_was_stopped_half_way_goes_on_with_what_is_left(world: World, settings: Settings) -> None:
    stock(world, "AAA", "BBB", "CCC")
    turn(settings)
    first = Voucher.objects.order_by("pk")[0]
    Voucher.objects.filter(pk=first.pk).update(cipher=encrypted("AAA"), digest=digest("AAA"))
    assert counted(reseal()) == (2, 0, 0, 0, 0)


def test_a_code_that_is_there_under_both_keys_is_named_and_keeps_its_old_one(world: World, settings: Settings) -> None:
    stock(world, "AAA", "BBB")
    turn(settings)
    stock(world, "AAA")
    with pytest.raises(CommandError, match="1 whose code is there twice"):
        call_command("vouchers", "reseal")
    assert sorted(one.code for one in Voucher.objects.all()) == ["AAA", "AAA", "BBB"]


def test_a_supplier_s_code_that_was_given_under_the_older_key_is_not_given_again(
    world: World, settings: Settings
) -> None:
    ann = rich(world)
    first, second = redeem(world, ann, "top-up"), redeem(world, ann, "top-up")
    deliver(redemption=first, cards=[Card("ONE")], at=NOW)
    turn(settings)
    with pytest.raises(GivenBefore):
        deliver(redemption=second, cards=[Card("one")], at=NOW)
    assert Voucher.objects.count() == 1


def test_what_no_key_opens_stops_it(world: World, settings: Settings) -> None:
    stock(world, "AAA")
    settings.VOUCHER_KEY, settings.VOUCHER_KEY_FALLBACKS = "the new key", []
    with pytest.raises(ValueError, match="no key opens"):
        reseal()
    assert sealing.opened(encrypted("x"), purpose=KEPT) == b"x"
