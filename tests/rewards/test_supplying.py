"""Suppliers that are slow, silent, confused or late: one order, or one refund, and the ledger adds up."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from core.models import OutboxMessage, User
from core.refusals import Invalid, NotAvailable, OutOfStock
from loyalty.display.notices import in_words
from loyalty.operations.erase import erase
from loyalty.operations.suppliers.simulator import Fault, Simulator
from members.models import Member, MemberIdentity, Notice
from members.selectors.locking import lock_members
from rewards import tasks
from rewards.models import Redemption, RedemptionPolicy, Reward, Supplier, SupplierOrder, Voucher
from rewards.models.suppliers import FOR_PEOPLE
from rewards.services import supplier_answers, supplying
from rewards.services.floats import ask_balances, note_balance
from rewards.services.pauses import pause, resume
from rewards.services.redemption_steps import approve
from rewards.services.redemptions import cancel_redemption
from rewards.services.settling import propose_settling, send_back, settle
from rewards.services.supplier_answers import Said
from rewards.services.supplying import place_orders, wake, work_next
from tests.campaigns.world import NOW, World
from tests.rewards.redeeming import assert_proven, points, redeem, rich, shop
from tests.rewards.suppliers import simulator, supplier_at
from tests.waiting import somebody_waits

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TAKEN = [fault for fault in Fault if fault.endswith("_after") and fault != Fault.ENDLESS_AFTER]


@dataclass
class Story:
    """A member with 1,000 points who took a card of a played supplier."""

    world: World
    member: Member
    played: Simulator
    supplier: Supplier

    def take(self, code: str = "coffee", quantity: int = 1) -> SupplierOrder:
        """Redeem, and place the order."""
        made = redeem(self.world, self.member, code, quantity)
        place_orders(redemptions=[made], at=NOW)
        return SupplierOrder.objects.get(redemption=made)

    def work(self, at: datetime = NOW, times: int = 1) -> SupplierOrder:
        """Work on what is due, each time it is."""
        worked = None
        for _ in range(times):
            worked = work_next(at=at)
            at = worked.order.next_at if worked and worked.order.next_at else at
        assert worked is not None
        return worked.order

    def ends(self, order: SupplierOrder, state: str, redemption: str, because: str, left: int, placed: int) -> None:
        """How it ended, for everybody."""
        order.refresh_from_db()
        made = Redemption.objects.get(pk=order.redemption_id)
        assert (order.state, made.state, made.because) == (state, redemption, because)
        assert (points(self.member, NOW + HOUR), len(self.played.placed)) == (left, placed)
        assert made.vouchers.count() == (made.quantity if redemption == "issued" else 0)
        assert_proven(self.world)

    def delivered(self, order: SupplierOrder) -> None:
        """Ordered once, and in the member's hands with the supplier's code."""
        self.ends(order, "delivered", "issued", "", 900, 1)
        (card,) = self.played.orders[order.po_number].cards
        (voucher,) = Voucher.objects.filter(redemption=order.redemption_id)
        assert (voucher.code, voucher.pin) == (card["code"], card["pin"])
        assert str(voucher.expires_on) == card["validity"]


def settled_by_two(order: SupplierOrder, at: datetime = NOW) -> None:
    """Finance proposes, and its approver confirms."""
    finance, approver = (User.objects.get_or_create(username=name)[0] for name in ("finance", "approver"))
    propose_settling(order=order, by=finance, note="They pay", at=at)
    settle(order=order, by=approver, at=at)


@pytest.fixture
def story(settings: Settings) -> Iterator[Story]:
    settings.SUPPLIER_SECONDS = 60.0
    world = shop()
    Reward.objects.filter(code="coffee").update(stock="supplier", supplier="cards", sku="coffee")
    with simulator() as played:
        supplier = supplier_at(played.url, program=world.program)
        supplier.save()
        yield Story(world, rich(world, phone="+6591234567"), played, supplier)


def test_an_order_that_is_answered_at_once_is_delivered_once(story: Story) -> None:
    order = story.take()
    story.delivered(story.work())
    assert work_next(at=NOW + HOUR) is None
    assert (order.po_number, story.played.calls) == (order.redemption.uuid.hex, ["token", "order"])
    order.refresh_from_db()
    assert (order.cost_minor, order.currency, order.number) == (1000, "SGD", f"V-{order.po_number[:8]}")


def test_what_a_supplier_has_delivered_cannot_be_cancelled(story: Story) -> None:
    order = story.take()
    story.work()
    with pytest.raises(NotAvailable, match="What a supplier has delivered cannot be taken back"):
        cancel_redemption(redemption=order.redemption, at=NOW, because=Redemption.Because.ASKED)
    story.delivered(order)


def test_placing_again_makes_no_second_order(story: Story) -> None:
    order = story.take()
    place_orders(redemptions=[order.redemption, order.redemption], at=NOW + HOUR)
    assert SupplierOrder.objects.count() == 1


@pytest.mark.parametrize("fault", TAKEN)
def test_an_order_that_was_taken_without_a_sound_answer_is_asked_about_and_not_sent_again(
    story: Story, settings: Settings, fault: Fault
) -> None:
    order = story.take()
    story.played.go_wrong("order", fault)
    settings.SUPPLIER_SECONDS = 2.0
    assert story.work().state == "sent"
    settings.SUPPLIER_SECONDS = 60.0
    story.work(NOW + timedelta(minutes=1))
    story.delivered(order)
    assert story.played.calls[-2:] == ["order", "status"]


def test_cards_that_have_lapsed_are_never_delivered(story: Story) -> None:
    order = story.take()
    story.played.go_wrong("order", Fault.LAPSED_AFTER)
    story.played.go_wrong("status", Fault.LAPSED_AFTER, 50)
    for minutes in range(0, 70, 10):
        story.work(NOW + timedelta(minutes=minutes))
    order.refresh_from_db()
    assert order.redemption.vouchers.count() == 0
    story.ends(order, "unclear", "cancelled", "silent", 1000, 1)


def test_each_card_is_good_as_long_as_it_says_or_else_as_the_reward_says(story: Story) -> None:
    story.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = story.take(quantity=3)
    story.work()
    cards = story.played.orders[order.po_number].cards
    cards[0]["validity"], cards[1]["validity"] = "2027-01-01", "2028-06-01"
    del cards[2]["validity"]
    story.played.release(order.po_number)
    story.work(NOW + timedelta(minutes=1))
    story.ends(order, "delivered", "issued", "", 700, 1)
    held = {(one.code, one.pin): str(one.expires_on) for one in order.redemption.vouchers.all()}
    as_the_reward_says = str(NOW.date() + timedelta(days=30))
    ends = ["2027-01-01", "2028-06-01", as_the_reward_says]
    assert held == {(card["code"], card["pin"]): end for card, end in zip(cards, ends, strict=True)}


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.SILENT, Fault.BUSY])
def test_an_order_that_was_not_taken_is_sent_again_under_the_same_number(
    story: Story, settings: Settings, fault: Fault
) -> None:
    order = story.take()
    story.played.go_wrong("token", Fault.ERROR)
    assert (story.work().state, len(story.played.calls)) == ("waiting", 1)
    story.played.go_wrong("order", fault)
    settings.SUPPLIER_SECONDS = 2.0
    story.work(NOW + timedelta(minutes=1))
    settings.SUPPLIER_SECONDS = 60.0
    story.work(NOW + timedelta(minutes=2))
    story.delivered(order)


def test_a_definite_no_gives_the_points_back(story: Story) -> None:
    story.take()
    story.played.go_wrong("order", Fault.REFUSED)
    order = story.work()
    story.ends(order, "refused", "cancelled", "failed", 1000, 0)
    assert (order.last_error, work_next(at=NOW + HOUR)) == ("HTTP 422 out_of_stock", None)


def test_an_order_that_takes_long_is_delivered_when_it_is_ready(story: Story) -> None:
    story.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = story.take()
    assert story.work(times=3).state == "sent"
    story.played.release(order.po_number)
    story.work(NOW + timedelta(minutes=5))
    story.delivered(order)


def test_silence_ends_in_a_refund_when_the_supplier_never_knew(story: Story) -> None:
    story.played.go_wrong("token", Fault.ERROR, 100)
    order = story.take()
    while order.next_at:
        at = order.next_at
        order = story.work(at)
    story.ends(order, "cancelled", "cancelled", "silent", 1000, 0)
    assert order.closed_at == NOW + HOUR
    assert order.attempts < 20


def test_what_still_runs_after_an_hour_is_cancelled_and_refunded(story: Story) -> None:
    Reward.objects.filter(code="coffee").update(sku="slow-coffee")
    order = story.take()
    story.work()
    story.work(NOW + HOUR)
    story.ends(order, "cancelled", "cancelled", "silent", 1000, 1)
    assert story.played.orders[order.po_number].cancelled


def test_what_became_ready_in_the_last_moment_is_delivered_and_not_refunded(story: Story) -> None:
    story.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = story.take()
    story.work()
    story.played.release(order.po_number)
    story.work(NOW + HOUR)
    story.delivered(order)


def test_a_delivery_after_the_refund_is_for_people_and_never_reaches_the_member(story: Story) -> None:
    story.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = story.take()
    story.work()
    story.work(NOW + HOUR)
    story.ends(order, "unclear", "cancelled", "silent", 1000, 1)
    story.work(NOW + 2 * HOUR)
    story.ends(order, "unclear", "cancelled", "silent", 1000, 1)
    story.played.release(order.po_number)
    story.work(NOW + 3 * HOUR)
    story.ends(order, "late", "cancelled", "silent", 1000, 1)
    order.refresh_from_db()
    assert (order.cost_minor, order.next_at) == (1000, None)
    assert [one.payload["order"] for one in OutboxMessage.objects.filter(topic="order.waits")] == [order.pk]
    told_at = order.closed_at
    settled_by_two(order)
    story.ends(order, "settled", "cancelled", "silent", 1000, 1)
    assert order.closed_at == told_at  # the day on which statements have it
    with pytest.raises(NotAvailable):
        settled_by_two(order)


def test_an_unclear_order_is_looked_after_for_a_week(story: Story) -> None:
    story.played.go_wrong("order", Fault.DROP_AFTER)
    story.take()
    order = story.work()
    story.played.go_wrong("status", Fault.ERROR, 200)
    story.played.go_wrong("cancel", Fault.ERROR, 200)
    order = story.work(NOW + HOUR)
    assert order.state == "unclear"
    order = story.work(NOW + HOUR + timedelta(days=7))
    assert (order.state, order.next_at) == ("unclear", None)


def test_a_cancelled_order_that_is_delivered_nevertheless_is_for_people(story: Story) -> None:
    Reward.objects.filter(code="coffee").update(sku="slow-coffee")
    order = story.take()
    story.work()
    story.work(NOW + HOUR)
    story.played.orders[order.po_number].cancelled = False
    story.played.orders[order.po_number].ready_at = 0
    assert wake(orders=SupplierOrder.objects.filter(pk=order.pk), at=NOW + 2 * HOUR) == 1
    story.work(NOW + 2 * HOUR)
    story.ends(order, "late", "cancelled", "silent", 1000, 1)


def test_codes_that_were_given_before_are_no_codes(story: Story) -> None:
    story.take()
    first = story.work()
    story.played.go_wrong("order", Fault.SAME_CODES)
    order = story.take()
    story.work()
    order.refresh_from_db()
    assert (order.state, order.last_error) == ("sent", "codes that were given before")
    story.work(NOW + HOUR)
    story.ends(order, "unclear", "cancelled", "silent", 900, 2)
    assert first.state == "delivered"


def test_a_worker_that_dies_after_sending_leaves_an_order_that_is_asked_about(story: Story) -> None:
    order = story.take()

    class Killed(BaseException):
        pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rewards.services.supplying._write", lambda *_args: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            work_next(at=NOW)
    assert (work_next(at=NOW + timedelta(minutes=1)), len(story.played.placed)) == (None, 1)
    story.work(NOW + timedelta(minutes=3))
    story.delivered(order)


def test_a_worker_that_is_late_does_not_unsay_what_another_has_sent(story: Story) -> None:
    order = story.take()
    late = supplying._take_up(NOW, ())
    assert late is not None
    story.played.go_wrong("order", Fault.DROP_AFTER)
    story.work(NOW + timedelta(minutes=3))
    supplying._write(late, Said(late.act, reached=False, error="ConnectError"), NOW + timedelta(minutes=4))
    story.work(NOW + HOUR)
    story.delivered(order)


def test_an_order_that_arrives_after_a_later_no_is_found_and_is_for_people(story: Story, settings: Settings) -> None:
    order = story.take()
    story.played.go_wrong("order", Fault.SILENT)
    settings.SUPPLIER_SECONDS = 2.0
    story.work()
    settings.SUPPLIER_SECONDS = 60.0
    story.played.go_wrong("order", Fault.REFUSED)
    story.work(NOW + timedelta(minutes=1))
    story.ends(order, "refused", "cancelled", "failed", 1000, 0)
    story.played.order(order.po_number, "coffee", 1, (Decimal(10), "SGD"), None)  # on its way since the silence
    story.work(NOW + 2 * HOUR)
    story.ends(order, "late", "cancelled", "failed", 1000, 1)
    assert (order.last_error, order.next_at) == ("HTTP 422 out_of_stock", None)


def test_an_order_that_nobody_knew_is_looked_at_once_more(story: Story) -> None:
    story.played.go_wrong("order", Fault.ERROR)
    story.take()
    story.work()
    order = story.work(NOW + HOUR)
    story.ends(order, "cancelled", "cancelled", "silent", 1000, 0)
    assert order.next_at == NOW + 2 * HOUR
    assert story.work(NOW + 2 * HOUR).next_at is None
    story.ends(order, "cancelled", "cancelled", "silent", 1000, 0)


def test_an_answer_that_comes_twice_is_written_once(story: Story) -> None:
    order = story.take()
    story.work()
    assert wake(orders=SupplierOrder.objects.filter(pk=order.pk), at=NOW) == 0
    SupplierOrder.objects.filter(pk=order.pk).update(next_at=NOW)
    story.work()
    story.delivered(order)


def test_a_paused_supplier_is_asked_nothing_and_what_was_ordered_waits(story: Story) -> None:
    order = story.take()
    pause(supplier=story.supplier, because="Their system moves")
    assert work_next(at=NOW + 5 * HOUR) is None
    with pytest.raises(NotAvailable):
        redeem(story.world, story.member, "coffee")
    resume(supplier=story.supplier, at=NOW + 5 * HOUR)
    story.work(NOW + 5 * HOUR)
    story.delivered(order)


@pytest.mark.parametrize("code", ["coffee", "top-up"])
def test_a_supplier_whose_secret_no_key_opens_is_paused_and_nothing_is_lost(story: Story, code: str) -> None:
    Supplier.objects.filter(code="telco").delete()
    supplier_at(story.played.url, "topups", code="telco", program=story.world.program).save()
    secrets = dict(Supplier.objects.values_list("pk", "secret"))
    Supplier.objects.update(secret=b"kept with a key that is lost")
    order = story.take(code)
    told = OutboxMessage.objects.filter(topic="supplier.locked")
    for hours in range(3):  # also when its time to answer is over
        work_next(at=NOW + hours * HOUR)
        order.refresh_from_db()
        assert (order.state, order.sent_at, order.supplier.paused, told.count()) == ("waiting", None, True, 1)
    assert (story.played.calls, points(story.member) < 1000) == ([], True)
    Supplier.objects.filter(pk=order.supplier_id).update(secret=secrets[order.supplier_id])
    resume(supplier=order.supplier, at=NOW + 3 * HOUR)
    story.work(NOW + 3 * HOUR)
    order.refresh_from_db()
    assert (order.state, len(story.played.placed)) == ("delivered", 1)
    assert_proven(story.world)


def test_asking_for_the_float_finds_a_secret_that_no_key_opens(story: Story) -> None:
    Supplier.objects.filter(code="telco").delete()
    Supplier.objects.update(secret=b"kept with a key that is lost")
    for hours in range(2):
        assert ask_balances(at=NOW + hours * HOUR) == 0
    assert OutboxMessage.objects.filter(topic="supplier.locked").count() == 1
    assert (
        Supplier.objects.get().paused_because
        == "Its secret cannot be read any more: enter it again, then end the pause."
    )


def test_a_supplier_that_does_not_exist_sells_nothing_and_refunds_what_was_sold(story: Story) -> None:
    made = redeem(story.world, story.member, "coffee")
    Supplier.objects.filter(pk=story.supplier.pk).update(code="gone")
    place_orders(redemptions=[made], at=NOW)
    made.refresh_from_db()
    assert (made.state, made.because, points(story.member)) == ("cancelled", "failed", 1000)
    with pytest.raises(NotAvailable):
        redeem(story.world, story.member, "coffee")
    assert_proven(story.world)


@pytest.fixture
def topped(story: Story) -> Story:
    """The same, with a supplier of top-ups that is played as well."""
    Supplier.objects.filter(code="telco").delete()
    supplier_at(story.played.url, "topups", code="telco", program=story.world.program).save()
    return story


def test_a_top_up_goes_to_the_members_number_and_brings_a_receipt(topped: Story) -> None:
    story, order = topped, topped.take("top-up")
    story.work()
    order.refresh_from_db()
    made = Redemption.objects.get(pk=order.redemption_id)
    assert (order.state, made.state, made.vouchers.count()) == ("delivered", "issued", 0)
    assert (order.number, order.cost_minor) == (f"R-{order.po_number[:10].upper()}", 500)
    assert_proven(story.world)


def test_a_top_up_that_the_supplier_still_works_on_is_never_refunded_and_reaches_the_member_once(topped: Story) -> None:
    story, told = topped, OutboxMessage.objects.filter(topic="order.waits")
    story.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = story.take("top-up")
    story.work()
    assert told.count() == 0
    for hours in (1, 2, 30):  # past its time to answer it is asked on, and people hear of it once
        at = NOW + hours * HOUR
        worked = story.work(at)
        assert (worked.state, worked.overdue_since, worked.next_at and worked.next_at > at) == (
            "sent",
            NOW + HOUR,
            True,
        )
        assert [one.payload["order"] for one in told] == [order.pk]
        story.ends(order, "sent", "pending", "", 700, 1)
    story.played.release(order.po_number)
    story.work(NOW + 31 * HOUR)
    order.refresh_from_db()
    made = Redemption.objects.get(pk=order.redemption_id)
    assert (order.state, order.overdue_since, made.state, points(story.member)) == ("delivered", None, "issued", 700)
    assert_proven(story.world)


def test_a_top_up_that_fails_after_its_time_gives_the_points_back(topped: Story) -> None:
    topped.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = topped.take("top-up")
    topped.work()
    topped.work(NOW + HOUR)
    topped.played.orders[order.po_number].cancelled = True
    topped.work(NOW + 2 * HOUR)
    topped.ends(order, "cancelled", "cancelled", "failed", 1000, 1)


def test_a_top_up_is_refunded_when_its_supplier_has_said_nothing_for_all_of_its_minutes(topped: Story) -> None:
    topped.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = topped.take("top-up")
    topped.work()
    topped.work(NOW + HOUR)  # it works on it
    topped.played.go_wrong("status", Fault.ERROR, 50)
    topped.work(NOW + HOUR + timedelta(minutes=59))
    topped.ends(order, "sent", "pending", "", 700, 1)
    topped.work(NOW + 2 * HOUR)
    topped.ends(order, "unclear", "cancelled", "silent", 1000, 1)


def test_two_people_end_a_top_up_that_is_never_delivered_and_a_late_success_is_found(topped: Story) -> None:
    topped.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = topped.take("top-up")
    topped.work()
    topped.work(NOW + HOUR)
    settled_by_two(order, NOW + 2 * HOUR)
    topped.ends(order, "cancelled", "cancelled", "failed", 1000, 1)
    topped.played.release(order.po_number)
    topped.work(NOW + 3 * HOUR)
    topped.ends(order, "late", "cancelled", "failed", 1000, 1)
    settled_by_two(order, NOW + 4 * HOUR)
    topped.ends(order, "settled", "cancelled", "failed", 1000, 1)


def test_what_waits_for_people_is_settled_with_a_reason_and_by_two(topped: Story) -> None:
    order, at = topped.take("top-up"), NOW + HOUR
    first, second = (User.objects.create(username=name) for name in ("first", "second"))
    SupplierOrder.objects.update(state="sent", sent_at=NOW)
    with pytest.raises(NotAvailable):  # it does not wait for people
        propose_settling(order=order, by=first, note="They pay", at=at)
    SupplierOrder.objects.update(state="late", closed_at=NOW, next_at=None)
    with pytest.raises(NotAvailable):  # nobody proposed it
        settle(order=order, by=first, at=at)
    for note in ("", " ", "x" * 501, "a\nb"):
        with pytest.raises(Invalid):
            propose_settling(order=order, by=first, note=note, at=at)
    propose_settling(order=order, by=first, note="They pay", at=at)
    with pytest.raises(NotAvailable):
        propose_settling(order=order, by=second, note="We pay", at=at)
    with pytest.raises(Invalid):
        settle(order=order, by=first, at=at)
    send_back(order=order, by=second)
    order.refresh_from_db()
    assert (order.state, order.proposed_by, order.note) == ("late", None, "They pay")
    propose_settling(order=order, by=second, note="We pay", at=at)
    settle(order=order, by=first, at=at)
    order.refresh_from_db()
    assert (order.state, order.note, order.proposed_by, order.confirmed_by) == ("settled", "We pay", second, first)


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("code", ["coffee", "top-up"])
def test_two_people_give_up_what_was_never_sent_paused_or_not(topped: Story, code: str, *, paused: bool) -> None:
    order, at = topped.take(code), NOW + timedelta(minutes=1)
    if paused:
        pause(supplier=order.supplier, because="Bankrupt")
    first, second = (User.objects.create(username=name) for name in ("first", "second"))
    propose_settling(order=order, by=first, note="It is bankrupt", at=at)
    with pytest.raises(Invalid):
        settle(order=order, by=first, at=at)
    assert list(SupplierOrder.objects.filter(FOR_PEOPLE)) == [order]
    settle(order=order, by=second, at=at)
    topped.ends(order, "cancelled", "cancelled", "failed", 1000, 0)
    order.refresh_from_db()
    assert (order.note, order.proposed_by, order.confirmed_by, order.next_at) == ("It is bankrupt", first, second, None)
    assert (work_next(at=NOW + 2 * HOUR), topped.played.calls) == (None, [])
    assert not SupplierOrder.objects.filter(FOR_PEOPLE).exists()
    with pytest.raises(NotAvailable):
        settle(order=order, by=second, at=at)


def test_what_somebody_proposes_to_give_up_is_not_sent_until_it_is_sent_back(story: Story) -> None:
    order = story.take()
    first, second = (User.objects.create(username=name) for name in ("first", "second"))
    propose_settling(order=order, by=first, note="Nobody wants it", at=NOW)
    assert (story.work().state, story.played.calls, work_next(at=NOW)) == ("waiting", [], None)
    send_back(order=order, by=second)
    story.work(NOW + timedelta(minutes=1))
    story.delivered(order)


def test_what_nobody_confirms_to_give_up_gives_the_points_back_when_its_time_is_over(story: Story) -> None:
    order = story.take()
    propose_settling(order=order, by=User.objects.create(username="one"), note="Nobody wants it", at=NOW)
    story.work(NOW + HOUR)
    story.ends(order, "cancelled", "cancelled", "silent", 1000, 0)
    order.refresh_from_db()
    assert (order.proposed_by, story.played.calls) == (None, [])


def test_what_was_sent_is_not_given_up_by_people(story: Story) -> None:
    story.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = story.take()
    story.work()
    pause(supplier=story.supplier, because="Bankrupt")
    with pytest.raises(NotAvailable, match="does not wait for people"):
        propose_settling(order=order, by=User.objects.create(username="one"), note="Bankrupt", at=NOW + HOUR)
    story.ends(order, "sent", "pending", "", 900, 1)


def test_nobody_settles_in_the_database_what_two_people_did_not(topped: Story) -> None:
    topped.take("top-up")
    SupplierOrder.objects.update(state="sent")
    SupplierOrder.objects.update(state="late", closed_at=NOW, next_at=None)
    one = User.objects.create(username="one")
    for people in ({}, {"proposed_by": one}, {"proposed_by": one, "confirmed_by": one}):
        with pytest.raises(IntegrityError, match="supplier_order_is_settled_by_two"), transaction.atomic():
            SupplierOrder.objects.update(state="settled", **people)


def test_what_was_proposed_about_an_order_falls_when_it_becomes_something_else(story: Story) -> None:
    story.played.go_wrong("order", Fault.STAYS_PROCESSING)
    order = story.take()
    story.work()
    story.work(NOW + HOUR)
    propose_settling(order=order, by=User.objects.create(username="one"), note="Nothing came", at=NOW + HOUR)
    story.played.release(order.po_number)
    story.work(NOW + 2 * HOUR)
    order.refresh_from_db()
    assert (order.state, order.proposed_by) == ("late", None)


# -- what the points were taken for -----------------------------------------------------------------


def change_number(story: Story, number: str) -> None:
    MemberIdentity.objects.filter(member=story.member).update(phone=number)


def test_a_number_that_changed_before_the_top_up_was_sent_gets_nothing_and_the_points_come_back(topped: Story) -> None:
    order = topped.take("top-up")
    change_number(topped, "+6599999999")
    topped.work()
    topped.ends(order, "refused", "cancelled", "number", 1000, 0)
    (notice,) = Notice.objects.filter(member=topped.member, kind="redemption_back")
    assert "phone number has changed" in in_words(member=topped.member, notices=[notice])[0].body


def test_a_number_that_changed_while_somebody_approved_gets_nothing_either(topped: Story) -> None:
    RedemptionPolicy.objects.filter(program=topped.world.program).update(approve_from_points=100)
    made = redeem(topped.world, topped.member, "top-up")
    change_number(topped, "+6599999999")
    made = approve(redemption=made, by=User.objects.create(username="approver"), at=NOW)
    place_orders(redemptions=[made], at=NOW)
    topped.work()
    topped.ends(SupplierOrder.objects.get(), "refused", "cancelled", "number", 1000, 0)


def test_a_top_up_that_was_sent_is_sent_again_to_the_same_number(topped: Story, settings: Settings) -> None:
    order = topped.take("top-up")
    topped.played.go_wrong("order", Fault.SILENT)
    settings.SUPPLIER_SECONDS = 2.0
    topped.work()
    settings.SUPPLIER_SECONDS = 60.0
    change_number(topped, "+6599999999")
    topped.work(NOW + timedelta(minutes=1))
    order.refresh_from_db()
    assert (order.state, topped.played.orders[order.po_number].phone) == ("delivered", "+6591234567")


def test_supplier_and_sku_are_those_for_which_the_points_were_taken(story: Story) -> None:
    RedemptionPolicy.objects.filter(program=story.world.program).update(approve_from_points=100)
    made = redeem(story.world, story.member, "coffee")
    Reward.objects.filter(code="coffee").update(supplier="telco", sku="gold")
    made = approve(redemption=made, by=User.objects.create(username="approver"), at=NOW)
    place_orders(redemptions=[made], at=NOW)
    order = SupplierOrder.objects.get()
    story.played.go_wrong("token", Fault.ERROR)
    story.work()
    Reward.objects.filter(code="coffee").update(sku="silver")
    story.work(NOW + timedelta(minutes=1))
    story.delivered(order)
    assert (order.supplier, story.played.orders[order.po_number].sku) == (story.supplier, "coffee")


def test_erasure_forgets_the_number_and_what_was_said_of_an_order(topped: Story) -> None:
    order = topped.take("top-up")
    SupplierOrder.objects.update(last_error="HTTP 422 ann", note="Ann called")
    made = Redemption.objects.get(pk=order.redemption_id)
    assert (made.number, b"6591234567" in bytes(made.phone or b"")) == ("+6591234567", False)
    erase(program=topped.world.program, reference="ann", at=NOW)
    order.refresh_from_db()
    assert (order.redemption.phone, order.last_error, order.note) == (None, "", "")


# -- erased members ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["coffee", "top-up"])
@pytest.mark.parametrize("paused", [False, True])
def test_what_was_not_sent_is_given_up_when_its_member_is_erased(topped: Story, code: str, *, paused: bool) -> None:
    order = topped.take(code)
    if paused:
        pause(supplier=order.supplier, because="They move")
    erase(program=topped.world.program, reference="ann", at=NOW)
    topped.ends(order, "cancelled", "cancelled", "asked", 1000, 0)
    assert (work_next(at=NOW + HOUR), topped.played.calls) == (None, [])


def test_what_is_placed_after_the_erasure_is_given_up_and_not_sent(story: Story) -> None:
    made = redeem(story.world, story.member, "coffee")
    erase(program=story.world.program, reference="ann", at=NOW)
    place_orders(redemptions=[made], at=NOW)
    story.work()
    story.ends(SupplierOrder.objects.get(), "cancelled", "cancelled", "asked", 1000, 0)
    assert story.played.calls == []


def test_what_was_on_its_way_when_the_member_was_erased_is_not_sent_again(story: Story) -> None:
    order = story.take()
    assert supplying._take_up(NOW, ()) is not None  # and its worker dies
    erase(program=story.world.program, reference="ann", at=NOW)
    story.ends(order, "sent", "pending", "", 900, 0)
    story.work(NOW + timedelta(minutes=3))
    story.ends(order, "cancelled", "cancelled", "asked", 1000, 0)
    story.played.order(order.po_number, "coffee", 1, (Decimal(10), "SGD"), None)  # the worker was only slow
    story.work(NOW + 2 * HOUR)
    story.ends(order, "late", "cancelled", "asked", 1000, 1)


def test_what_was_not_taken_when_the_member_was_erased_is_given_up(story: Story) -> None:
    order = story.take()
    step = supplying._take_up(NOW, ())
    assert step is not None
    erase(program=story.world.program, reference="ann", at=NOW)
    supplying._write(step, Said(step.act, reached=False, error="ConnectError"), NOW)
    assert story.work(NOW + timedelta(minutes=1)).state == "cancelled"
    story.ends(order, "cancelled", "cancelled", "asked", 1000, 0)


def test_what_was_taken_before_the_member_was_erased_goes_on_and_is_void(story: Story, settings: Settings) -> None:
    order = story.take()
    story.played.go_wrong("order", Fault.SILENT_AFTER)
    settings.SUPPLIER_SECONDS = 2.0
    story.work()
    settings.SUPPLIER_SECONDS = 60.0
    erase(program=story.world.program, reference="ann", at=NOW)
    story.work(NOW + timedelta(minutes=1))
    story.ends(order, "delivered", "issued", "", 900, 1)
    assert Voucher.objects.get(redemption=order.redemption_id).state == "void"


# -- frozen members ---------------------------------------------------------------------------------


def test_what_was_not_sent_waits_until_a_freeze_ends(story: Story) -> None:
    order = story.take()
    Member.objects.filter(pk=story.member.pk).update(status="frozen")
    assert (story.work().state, story.played.calls, work_next(at=NOW)) == ("waiting", [], None)
    Member.objects.filter(pk=story.member.pk).update(status="active")
    story.work(NOW + timedelta(minutes=1))
    story.delivered(order)


def test_what_was_not_sent_to_a_frozen_member_in_its_time_gives_the_points_back(story: Story) -> None:
    order = story.take()
    Member.objects.filter(pk=story.member.pk).update(status="frozen")
    story.work(NOW + timedelta(minutes=59, seconds=30))
    order.refresh_from_db()
    assert order.next_at == NOW + HOUR
    story.work(NOW + HOUR)
    story.ends(order, "cancelled", "cancelled", "silent", 1000, 0)
    assert story.played.calls == []


def freeze(story: Story, status: str = "frozen") -> None:
    Member.objects.filter(pk=story.member.pk).update(status=status)


def left_unsent(story: Story) -> SupplierOrder:
    """An order whose worker died before it sent; the member was frozen meanwhile, and the supplier knows nothing."""
    order = story.take()
    assert supplying._take_up(NOW, ()) is not None
    freeze(story)
    held = story.work(NOW + timedelta(minutes=3))
    assert (held.state, held.last_error, story.played.placed) == ("waiting", "", [])
    return order


def test_what_its_dead_worker_had_not_sent_waits_too_until_a_freeze_ends(story: Story) -> None:
    order = left_unsent(story)
    asked = len(story.played.calls)
    assert story.work(NOW + timedelta(minutes=4)).state == "waiting"
    assert len(story.played.calls) == asked
    freeze(story, "active")
    story.work(NOW + timedelta(minutes=5))
    story.delivered(order)


def test_what_its_dead_worker_had_not_sent_gives_the_points_back_in_its_time(story: Story) -> None:
    order = left_unsent(story)
    story.work(NOW + HOUR)
    story.ends(order, "cancelled", "cancelled", "silent", 1000, 0)
    assert order.next_at is not None  # what was on its way may arrive there


def test_what_its_dead_worker_had_not_sent_two_people_give_up(story: Story) -> None:
    order = left_unsent(story)
    settled_by_two(order, NOW + timedelta(minutes=4))
    story.ends(order, "cancelled", "cancelled", "failed", 1000, 0)
    assert story.work(NOW + 2 * HOUR).state == "cancelled"  # looked at once more, and never sent
    story.ends(order, "cancelled", "cancelled", "failed", 1000, 0)


@pytest.mark.parametrize("died", [False, True])
def test_nothing_is_sent_for_a_member_who_is_frozen_in_the_moment_before_that(story: Story, *, died: bool) -> None:
    order = story.take()
    if died:
        supplying._take_up(NOW, ())
    at = NOW + timedelta(minutes=3)
    step = supplying._take_up(at, ())
    assert step is not None
    freeze(story)
    supplying._write(step, supplier_answers.ask(step, at), at)
    order.refresh_from_db()
    assert (order.state, order.sent_at is None, story.played.placed) == ("waiting", not died, [])
    freeze(story, "active")
    story.work(at + timedelta(minutes=1))
    story.delivered(order)


def test_nothing_is_sent_for_a_member_who_is_erased_in_the_moment_before_that(story: Story) -> None:
    order = story.take()
    step = supplying._take_up(NOW, ())
    assert step is not None
    erase(program=story.world.program, reference="ann", at=NOW)
    supplying._write(step, supplier_answers.ask(step, NOW), NOW)
    story.ends(order, "cancelled", "cancelled", "asked", 1000, 0)
    assert story.played.calls == []


# -- floats -----------------------------------------------------------------------------------------


def test_people_are_told_once_each_time_a_float_runs_low(story: Story) -> None:
    Supplier.objects.filter(pk=story.supplier.pk).update(low_minor=100_000)
    for minor in (100_000, 99_999, 50, 200_000, 70):
        note_balance(supplier=story.supplier, minor=minor, at=NOW)
    told = OutboxMessage.objects.filter(topic="supplier.low").order_by("pk").values_list("payload", flat=True)
    assert [one["left"] for one in told] == ["999.99", "0.70"]


def test_a_float_that_is_used_up_sells_nothing(story: Story) -> None:
    assert ask_balances(at=NOW) == 1
    story.supplier.refresh_from_db()
    assert (story.supplier.balance_minor, ask_balances(at=NOW + timedelta(minutes=9))) == (500_000, 0)
    note_balance(supplier=story.supplier, minor=0, at=NOW)
    with pytest.raises(OutOfStock):
        redeem(story.world, story.member, "coffee")
    note_balance(supplier=story.supplier, minor=1, at=NOW)
    redeem(story.world, story.member, "coffee")


# -- through broker and database ----------------------------------------------------------------------


def test_a_redemption_is_ordered_through_the_outbox(
    story: Story, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    redeem(story.world, story.member, "coffee")
    (message,) = OutboxMessage.objects.filter(topic="redemption.ordered")
    with django_capture_on_commit_callbacks() as callbacks:
        for _time in range(2):
            tasks.place_orders([message.pk])
    tasks.work_orders()
    assert len(callbacks) == 1
    story.delivered(SupplierOrder.objects.get())


def test_an_order_whose_message_was_lost_is_placed_all_the_same(story: Story) -> None:
    lost = redeem(story.world, story.member, "coffee")
    OutboxMessage.objects.all().delete()
    tasks.place_missed_orders()
    assert not SupplierOrder.objects.exists()  # its message may be on its way
    Redemption.objects.update(recorded_at=timezone.now() - timedelta(minutes=6))
    for _time in range(2):
        tasks.place_missed_orders()
    tasks.work_orders()
    (order,) = SupplierOrder.objects.all()
    assert order.redemption_id == lost.pk
    story.delivered(order)


def test_an_order_that_cannot_be_worked_on_holds_up_no_other(story: Story) -> None:
    broken, sound = story.take("top-up"), story.take()
    SupplierOrder.objects.update(created_at=timezone.now())
    ask = supplier_answers.ask
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(supplying, "ask", lambda step, at: ask(step, at) if step.order.pk != broken.pk else 1 / 0)
        with pytest.raises(ExceptionGroup):
            tasks.work_orders()
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, sound.state, len(story.played.placed)) == ("sent", "delivered", 1)


def worked_in_a_round(patch: pytest.MonkeyPatch, *orders: SupplierOrder) -> list[tuple[str, int]]:
    """Where orders stand after a round, and how often each was tried."""
    patch.setattr("rewards.tasks.timezone.now", lambda: NOW)
    tasks.work_orders()
    return [
        (one.state, one.attempts)
        for one in SupplierOrder.objects.filter(pk__in=[made.pk for made in orders]).order_by("pk")
    ]


def test_a_definite_no_to_one_order_holds_up_no_other(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [story.take() for _ in range(3)]
    story.played.go_wrong("order", Fault.REFUSED)
    assert worked_in_a_round(monkeypatch, *orders) == [("refused", 1), ("delivered", 1), ("delivered", 1)]
    assert_proven(story.world)


def test_a_number_that_changed_holds_up_no_other_order(topped: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = topped.take("top-up")
    change_number(topped, "+6599999999")
    assert worked_in_a_round(monkeypatch, moved, topped.take("top-up")) == [("refused", 1), ("delivered", 1)]
    assert_proven(topped.world)


@pytest.mark.parametrize(("fault", "state"), [(Fault.ERROR, "sent"), (Fault.BUSY, "waiting")])
def test_a_supplier_in_trouble_is_left_alone_for_the_round(
    story: Story, monkeypatch: pytest.MonkeyPatch, fault: Fault, state: str
) -> None:
    orders = [story.take(), story.take()]
    story.played.go_wrong("order", fault)
    assert worked_in_a_round(monkeypatch, *orders) == [(state, 1), ("waiting", 0)]


@pytest.mark.django_db(transaction=True)
def test_members_whose_supplier_does_not_exist_are_held_in_their_order_before_any_account(story: Story) -> None:
    other = rich(story.world, external_id="bob", phone="+6591234568")
    made = [redeem(story.world, member, "coffee") for member in (other, story.member)]
    assert other.pk > story.member.pk
    Supplier.objects.filter(pk=story.supplier.pk).update(code="gone")

    def place() -> None:
        try:
            with transaction.atomic():
                place_orders(redemptions=made, at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_members([story.member.pk])
            placing = pool.submit(place)
            wait_until_somebody_waits()
            assert Member.objects.filter(pk=other.pk).select_for_update(no_key=True, skip_locked=True).exists()
        placing.result()
    assert [points(member) for member in (other, story.member)] == [1000, 1000]
    assert_proven(story.world)


def wait_until_somebody_waits() -> None:
    """Until another connection waits for a lock; on a busy machine it takes a while to come that far."""
    give_up = time.monotonic() + 60
    while not somebody_waits():
        assert time.monotonic() < give_up, "nobody waits"
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_order_once(story: Story) -> None:
    orders = [story.take() for _ in range(3)]

    def work(_number: int) -> None:
        try:
            while work_next(at=NOW):
                pass
            assert not transaction.get_connection().in_atomic_block
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(story.played.placed) == sorted(order.po_number for order in orders)
    assert Redemption.objects.filter(state="issued").count() == 3
    assert_proven(story.world)
