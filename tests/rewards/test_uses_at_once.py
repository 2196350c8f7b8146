"""Many tills at once: a voucher is taken once, a stored value never below nothing, a QR code once."""

import os
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import chain

import pytest

from core.refusals import Refusal
from rewards.models import Voucher, VoucherUse
from rewards.services.tokens import voucher_token
from rewards.services.use_requests import UseRequest
from rewards.services.uses import Taker, redeem_voucher, void_voucher
from tests.campaigns.test_concurrency import at_once
from tests.campaigns.world import NOW, World
from tests.rewards.pieces import code_of, outlet_world, piece

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.abuse]
AT_ONCE = int(os.environ.get("BUYERS", "8"))


def told(world: World, code: str, amount: str | None = None, *, times: int = 1, undo: bool = False) -> list[str]:
    answers = []
    for number in range(times):
        request = UseRequest(code, "ORCHARD" if number % 2 else "BEDOK", Decimal(amount) if amount else None)
        act, at = (void_voucher if undo else redeem_voucher), NOW + timedelta(seconds=number)
        try:
            answers.append(act(program=world.program, request=request, at=at, taker=Taker("till")).held.state)
        except Refusal as refusal:
            answers.append(refusal.code)
    return answers


def test_many_tries_on_one_code_have_one_winner() -> None:
    world = outlet_world()
    voucher, card = piece(world), piece(world, "card", value=1000)
    tries = partial(told, world, code_of(voucher), times=8)
    assert Counter(chain(*at_once(*[tries] * AT_ONCE))) == {"used": 1, "voucher-used": 8 * AT_ONCE - 1}
    parts = partial(told, world, code_of(card), "0.30", times=5)
    answers = Counter(chain(*at_once(*[parts] * AT_ONCE)))
    assert answers == {"ready": 33, "validation": 5 * AT_ONCE - 33}
    assert list(Voucher.objects.order_by("id").values_list("state", "left_minor")) == [("used", None), ("ready", 10)]
    assert VoucherUse.objects.filter(voucher=card).count() == 33
    scanned = partial(told, world, voucher_token(piece(world, "card", value=1000), NOW).text, "0.10")
    assert Counter(chain(*at_once(*[scanned] * AT_ONCE))) == {"ready": 1, "not-available": AT_ONCE - 1}


def test_taking_and_undoing_at_once_keep_the_value() -> None:
    world = outlet_world()
    card = piece(world, "card", value=1000)
    take = partial(told, world, code_of(card), "1.00", times=6)
    back = partial(told, world, code_of(card), times=6, undo=True)
    at_once(take, back, take, back)
    card.refresh_from_db()
    undone = VoucherUse.objects.exclude(undoes=None).count()
    taken = VoucherUse.objects.filter(undoes=None).count() - undone
    if card.state != Voucher.State.VOID:
        assert card.left_minor == 1000 - 100 * taken
    assert undone == VoucherUse.objects.exclude(undoes=None).values("undoes").distinct().count()
