"""The proof of vouchers is green after everything that may happen, and red when rows are touched behind its back."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from dealers.models import Outlet
from members.models import Member
from rewards.models import Redemption, SupplierOrder, Voucher
from rewards.models.codes import decrypted
from rewards.rules.supplying import Card
from rewards.services.proofs import prove_vouchers
from rewards.services.redemption_steps import deliver, give_up
from rewards.services.redemptions import cancel_redemption
from rewards.services.supplying import place_orders
from rewards.services.use_requests import UseRequest
from rewards.services.uses import Taker, redeem_voucher, void_voucher
from tests.campaigns.world import NOW, World
from tests.rewards.redeeming import redeem, rich, shop

pytestmark = pytest.mark.django_db


def ordered(world: World, member: Member, state: str) -> Redemption:
    """A redemption whose order at the supplier stands so."""
    made = redeem(world, member, "top-up")
    place_orders(redemptions=[made], at=NOW)
    order = SupplierOrder.objects.filter(redemption=made)
    order.update(state="sent", sent_at=NOW)
    order.update(state=state, closed_at=NOW, next_at=None)
    return made


# A use more; and the undoing of one that leaves its voucher used.
USE = """INSERT INTO rewards_voucheruse (uuid, voucher_id, outlet_id, amount_minor, currency, at, scanned)
         SELECT gen_random_uuid(), voucher_id, outlet_id, amount_minor, currency, at, scanned
           FROM rewards_voucheruse WHERE voucher_id = %s AND undoes_id IS NULL LIMIT 1"""
UNUSE = """INSERT INTO rewards_voucheruse (uuid, voucher_id, outlet_id, currency, at, scanned, undoes_id)
           SELECT gen_random_uuid(), voucher_id, outlet_id, '', at, scanned, max(id) OVER () FROM rewards_voucheruse
            WHERE voucher_id = %s AND undoes_id IS NULL LIMIT 1"""


def execute(statement: str, voucher: Voucher) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [voucher.pk])


def raw(statement: str, voucher: Voucher) -> None:
    """Touch rows behind the back of the triggers."""
    with pgtrigger.ignore("rewards.VoucherUse:plain_voucher_is_used_once"):
        execute(statement, voucher)


@pytest.fixture
def world() -> World:
    """One of everything: used, expired, open, void, pending, delivered, given up, cashback."""
    world = shop()
    member = rich(world, 9000)
    outlet = Outlet.objects.create(
        program=world.program, code="CAFE", name="Cafe", kind="partner_outlet", market=member.market
    )
    taker = Taker(client="till")
    for taken in (redeem(world, member, "coffee", quantity=3), redeem(world, member, "card", value="10.00")):
        voucher = taken.vouchers.order_by("pk")[0]
        amount = Decimal("4.00") if voucher.value_minor else None
        asked = UseRequest(decrypted(voucher.cipher), outlet.code, amount)
        redeem_voucher(program=world.program, request=asked, at=NOW, taker=taker)
        void_voucher(program=world.program, request=asked, at=NOW, taker=taker)
        redeem_voucher(program=world.program, request=asked, at=NOW, taker=taker)
    cancel_redemption(redemption=redeem(world, member, "coffee"), at=NOW, because=Redemption.Because.ASKED)
    redeem(world, member, "cash")
    redeem(world, member, "top-up")
    for cards in ([Card("ONE")], []):
        deliver(redemption=ordered(world, member, "delivered"), cards=cards, at=NOW)
    for state in ("refused", "late", "unclear"):
        give_up(redemption=ordered(world, member, state), because=Redemption.Because.FAILED, at=NOW)
    return world


def failed() -> list[str]:
    (one,) = prove_vouchers(at=NOW)
    return [proof.name for proof in one.proofs if not proof.ok]


def test_issued_is_used_expired_open_and_void(world: World) -> None:
    (now,) = prove_vouchers(at=NOW, program=world.program)
    assert now.totals == {"issued": 6, "used": 1, "expired": 0, "open": 4, "void": 1}
    (later,) = prove_vouchers(at=NOW + timedelta(days=31))
    assert later.totals == {"issued": 6, "used": 1, "expired": 2, "open": 2, "void": 1}
    assert (now.ok, later.ok) == (True, True)


def test_the_command_says_so_and_ends_with_1_when_it_is_not_so(world: World) -> None:
    out = StringIO()
    call_command("vouchers", "prove", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["ok"], report["programs"][0]["totals"]["issued"]) == (True, 6)
    Voucher.objects.filter(redemption__reward__code="card").update(redemption=None)
    with pytest.raises(CommandError):
        call_command("vouchers", "prove", stdout=out)


def test_what_does_not_add_up_is_named(world: World) -> None:
    Voucher.objects.filter(redemption__reward__code="card").update(redemption=None)
    assert failed() == ["voucher_was_given_by_one", "redemption_has_its_pieces"]


@pytest.mark.parametrize(
    ("code", "broken", "said"),
    [
        ("card", "UPDATE rewards_voucher SET left_minor = 500 WHERE id = %s", "stored_value_is_what_uses_left"),
        ("card", "UPDATE rewards_voucher SET left_minor = value_minor WHERE id = %s", "stored_value_is_what_uses_left"),
        ("card", USE, "stored_value_is_what_uses_left"),
        ("coffee", UNUSE, "plain_voucher_is_used_by_one_use"),
        ("coffee", USE, "plain_voucher_is_used_by_one_use"),
    ],
)
def test_uses_that_do_not_explain_what_is_left_are_named(world: World, code: str, broken: str, said: str) -> None:
    voucher = Voucher.objects.filter(redemption__reward__code=code, uses__isnull=False).distinct().get()
    assert failed() == []
    raw(broken, voucher)
    assert failed() == [said]


def test_a_plain_voucher_that_is_used_without_a_use_is_named(world: World) -> None:
    voucher = Voucher.objects.filter(redemption__reward__code="coffee", state="ready")[0]
    raw("UPDATE rewards_voucher SET state = 'used', used_at = now() WHERE id = %s", voucher)
    assert failed() == ["plain_voucher_is_used_by_one_use"]


def test_the_database_lets_a_plain_voucher_have_one_use_that_stands(world: World) -> None:
    voucher = Voucher.objects.get(redemption__reward__code="coffee", state="used")
    with pytest.raises(IntegrityError, match="was used before"), transaction.atomic():
        execute(USE, voucher)
    assert failed() == []


def test_points_that_were_not_paid_or_not_given_back_are_named(world: World) -> None:
    row = Redemption.objects.filter(reward__code="card").get()
    Redemption.objects.filter(pk=row.pk).update(points=1)
    assert failed() == ["redemption_was_paid"]
    Redemption.objects.filter(pk=row.pk).update(points=row.points, state="cancelled", cancelled_at=NOW, because="asked")
    assert failed() == ["cancelled_redemption_is_void", "cancelled_redemption_was_given_back"]


@pytest.mark.parametrize(
    ("found", "order", "said"),
    [
        ({"state": "issued", "vouchers": None}, "sent", "issued_redemption_was_delivered"),
        ({"state": "issued", "vouchers": None}, None, "issued_redemption_was_delivered"),
        ({"state": "issued", "vouchers__isnull": False}, "cancelled", "issued_redemption_was_delivered"),
        ({"state": "pending", "waits_for": "supplier"}, "delivered", "pending_redemption_is_not_delivered"),
        ({"state": "pending", "waits_for": "supplier"}, "late", "pending_redemption_is_not_delivered"),
        ({"state": "cancelled", "order__isnull": False}, "delivered", "cancelled_redemption_is_not_delivered"),
    ],
)
def test_orders_and_redemptions_that_contradict_each_other_are_named(
    world: World, found: dict[str, Any], order: str | None, said: str
) -> None:
    row = Redemption.objects.filter(reward__code="top-up", **found).order_by("pk")[0]
    place_orders(redemptions=[row], at=NOW)
    assert failed() == []
    if order is None:
        SupplierOrder.objects.filter(redemption=row).delete()
    else:
        with pgtrigger.ignore("rewards.SupplierOrder:supplier_order_goes_forward"):
            is_open = order in {"waiting", "sent"}
            SupplierOrder.objects.filter(redemption=row).update(
                state=order, closed_at=None if is_open else NOW, next_at=NOW if is_open else None
            )
    assert failed() == [said]
    with pytest.raises(CommandError):
        call_command("vouchers", "prove", stdout=StringIO())
