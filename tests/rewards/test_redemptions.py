"""Redeeming: points and pieces move together, or nothing does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from core.models import OutboxMessage, User
from core.refusals import (
    Frozen,
    InsufficientPoints,
    Invalid,
    LimitReached,
    NotAvailable,
    NotFound,
    OutOfStock,
    ReferenceUsed,
    Refusal,
    TierRequired,
    VoucherExpired,
    VoucherUsed,
)
from ledger.models import POINTS, Book, Journal, Lot
from ledger.selectors.wallets import wallets, wallets_effective
from loyalty.display.notices import in_words
from members.models import Member, Notice
from members.services.changes import patch_member
from rewards.models import Redemption, RedemptionPolicy, Reward, Voucher
from rewards.models.codes import decrypted
from rewards.rules.availability import Hurdle, Reason, Unavailable
from rewards.rules.journal_keys import spend_key
from rewards.rules.supplying import Card
from rewards.selectors.policies import DEMANDS, demands_of
from rewards.services.redemption_steps import approve, deliver, give_up, reject
from rewards.services.redemptions import cancel_redemption
from tests.analysing import analyse
from tests.campaigns.world import NOW, World
from tests.rewards.redeeming import ask, assert_proven, give, points, redeem, rich, shop, stock

pytestmark = pytest.mark.django_db
ASKED, FAILED = Redemption.Because.ASKED, Redemption.Because.FAILED


@pytest.fixture
def world() -> World:
    return shop()


def lots(member: Member) -> list[tuple[Any, ...]]:
    rows = Lot.objects.filter(account__owner=member.uuid, account__purpose="wallet")
    return list(rows.order_by("id").values_list("id", "expires_on", "credited", "remaining"))


def test_points_become_a_voucher(world: World) -> None:
    member = rich(world)
    made = redeem(world, member, "coffee", quantity=2)
    assert (made.state, made.points, made.quantity, points(member)) == ("issued", 200, 2, 800)
    vouchers = list(Voucher.objects.filter(redemption=made))
    assert [(v.state, v.member_id, str(v.expires_on)) for v in vouchers] == [("ready", member.pk, "2026-07-15")] * 2
    assert len({decrypted(v.cipher) for v in vouchers}) == 2
    assert_proven(world)


def test_codes_of_a_partner_are_given_in_their_order_and_never_oversold(world: World) -> None:
    member = rich(world)
    stock(world, "AAA", "BBB", "CCC")
    first, second = redeem(world, member, "movie", quantity=2), redeem(world, member, "movie")
    codes = [
        [decrypted(v.cipher) for v in Voucher.objects.filter(redemption=r).order_by("pk")] for r in (first, second)
    ]
    assert codes == [["AAA", "BBB"], ["CCC"]]
    with pytest.raises(OutOfStock):
        redeem(world, member, "movie")
    assert points(member) == 400


def test_a_denomination_has_its_own_price_and_its_voucher_has_the_value(world: World) -> None:
    member = rich(world, 6000)
    made = redeem(world, member, "card", value="50")
    (voucher,) = Voucher.objects.filter(redemption=made)
    assert (made.points, made.value_minor, made.currency) == (4800, 5000, "SGD")
    assert (voucher.value_minor, voucher.left_minor, voucher.currency) == (5000, 5000, "SGD")
    away = rich(world, 6000, "wayan", market="ID")
    assert (redeem(world, away, "card").points, points(away)) == (900, 5100)


@pytest.mark.parametrize(
    ("code", "asked", "pointer", "kind"),
    [
        ("coffee", {"quantity": 0}, "/quantity", "invalid"),
        ("coffee", {"quantity": 101}, "/quantity", "invalid"),
        ("coffee", {"value": "10.00"}, "/denomination", "unknown"),
        ("card", {}, "/denomination", "required"),
        ("card", {"value": "11.00"}, "/denomination", "invalid"),
        ("card", {"value": "ten"}, "/denomination", "invalid"),
        *(("card", {"value": said}, "/denomination", "invalid") for said in ("NaN", "1e1", "1_0", " 10 ", "+10", "١٠")),
        ("card", {"value": "-10.00"}, "/denomination", "negative"),
        ("card", {"value": "10.001"}, "/denomination", "too-many-decimals"),
        ("card", {"value": "10.000"}, "/denomination", "too-many-decimals"),
        ("card", {"value": "010.00"}, "/denomination", "invalid"),
        ("card", {"value": "100000.00"}, "/denomination", "invalid"),
    ],
)
def test_wrong_values_are_named(world: World, code: str, asked: dict[str, Any], pointer: str, kind: str) -> None:
    member = rich(world, 6000)
    with pytest.raises(Invalid) as refused:
        redeem(world, member, code, **asked)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, kind)]
    assert (Redemption.objects.count(), points(member)) == (0, 6000)


@pytest.mark.parametrize(
    ("code", "quantity", "refusal", "reason"),
    [
        ("coffee", 11, InsufficientPoints, Reason(Hurdle.INSUFFICIENT_POINTS, missing=100)),
        ("movie", 1, OutOfStock, Reason(Hurdle.OUT_OF_STOCK)),
        ("lounge", 1, TierRequired, Reason(Hurdle.TIER_REQUIRED, tiers=("gold",))),
        ("jakarta", 1, NotAvailable, Reason(Hurdle.NOT_AVAILABLE, Unavailable.MARKET)),
        ("spa", 1, NotAvailable, Reason(Hurdle.NOT_AVAILABLE, Unavailable.GIVEN_ONLY)),
    ],
)
def test_the_refusal_is_the_reason_of_the_catalogue_and_nothing_changes(
    world: World, code: str, quantity: int, refusal: type[Refusal], reason: Reason
) -> None:
    member = rich(world)
    with pytest.raises(refusal) as refused:
        redeem(world, member, code, quantity=quantity)
    assert refused.value.about == reason
    assert (Redemption.objects.count(), Voucher.objects.count(), points(member)) == (0, 0, 1000)


def test_limits_count_pieces_that_were_not_cancelled_in_the_months_of_the_members_market(world: World) -> None:
    member = rich(world)
    first = redeem(world, member, "twice")
    with pytest.raises(LimitReached):
        redeem(world, member, "twice", quantity=2)
    redeem(world, member, "twice")
    with pytest.raises(LimitReached):
        redeem(world, member, "twice")
    cancel_redemption(redemption=first, at=NOW, because=ASKED)
    redeem(world, member, "twice")
    july = NOW.replace(month=6, day=30, hour=16)  # the first moment of July in Singapore
    with pytest.raises(LimitReached):
        redeem(world, member, "twice", at=july - timedelta(seconds=1))
    assert redeem(world, member, "twice", quantity=2, at=july).quantity == 2


def test_frozen_members_paused_and_retired_rewards_and_halted_books_are_refused(world: World) -> None:
    member = rich(world)
    Reward.objects.filter(code="coffee").update(paused=True)
    Reward.objects.filter(code="movie").update(retired=True)
    for code, because in (("coffee", Unavailable.PAUSED), ("movie", Unavailable.RETIRED)):
        with pytest.raises(NotAvailable) as refused:
            redeem(world, member, code)
        assert refused.value.about == Reason(Hurdle.NOT_AVAILABLE, because)
    Member.objects.filter(pk=member.pk).update(status="frozen")
    with pytest.raises(Frozen):
        redeem(world, member, "twice")
    Member.objects.filter(pk=member.pk).update(status="erased")
    with pytest.raises(NotFound):
        redeem(world, member, "twice")
    assert Redemption.objects.count() == 0


def test_the_same_reference_is_the_same_redemption_and_never_another(world: World) -> None:
    member = rich(world)
    first = ask(world, member, "coffee", client="bank", reference="o-1")
    again = ask(world, member, "coffee", client="bank", reference="o-1")
    assert (again.row.pk, first.is_new, again.is_new, points(member)) == (first.row.pk, True, False, 900)
    with pytest.raises(ReferenceUsed):
        redeem(world, member, "coffee", quantity=2, client="bank", reference="o-1")
    assert ask(world, member, "coffee", client="shop", reference="o-1").is_new


def test_cancelling_gives_back_the_same_lots_and_voids_the_vouchers(world: World) -> None:
    member = rich(world, 150)
    give(world, 850, at=NOW - timedelta(days=60))
    before = lots(member)
    made = redeem(world, member, "coffee", quantity=9)
    assert lots(member) != before
    cancelled = cancel_redemption(redemption=made, at=NOW + timedelta(days=1), because=ASKED)
    assert (cancelled.state, cancelled.because, lots(member)) == ("cancelled", ASKED, before)
    assert {v.state for v in Voucher.objects.filter(redemption=made)} == {"void"}
    again = cancel_redemption(redemption=made, at=NOW + timedelta(days=2), because=ASKED)
    assert (again.cancelled_at, lots(member)) == (cancelled.cancelled_at, before)
    assert_proven(world)


def test_a_voided_code_of_a_partner_is_not_stock_again(world: World) -> None:
    member = rich(world)
    stock(world, "AAA")
    made, office = redeem(world, member, "movie"), Redemption.Because.OFFICE
    cancel_redemption(redemption=made, at=NOW, because=office, by=staff("one"), note="unused, says the cinema")
    with pytest.raises(OutOfStock):
        redeem(world, member, "movie")


def test_a_code_that_stays_good_at_its_partner_is_not_cancelled_by_its_member(world: World) -> None:
    member = rich(world)
    stock(world, "AAA")
    made = redeem(world, member, "movie")
    with pytest.raises(NotAvailable, match="stays good at the shop"):
        cancel_redemption(redemption=made, at=NOW, because=ASKED, by_member=True)
    assert (points(member), made.vouchers.get().state) == (800, "ready")
    gone = cancel_redemption(redemption=made, at=NOW, because=Redemption.Because.OFFICE, by=staff("one"), note="asked")
    assert (gone.state, points(member), made.vouchers.get().state) == ("cancelled", 1000, "void")


def test_what_waits_for_approval_is_cancelled_for_no_code_of_it_was_shown(world: World) -> None:
    demand(world, approve_from_points=200)
    member = rich(world)
    stock(world, "AAA")
    made = redeem(world, member, "movie")
    assert cancel_redemption(redemption=made, at=NOW, because=ASKED).state == "cancelled"
    assert points(member) == 1000


def test_what_was_used_in_part_or_whole_or_has_expired_is_not_cancelled(world: World) -> None:
    member = rich(world, 3000)
    used, part = redeem(world, member, "coffee", quantity=2), redeem(world, member, "card", value="10.00")
    Voucher.objects.filter(pk=used.vouchers.order_by("pk")[0].pk).update(state="used", used_at=NOW)
    part.vouchers.update(left_minor=999)
    for one in (used, part):
        with pytest.raises(VoucherUsed):
            cancel_redemption(redemption=one, at=NOW, because=ASKED)
    late = redeem(world, member, "coffee")
    with pytest.raises(VoucherExpired):
        cancel_redemption(redemption=late, at=NOW + timedelta(days=31), because=ASKED)
    assert points(member) == 1700
    assert Voucher.objects.filter(state="ready").count() == 3


def test_a_supplier_delivers_once(world: World) -> None:
    member = rich(world)
    made = redeem(world, member, "top-up", quantity=2)
    assert (made.state, made.waits_for, points(member), made.vouchers.count()) == ("pending", "supplier", 400, 0)
    (told,) = OutboxMessage.objects.filter(topic="redemption.ordered")
    assert told.payload["redemption"] == str(made.uuid)
    with pytest.raises(NotAvailable):
        cancel_redemption(redemption=made, at=NOW, because=ASKED)
    with pytest.raises(Invalid):
        deliver(redemption=made, cards=[Card("ONE")], at=NOW)
    for _time in range(2):
        done = deliver(redemption=made, cards=[Card("ONE"), Card("TWO")], at=NOW)
        assert (done.state, done.waits_for) == ("issued", "")
    assert sorted(decrypted(v.cipher) for v in made.vouchers.all()) == ["ONE", "TWO"]
    with pytest.raises(NotAvailable):
        give_up(redemption=made, because=FAILED, at=NOW)
    assert points(member) == 400
    assert_proven(world)


def test_a_silent_supplier_ends_in_a_refund_that_is_good_for_thirty_days(world: World) -> None:
    member = rich(world)
    made = redeem(world, member, "top-up")
    late = NOW.replace(year=2027, month=6, day=29)  # the day before the points lapse
    for _time in range(2):
        gone = give_up(redemption=made, because=Redemption.Because.SILENT, at=late)
        assert (gone.state, gone.because) == ("cancelled", "silent")
    assert (points(member, late), points(member, late + timedelta(days=20))) == (1000, 300)
    with pytest.raises(NotAvailable):
        deliver(redemption=made, cards=[Card("ONE")], at=late)
    assert_proven(world)


def demand(world: World, **policy: int) -> None:
    RedemptionPolicy.objects.filter(program=world.program).update(**policy)


def staff(name: str) -> User:
    return User.objects.create_user(username=name, is_staff=True)


def test_above_the_limit_of_the_program_two_people_decide(world: World) -> None:
    demand(world, approve_from_points=200)
    member, one, other = rich(world), staff("one"), staff("other")
    stock(world, "AAA")
    assert redeem(world, member, "coffee").state == "issued"
    made = redeem(world, member, "movie", asked_by=one)
    assert (made.state, made.waits_for, points(member), made.vouchers.count()) == ("pending", "approval", 700, 0)
    with pytest.raises(Invalid):
        approve(redemption=made, by=one, at=NOW)
    with pytest.raises(NotAvailable):
        deliver(redemption=made, cards=[Card("X")], at=NOW)
    done = approve(redemption=made, by=other, at=NOW + timedelta(hours=1))
    assert (done.state, done.decided_by, decrypted(done.vouchers.get().cipher)) == ("issued", other, "AAA")
    for decide in (approve, reject):
        with pytest.raises(NotAvailable):
            decide(redemption=made, by=other, at=NOW)
    assert (points(member), Voucher.objects.filter(redemption=made).count()) == (700, 1)
    assert_proven(world)


def test_what_is_rejected_is_given_back_and_nobody_approves_what_is_out_of_stock(world: World) -> None:
    demand(world, approve_from_points=200)
    member, other = rich(world), staff("other")
    stock(world, "AAA")
    first, second, far = (redeem(world, member, code) for code in ("movie", "movie", "top-up"))
    approve(redemption=first, by=other, at=NOW)
    with pytest.raises(OutOfStock):
        approve(redemption=second, by=other, at=NOW)
    second.refresh_from_db()
    assert second.waits_for == "approval"
    gone = reject(redemption=second, by=other, at=NOW)
    assert (gone.state, gone.because, gone.decided_by) == ("cancelled", "refused", other)
    ordered = approve(redemption=far, by=other, at=NOW)
    assert (ordered.state, ordered.waits_for) == ("pending", "supplier")
    assert OutboxMessage.objects.filter(topic="redemption.ordered").count() == 1
    assert points(member) == 500
    assert_proven(world)


def test_after_a_change_of_contact_or_device_no_points_are_spent_for_some_hours(world: World) -> None:
    demand(world, cooling_hours=24)
    member = rich(world, email="ann@example.com", signals={"device": "old"})
    assert redeem(world, member, "coffee").state == "issued"
    patched(world, {"email": "mallory@example.com"}, NOW)
    patched(world, {"signals": {"device": "new"}}, NOW + timedelta(hours=1))
    for hours in (1, 2, 24):
        with pytest.raises(NotAvailable) as refused:
            redeem(world, member, "coffee", at=NOW + timedelta(hours=hours))
        until = NOW + timedelta(hours=25)
        assert refused.value.about == Reason(Hurdle.NOT_AVAILABLE, Unavailable.COOLING, until=until)
    assert redeem(world, member, "coffee", at=NOW + timedelta(hours=25)).state == "issued"


def test_removing_the_last_contact_and_adding_one_after_it_are_changes_of_contact(world: World) -> None:
    demand(world, cooling_hours=24)
    member = rich(world, email="ann@example.com")
    removed, added = NOW, NOW + timedelta(days=3)
    patched(world, {"email": None, "phone": None}, removed)
    assert demands_of(member, at=removed).cooling_until == removed + timedelta(hours=24)
    assert demands_of(member, at=added).cooling_until is None
    patched(world, {"email": "mallory@example.com"}, added)
    assert demands_of(member, at=added).cooling_until == added + timedelta(hours=24)


def test_the_first_contact_and_one_of_two_removed_are_no_changes(world: World) -> None:
    demand(world, cooling_hours=24)
    ann = rich(world, email="ann@example.com")
    patched(world, {"email": None}, NOW)
    bob = rich(world, external_id="bob", phone="")
    patch_member(program=world.program, reference="bob", changes={"email": "bob@example.com"}, at=NOW)
    assert [demands_of(member, at=NOW).cooling_until for member in (ann, bob)] == [None, None]


def patched(world: World, changes: object, at: datetime) -> None:
    patch_member(program=world.program, reference="ann", changes=changes, at=at)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_points_that_came_later_are_not_spent_in_the_past(world: World) -> None:
    member = rich(world, 100)
    for more, missing in ((60, 100), (40, 40)):
        with pytest.raises(InsufficientPoints) as refused:
            redeem(world, member, "coffee", happened_at=ago(3))
        assert refused.value.about == Reason(Hurdle.INSUFFICIENT_POINTS, missing=missing)
        give(world, more, at=ago(4))
    assert (Redemption.objects.count(), Voucher.objects.count(), points(member)) == (0, 0, 200)
    assert redeem(world, member, "coffee", happened_at=ago(3)).at == ago(3)
    assert (points_by(member, ago(3)), points(member)) == (0, 100)


def points_by(member: Member, moment: datetime) -> int:
    """What the member could spend by what had happened until a moment."""
    book = Book.objects.get(program=member.program_id, unit=POINTS)
    return wallets_effective(books=[book], owners=[member.uuid], at=moment)[book.pk, member.uuid].available


def test_points_that_were_spent_since_are_not_spent_before(world: World) -> None:
    member = world.member()
    give(world, 150, at=ago(10))
    redeem(world, member, "coffee", happened_at=ago(5))
    give(world, 100, at=ago(1))
    with pytest.raises(InsufficientPoints) as refused:
        redeem(world, member, "coffee", happened_at=ago(7))
    assert refused.value.about == Reason(Hurdle.INSUFFICIENT_POINTS, missing=50)
    redeem(world, member, "twice", quantity=2, happened_at=ago(7))
    assert [points_by(member, ago(days)) for days in (8, 7, 5, 1, 0)] == [150, 130, 30, 130, 130]


def test_nobody_pays_for_what_has_expired_by_now(world: World) -> None:
    member = world.member()
    give(world, 1000, at=ago(60))
    for days in (45, 31):
        with pytest.raises(Invalid) as refused:
            redeem(world, member, "coffee", happened_at=ago(days))
        assert [(error.pointer, error.code) for error in refused.value.errors] == [("/at", "invalid")]
    assert (Redemption.objects.count(), Voucher.objects.count(), points(member)) == (0, 0, 1000)
    last_day = redeem(world, member, "coffee", happened_at=ago(30))
    assert str(last_day.vouchers.get().expires_on) == f"{NOW:%Y-%m-%d}"
    assert redeem(world, member, "twice", happened_at=ago(45)).state == "issued"


def test_what_waits_for_somebody_is_good_from_then_on(world: World) -> None:
    member = world.member(phone="+6591234567")
    give(world, 1000, at=ago(60))
    Reward.objects.filter(code="top-up").update(valid_days=10)
    assert redeem(world, member, "top-up", happened_at=ago(45)).waits_for == "supplier"
    demand(world, approve_from_points=100)
    made = redeem(world, member, "coffee", happened_at=ago(45))
    issued = approve(redemption=made, by=staff("boss"), at=NOW).vouchers.get()
    assert issued.expires_on == (NOW + timedelta(days=30)).date()


def test_cashback_is_paid_into_the_wallet_and_stays_there(world: World) -> None:
    member = rich(world, 2000)
    made, small = redeem(world, member, "cash"), redeem(world, member, "cash-5")
    book = Book.objects.get(program=world.program, unit="SGD")
    assert wallets(books=[book], owners=[member.uuid], at=NOW)[book.pk, member.uuid].available == 1500
    assert (made.state, small.value_minor, made.vouchers.count(), points(member)) == ("issued", 500, 0, 500)
    with pytest.raises(NotAvailable, match="What was delivered at once"):
        cancel_redemption(redemption=made, at=NOW, because=ASKED)
    assert_proven(world)


def test_books_are_moved_in_their_one_order_points_before_money(world: World) -> None:
    made = redeem(world, rich(world, 2000), "cash")
    moved = Journal.objects.filter(key=spend_key(made.uuid)).order_by("id")
    assert list(moved.values_list("book__unit", flat=True)) == ["points", "SGD"]


def notices(member: Member) -> list[tuple[str, Any]]:
    """What the member was told of redemptions."""
    found = Notice.objects.filter(member=member, kind="redemption_back").order_by("pk")
    return [(str(one.values["because"]), one.values["reward"]) for one in found]


def test_the_member_is_told_when_what_was_pending_is_there_and_only_then(world: World) -> None:
    demand(world, approve_from_points=200)
    ann, boss = rich(world), staff("boss")
    stock(world, "A-1")
    redeem(world, ann, "coffee")
    movie, top_up = redeem(world, ann, "movie"), redeem(world, ann, "top-up")
    approve(redemption=top_up, by=boss, at=NOW)  # it waits for the supplier now
    told = Notice.objects.filter(member=ann, kind="redemption_ready").order_by("pk")
    assert not told.exists()
    for _twice in range(2):
        deliver(redemption=top_up, cards=[], at=NOW)
    approve(redemption=movie, by=boss, at=NOW)
    assert [one.values["reward"] for one in told] == ["top-up", "movie"]
    words = in_words(member=ann, notices=told)
    assert [(one.title, one.receipt) for one in words] == [
        ("Ready for you: Top-up", str(top_up.uuid)), ("Ready for you: Movie", str(movie.uuid)),
    ]  # fmt: skip


def test_the_member_is_told_of_what_comes_back_unasked_and_only_of_that(world: World) -> None:
    ann = rich(world)
    failed, silent = redeem(world, ann, "top-up"), redeem(world, ann, "top-up")
    asked = redeem(world, ann, "coffee")
    stock(world, "A-1")
    demand(world, approve_from_points=200)
    held = redeem(world, ann, "movie")
    for _twice in range(2):
        give_up(redemption=failed, because=FAILED, at=NOW)
        give_up(redemption=silent, because=Redemption.Because.SILENT, at=NOW)
        cancel_redemption(redemption=asked, at=NOW, because=ASKED)
    reject(redemption=held, by=staff("boss"), at=NOW)
    assert notices(ann) == [("failed", "top-up"), ("silent", "top-up"), ("refused", "movie")]
    told = list(Notice.objects.filter(member=ann, kind="redemption_back").order_by("pk"))
    words = [one.body for one in in_words(member=ann, notices=told)]
    assert "Top-up could not be delivered. 300 points are in your wallet again" in words[0]
    assert "Movie was not approved. 200 points" in words[2]
    sent = OutboxMessage.objects.filter(topic="notice.told").values_list("payload", flat=True)
    assert {pk for message in sent for pk in message["notices"]} >= {one.pk for one in told}


def test_small_redemptions_that_add_up_wait_for_approval_like_a_large_one(world: World) -> None:
    demand(world, approve_from_points=300)
    member, boss = rich(world, 2000), staff("boss")
    one, two, three = (redeem(world, member, "coffee") for _turn in range(3))
    assert [(r.waits_for, r.unseen_points) for r in (one, two, three)] == [("", 0), ("", 0), ("approval", 200)]
    also = redeem(world, member, "coffee")  # what waits does not count besides: somebody looks at it
    assert (also.waits_for, also.unseen_points) == ("approval", 200)
    approve(redemption=three, by=boss, at=NOW)
    reject(redemption=also, by=boss, at=NOW)
    assert redeem(world, member, "twice").waits_for == ""  # neither does what was approved or rejected
    cancel_redemption(redemption=one, at=NOW, because=ASKED)
    assert redeem(world, member, "coffee").waits_for == ""
    assert redeem(world, member, "coffee").waits_for == "approval"
    other = rich(world, 1000, "bob")
    assert redeem(world, other, "coffee", quantity=2).waits_for == ""
    assert_proven(world)


def test_what_counts_together_lies_within_a_day_whatever_order_it_is_told_in(world: World) -> None:
    demand(world, approve_from_points=200)
    member = world.member(phone="+6591234567")
    give(world, 1000, at=ago(60))
    day = timedelta(hours=24)
    redeem(world, member, "coffee", happened_at=ago(20))
    moments = {ago(20) - day: "", ago(20) + day: "", ago(10): "", ago(10) - timedelta(hours=23): "approval"}
    assert {at: redeem(world, member, "coffee", happened_at=at).waits_for for at in moments} == moments


def test_the_program_says_how_long_small_ones_count_together(world: World) -> None:
    demand(world, approve_from_points=200, together_hours=0)
    member = world.member(phone="+6591234567")
    give(world, 1000, at=ago(60))
    assert [redeem(world, member, "coffee").waits_for for _time in range(3)] == ["", "", ""]
    assert redeem(world, member, "coffee", quantity=2).waits_for == "approval"
    demand(world, together_hours=3)
    assert redeem(world, member, "coffee", happened_at=ago(0.2)).waits_for == ""
    assert redeem(world, member, "coffee", happened_at=ago(0.1)).waits_for == "approval"


def test_supplier_orders_count_from_the_moment_the_points_are_taken(world: World) -> None:
    demand(world, approve_from_points=600)
    member = rich(world)
    first, second = redeem(world, member, "top-up"), redeem(world, member, "top-up")
    assert (first.waits_for, second.waits_for) == ("supplier", "approval")
    give_up(redemption=first, because=FAILED, at=NOW)
    assert redeem(world, member, "top-up").waits_for == "supplier"


def test_what_counts_together_is_found_along_an_index_of_its_own(world: World) -> None:
    demand(world, approve_from_points=10_000)
    member = rich(world, 5000)
    for _turn in range(40):
        redeem(world, member, "coffee")
    analyse("rewards_redemption")
    asked: dict[str, int | datetime] = {"member": member.pk, "program": world.program.pk, "near": NOW}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {DEMANDS}", asked)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "redemption_unseen" in plan
    assert demands_of(member, at=NOW).approval.unseen == 4000
