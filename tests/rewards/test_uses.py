"""Vouchers at outlets: taken once, in parts or whole, given back within minutes, and never more than they are worth."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from core.models import OutboxMessage
from core.refusals import Frozen, Invalid, NotAvailable, Refusal, VoucherExpired, VoucherUsed
from core.services.tokens import Outdated, Replayed
from dealers.models import Outlet
from loyalty.display.notices import in_words
from members.models import Member, Notice
from rewards.models import Reward, Voucher, VoucherUse, VoucherVoid
from rewards.models.codes import digest, encrypted
from rewards.selectors.outlets import Where, where_valid
from rewards.services.stock import stock_codes
from rewards.services.tokens import voucher_token
from rewards.services.use_refusals import UnknownCode
from rewards.services.use_requests import UseRequest, read_use
from rewards.services.uses import TakenVoucher, Taker, redeem_voucher, validate_voucher, void_voucher
from rewards.services.vouchers import void
from tests.campaigns.world import NOW, World, everyday, kept_world, make_world
from tests.rewards.pieces import SECTIONS, code_of, piece

pytestmark = pytest.mark.django_db
TILL = Taker(client="till")


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with kept_world(django_db_blocker, everyday(), **SECTIONS) as world:
        world.member("ann")
        yield world


@pytest.fixture
def world(kept: World) -> World:
    return kept


def asked(
    voucher: Voucher | str, amount: str | None = None, *, outlet: str = "ORCHARD", currency: str = ""
) -> UseRequest:
    code = voucher if isinstance(voucher, str) else code_of(voucher)
    return UseRequest(code, outlet, Decimal(amount) if amount else None, currency)


def redeem(
    world: World, voucher: Voucher | str, amount: str | None = None, at: datetime = NOW, **more: Any
) -> TakenVoucher:
    return redeem_voucher(program=world.program, request=asked(voucher, amount, **more), at=at, taker=TILL)


def give_back(world: World, voucher: Voucher | str, at: datetime = NOW, **more: Any) -> TakenVoucher:
    return void_voucher(program=world.program, request=asked(voucher, **more), at=at, taker=TILL)


def now(voucher: Voucher) -> tuple[str, int | None]:
    voucher.refresh_from_db()
    return voucher.state, voucher.left_minor


def refused(
    kind: type[Refusal],
    world: World,
    voucher: Voucher | str,
    amount: str | None = None,
    at: datetime = NOW,
    **more: Any,
) -> Any:
    """Asking and taking are refused alike, and nothing changes."""
    before = (VoucherUse.objects.count(), list(Voucher.objects.order_by("id").values()))
    with pytest.raises(kind) as validated:
        validate_voucher(program=world.program, request=asked(voucher, amount, **more), at=at)
    with pytest.raises(kind) as redeemed:
        redeem(world, voucher, amount, at=at, **more)
    assert str(validated.value) == str(redeemed.value)
    assert (VoucherUse.objects.count(), list(Voucher.objects.order_by("id").values())) == before
    return redeemed.value


def test_a_voucher_is_taken_once_and_the_second_outlet_learns_when_and_where(world: World) -> None:
    voucher = piece(world)
    good = validate_voucher(program=world.program, request=asked(voucher), at=NOW)
    assert (good.held.state, good.use, now(voucher)) == ("ready", None, ("ready", None))
    taken = redeem(world, voucher, outlet="BEDOK")
    assert (taken.held.state, taken.held.used_at, taken.held.outlet) == ("used", NOW, Outlet.objects.get(code="BEDOK"))
    use = VoucherUse.objects.get()
    assert (use.voucher, use.outlet.code, use.at, use.client, use.scanned) == (voucher, "BEDOK", NOW, "till", False)
    refusal = refused(VoucherUsed, world, voucher, at=NOW + timedelta(days=1))
    assert refusal.more == {"used": {"at": "2026-06-15T04:00:00Z", "outlet": "BEDOK"}}
    assert str(refusal) == "It was used on 15 Jun 2026, 12:00:00 at Bedok Fuel."


@pytest.mark.parametrize(
    ("named", "outlet", "because"),
    [
        (["ORCHARD"], "ORCHARD", None),
        (["ORCHARD"], "BEDOK", "outlet"),
        (["JKT-01"], "JKT-01-S1", None),
        (["JKT-01"], "ORCHARD", "outlet"),
        (["JKT-01-S1", "BEDOK"], "BEDOK", None),
        (["fuel_station"], "BEDOK", None),
        (["fuel_station", "JKT-01"], "ORCHARD", "outlet"),
        ([], "JKT-01-S1", None),
    ],
)
def test_a_reward_that_names_outlets_or_dealers_is_taken_there_alone(
    world: World, named: list[str], outlet: str, because: str | None
) -> None:
    Reward.objects.filter(program=world.program, code="shared").update(outlets=named)
    voucher = piece(world, "shared")
    if because:
        assert refused(NotAvailable, world, voucher, outlet=outlet).more == {"because": because}
        with pytest.raises(NotAvailable):
            give_back(world, voucher, outlet=outlet)
        assert now(voucher) == ("ready", None)
    else:
        assert redeem(world, voucher, outlet=outlet).held.state == "used"


def test_a_named_outlet_of_another_market_is_still_of_another_market(world: World) -> None:
    Reward.objects.filter(program=world.program, code="coffee").update(outlets=["JKT-01"])
    assert refused(NotAvailable, world, piece(world), outlet="JKT-01-S1").more == {"because": "market"}


def test_where_rewards_are_valid_is_one_query_however_many_outlets_there_are(world: World) -> None:
    program = world.program
    (singapore, jakarta) = (program.markets.get(code=code) for code in ("SG", "ID"))
    shop = {"program": program, "kind": "shop", "market": singapore}
    places = [Outlet(code=f"S{n}", name=f"Shop {n:02}", **shop) for n in range(12)]
    Outlet.objects.bulk_create(places)
    Outlet.objects.filter(code="S3").update(retired=True)
    Reward.objects.filter(program=program, code="coffee").update(outlets=[one.code for one in places])
    Reward.objects.filter(program=program, code="shared").update(outlets=["BEDOK", "JKT-01", "ORCHARD"])
    Reward.objects.filter(program=program, code="card").update(outlets=["gone"])
    coffee, shared, card = (Reward.objects.get(program=program, code=code) for code in ("coffee", "shared", "card"))
    with CaptureQueriesContext(connection) as captured:
        found = where_valid(reward=coffee, market=jakarta)
    assert (len(captured), found) == (1, Where([f"Shop {n:02}" for n in range(11) if n != 3], 1))
    own = Outlet.objects.get(code="JKT-01-S1").name
    assert where_valid(reward=shared, market=jakarta) == Where([own, "Bedok Fuel", "Orchard"], 0)
    assert where_valid(reward=card, market=jakarta) == Where([], 0)
    assert where_valid(reward=Reward(outlets=[]), market=jakarta) is None


def test_a_use_is_told_to_others_once(world: World) -> None:
    voucher = piece(world, "card", value=1000)
    redeem(world, voucher, "4.00")
    refused(Invalid, world, voucher, "6.01")
    (told,) = OutboxMessage.objects.filter(topic="voucher.redeemed").values_list("payload", flat=True)
    use = VoucherUse.objects.get()
    ann = Member.objects.get(external_id="ann", program=world.program)
    assert told == {
        "voucher": str(voucher.uuid), "use": str(use.uuid), "member": str(ann.uuid), "reward": "card",
        "outlet": "ORCHARD", "amount": "4.00", "currency": "SGD", "state": "ready",
    }  # fmt: skip


def test_unknown_codes_and_those_of_other_programs_are_alike(world: World) -> None:
    other = make_world(everyday(), **SECTIONS, program={"code": "other"})
    foreign = piece(world)
    in_stock = Reward.objects.create(program=world.program, code="list", kind="voucher", category="food", brand="K",
                                     name="List", markets=["SG"], stock="codes")  # fmt: skip
    stock_codes(reward=in_stock, codes=["KOPI-1"])
    for which, code in ((other, foreign), (world, "0000000000000"), (world, "KOPI-1"), (world, "V." + "A" * 56)):
        refused(UnknownCode, which, code)


@pytest.mark.parametrize(("days", "hour"), [(0, 16), (1, 0)])
def test_the_last_good_day_ends_at_midnight_in_the_members_market(world: World, days: int, hour: int) -> None:
    voucher = piece(world, expires_on=date(2026, 6, 15))
    midnight = datetime.fromisoformat("2026-06-15T16:00:00+00:00")  # in Singapore
    refusal = refused(VoucherExpired, world, voucher, at=midnight)
    assert refusal.more == {"expires_on": "2026-06-15"}
    assert redeem(world, voucher, at=midnight - timedelta(seconds=1)).held.state == "used"


def test_void_vouchers_frozen_members_and_other_markets_are_refused(world: World) -> None:
    voided, shared = piece(world), piece(world, "shared")
    give_back(world, voided)
    assert refused(NotAvailable, world, voided).more == {"because": "void"}
    voucher = piece(world)
    assert refused(NotAvailable, world, voucher, outlet="JKT-01-S1").more == {"because": "market"}
    assert redeem(world, shared, outlet="JKT-01-S1").held.state == "used"
    Member.objects.update(status="frozen")
    refused(Frozen, world, voucher)
    Member.objects.update(status="erased")
    refused(UnknownCode, world, voucher)


def test_an_outlet_that_is_unknown_retired_or_of_another_program_is_a_wrong_value(world: World) -> None:
    voucher = piece(world)
    Outlet.objects.filter(program=world.program, code="BEDOK").update(retired=True)
    make_world(everyday(), program={"code": "other"})
    for outlet in ("NOWHERE", "BEDOK", "SG-ORCHARD"):
        (error,) = refused(Invalid, world, voucher, outlet=outlet).errors
        assert (error.pointer, error.code) == ("/outlet", "unknown-outlet")


# -- stored value ---------------------------------------------------------------------------------


def test_stored_value_is_used_in_parts_until_nothing_is_left(world: World) -> None:
    card = piece(world, "card", value=1000)
    assert redeem(world, card, "4.00").held.value == (1000, 600, "SGD")
    assert now(card) == ("ready", 600)
    refusal = refused(Invalid, world, card, "6.01")
    assert [(e.pointer, e.code) for e in refusal.errors] == [("/amount", "invalid")]
    assert refusal.more == {"left": "6.00", "currency": "SGD"}
    assert redeem(world, card, "6.00", outlet="BEDOK").held.state == "used"
    assert now(card) == ("used", 0)
    assert refused(VoucherUsed, world, card, "0.01").more == {
        "used": {"at": "2026-06-15T04:00:00Z", "outlet": "BEDOK"}, "left": "0.00", "currency": "SGD",
    }  # fmt: skip
    assert list(VoucherUse.objects.order_by("id").values_list("amount_minor", "currency")) == [
        (400, "SGD"),
        (600, "SGD"),
    ]


def test_without_an_amount_all_that_is_left_is_taken(world: World) -> None:
    card = piece(world, "card", value=1000)
    redeem(world, card, "2.50")
    assert redeem(world, card).use.amount_minor == 750  # type: ignore[union-attr]
    assert now(card) == ("used", 0)


@pytest.mark.parametrize(
    ("amount", "currency", "outlet", "pointer", "code"),
    [
        ("1.005", "", "ORCHARD", "/amount", "too-many-decimals"),
        ("1.000", "", "ORCHARD", "/amount", "too-many-decimals"),
        ("0.00", "", "ORCHARD", "/amount", "invalid"),
        ("9" * 15, "", "ORCHARD", "/amount", "invalid"),
        ("5.00", "IDR", "ORCHARD", "/currency", "wrong-currency"),
        ("5.00", "", "JKT-01-S1", "/currency", "wrong-currency"),
    ],
)
def test_a_wrong_amount_is_refused_by_name(
    world: World, amount: str, currency: str, outlet: str, pointer: str, code: str
) -> None:
    card = piece(world, "shared", value=1000)
    (error,) = refused(Invalid, world, card, amount, currency=currency, outlet=outlet).errors
    assert (error.pointer, error.code) == (pointer, code)


def test_an_outlet_abroad_takes_value_in_its_own_currency_if_it_says_so(world: World) -> None:
    card = piece(world, "shared", value=1000)
    redeem(world, card, "5.00", currency="SGD", outlet="JKT-01-S1")
    assert now(card) == ("ready", 500)


def test_the_amount_of_a_bill_is_kept_with_a_voucher_without_value(world: World) -> None:
    redeem(world, piece(world), "23.40")
    redeem(world, piece(world, "shared"), "50000.00", outlet="JKT-01-S1")
    redeem(world, piece(world))
    found = VoucherUse.objects.order_by("id").values_list("amount_minor", "currency")
    assert list(found) == [(2340, "SGD"), (5000000, "IDR"), (None, "")]


# -- void and undo --------------------------------------------------------------------------------


def test_an_unused_voucher_is_taken_out_of_use_for_good(world: World) -> None:
    voucher = piece(world)
    assert give_back(world, voucher).held.state == "void"
    voucher.refresh_from_db()
    assert (voucher.state, voucher.voided_at, VoucherUse.objects.count()) == ("void", NOW, 0)
    kept = voucher.voiding
    assert (kept.outlet.code, kept.at, kept.client, kept.user, kept.scanned) == ("ORCHARD", NOW, "till", None, False)
    told = Notice.objects.filter(member__external_id="ann", kind="voucher_voided")
    (words,) = in_words(member=told.get().member, notices=told)
    assert words.title == "Your voucher was taken out of use: Coffee"
    assert words.body.startswith("Orchard did this; the voucher was not used for anything.")
    with pytest.raises(NotAvailable):
        give_back(world, voucher)


def test_a_use_is_undone_by_its_outlet_within_five_minutes(world: World) -> None:
    voucher = piece(world)
    redeem(world, voucher)
    undone = give_back(world, voucher, at=NOW + timedelta(minutes=5))
    assert (undone.held.state, undone.held.used_at, now(voucher)[0]) == ("ready", None, "ready")
    again = give_back(world, voucher, at=NOW + timedelta(minutes=10))
    assert (again.use, again.held.state) == (undone.use, "ready")
    assert VoucherUse.objects.count() == 2
    assert redeem(world, voucher, outlet="BEDOK").held.state == "used"


def test_a_use_elsewhere_or_longer_ago_is_not_undone(world: World) -> None:
    voucher = piece(world)
    redeem(world, voucher)
    for outlet, at in (("BEDOK", NOW), ("ORCHARD", NOW + timedelta(minutes=5, seconds=1))):
        with pytest.raises(VoucherUsed) as caught:
            give_back(world, voucher, at=at, outlet=outlet)
        assert caught.value.more["used"] == {"at": "2026-06-15T04:00:00Z", "outlet": "ORCHARD"}
    assert now(voucher) == ("used", None)


def test_undoing_gives_back_the_amount_of_the_latest_use_alone(world: World) -> None:
    card = piece(world, "card", value=1000)
    redeem(world, card, "4.00")
    redeem(world, card, "6.00")
    with pytest.raises(Invalid):
        give_back(world, card, amount="4.00")
    give_back(world, card, amount="6.00")
    assert now(card) == ("ready", 600)
    with pytest.raises(VoucherUsed) as caught:
        give_back(world, card, outlet="BEDOK")
    assert caught.value.more == {
        "used": {"at": "2026-06-15T04:00:00Z", "outlet": "ORCHARD"}, "left": "6.00", "currency": "SGD",
    }  # fmt: skip


def test_a_use_is_undone_also_after_another_outlet_took_and_gave_back(world: World) -> None:
    card = piece(world, "card", value=1200)
    first = redeem(world, card, "5.00")
    redeem(world, card, "7.00", outlet="BEDOK")
    with pytest.raises(VoucherUsed) as caught:
        give_back(world, card)
    assert caught.value.more["used"] == {"at": "2026-06-15T04:00:00Z", "outlet": "BEDOK"}
    give_back(world, card, outlet="BEDOK")
    undone = give_back(world, card, at=NOW + timedelta(minutes=5), amount="5.00")
    assert (undone.use and undone.use.undoes, now(card)) == (first.use, ("ready", 1200))
    for outlet in ("ORCHARD", "BEDOK"):  # again: nothing more
        give_back(world, card, outlet=outlet)
    assert (now(card), VoucherUse.objects.count()) == (("ready", 1200), 4)


def test_a_voucher_of_which_a_part_was_used_is_used_to_whoever_takes_it_back(world: World) -> None:
    card, fresh = piece(world, "card", value=1000), piece(world, "card", value=1000)
    redeem(world, card, "4.00")
    assert void([card.uuid, fresh.uuid], at=NOW) == {fresh.uuid}  # type: ignore[list-item]
    assert now(card) == ("ready", 600)


def test_the_database_keeps_uses_and_what_is_left(world: World) -> None:
    card, voucher = piece(world, "card", value=1000), piece(world)
    redeem(world, card, "4.00")
    redeem(world, voucher)
    give_back(world, piece(world))
    wrongs = (
        lambda: VoucherUse.objects.all().delete(),
        lambda: VoucherUse.objects.update(amount_minor=1),
        lambda: VoucherVoid.objects.all().delete(),
        lambda: VoucherVoid.objects.update(client="nobody"),
        lambda: Voucher.objects.filter(pk=card.pk).update(left_minor=-1),
        lambda: Voucher.objects.filter(pk=card.pk).update(left_minor=0),
        lambda: Voucher.objects.filter(pk=card.pk).update(state="used", used_at=NOW),
        lambda: Voucher.objects.filter(pk=voucher.pk).update(state="ready", used_at=None, used_outlet=None),
    )
    for wrong in wrongs:
        with pytest.raises(Error), transaction.atomic():
            wrong()


# -- QR codes -------------------------------------------------------------------------------------


def test_a_scanned_code_is_good_once_and_for_a_moment(world: World) -> None:
    card = piece(world, "card", value=1000)
    text, seconds = voucher_token(card, NOW)
    assert (seconds, code_of(card) in text) == (30, False)
    validate_voucher(program=world.program, request=asked(text), at=NOW)
    refused(Outdated, world, text, at=NOW + timedelta(minutes=1))
    refused(Invalid, world, text, "99.00")
    assert redeem(world, text, "4.00", at=NOW + timedelta(seconds=59)).use.scanned  # type: ignore[union-attr]
    assert refused(Replayed, world, text, "4.00").more == {"because": "replayed"}
    later = NOW + timedelta(seconds=30)
    redeem(world, voucher_token(card, later).text, "6.00", at=later)
    refused(VoucherUsed, world, text)


def test_a_scanned_code_that_was_used_up_still_undoes_its_use(world: World) -> None:
    voucher = piece(world)
    text = voucher_token(voucher, NOW).text
    redeem(world, text)
    assert give_back(world, text).held.state == "ready"
    refused(Replayed, world, text)


def test_a_scanned_code_of_another_program_is_unknown(world: World) -> None:
    other = make_world(everyday(), **SECTIONS, program={"code": "other"})
    refused(UnknownCode, other, voucher_token(piece(world), NOW).text)


def test_codes_of_partners_are_shown_as_they_are_for_their_tills_know_nothing_of_us(world: World) -> None:
    voucher = piece(world)
    voucher.reward.stock = "codes"
    assert voucher_token(voucher, NOW) == (code_of(voucher), None)


def test_a_code_that_came_with_a_pin_is_found_without_it_and_no_outlet_is_told_it(world: World) -> None:
    voucher = piece(world)
    kept = {"cipher": encrypted("GIFT-77"), "pin_cipher": encrypted("1602"), "digest": digest("GIFT-77")}
    Voucher.objects.filter(pk=voucher.pk).update(**kept)
    with pytest.raises(UnknownCode):
        redeem(world, "1602")
    taken = redeem(world, "gift-77")
    assert (taken.held.row.pk, taken.held.code, taken.held.pin) == (voucher.pk, "GIFT-77", "")


ARABIC, THAI = (str.maketrans("0123456789", digits) for digits in ("٠١٢٣٤٥٦٧٨٩", "๐๑๒๓๔๕๖๗๘๙"))
WIDE = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"}


def test_a_code_is_found_however_it_is_typed_or_pasted(world: World) -> None:
    voucher = piece(world)
    code = code_of(voucher)
    around = [f"\u200e{code}\u200f", f"\u200b{code}\ufeff", f"\u00a0{code}\t", f"\x1d{code}"]
    inside = [sign.join(code) for sign in (" ", "-", "\t", "\u00a0", "\u00ad", "–", "—", "\u2011", "\u2212")]
    other = [code.translate(signs) for signs in (ARABIC, THAI, WIDE)] + [code.translate(WIDE).lower()]
    for typed in (*around, *inside, *other):
        found = validate_voucher(program=world.program, request=asked(typed), at=NOW)
        assert found.held.row.pk == voucher.pk, ascii(typed)


@pytest.mark.parametrize("minutes", [[], [0], [0, 1], [0, 1, 7]], ids=["unused", "used", "undone", "undone long ago"])
def test_a_till_in_doubt_undoes_and_takes_nothing_from_the_member(world: World, minutes: list[int]) -> None:
    voucher = piece(world)
    asks = UseRequest(code_of(voucher), "ORCHARD", undo=True)
    for place, minute in enumerate(minutes):
        at = NOW + timedelta(minutes=minute)
        if place == 0:
            redeem(world, voucher, at=at)
        else:
            void_voucher(program=world.program, request=asks, at=at, taker=TILL)
    last = NOW + timedelta(minutes=(minutes or [0])[-1])
    taken = void_voucher(program=world.program, request=asks, at=last, taker=TILL)
    assert taken.held.state == Voucher.objects.get(pk=voucher.pk).state == "ready"
    assert not VoucherVoid.objects.exists()


def test_an_undo_does_not_take_back_what_another_outlet_took(world: World) -> None:
    voucher = piece(world)
    redeem(world, voucher, outlet="BEDOK")
    with pytest.raises(VoucherUsed):
        void_voucher(
            program=world.program, request=UseRequest(code_of(voucher), "ORCHARD", undo=True), at=NOW, taker=TILL
        )
    assert Voucher.objects.get(pk=voucher.pk).state == "used"


# -- requests -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ([], [("", "invalid")]),
        ({}, [("/code", "required"), ("/outlet", "required")]),
        ({"code": "A\0", "outlet": "\ud800"}, [("/code", "invalid"), ("/outlet", "invalid")]),
        ({"code": "", "outlet": 7}, [("/code", "invalid"), ("/outlet", "invalid")]),
        ({"code": "A" * 201, "outlet": "B", "a/b~c": 1}, [("/a~1b~0c", "unknown"), ("/code", "too-long")]),
        ({"code": "A", "outlet": "B", "amount": 5}, [("/amount", "invalid")]),
        ({"code": "A", "outlet": "B", "amount": "-5.00"}, [("/amount", "negative")]),
        ({"code": "A", "outlet": "B", "amount": "9" * 19, "currency": "CLF"}, [("/amount", "invalid")]),
        ({"code": "A", "outlet": "B", "amount": "1e3", "currency": "XXX"},
         [("/currency", "wrong-currency"), ("/amount", "invalid")]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(body: object, errors: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as caught:
        read_use(body)
    assert [(error.pointer, error.code) for error in caught.value.errors] == errors


def test_only_voiding_knows_of_an_undo() -> None:
    body = {"code": "A", "outlet": "B", "undo": True}
    assert read_use(body, voids=True).undo
    for wrong, voids, code in ((body, False, "unknown"), ({**body, "undo": "yes"}, True, "invalid")):
        with pytest.raises(Invalid) as caught:
            read_use(wrong, voids=voids)
        assert [(error.pointer, error.code) for error in caught.value.errors] == [("/undo", code)]


def test_a_request_is_read() -> None:
    body = {"code": "7k3m 9px2", "outlet": "B", "amount": "5.10", "currency": None}
    assert read_use(body) == UseRequest("7k3m 9px2", "B", Decimal("5.10"), "")
