"""Redeeming in the portal: once, whatever is tapped twice or lost; receipts, taking back, vouchers at the till."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from ledger.selectors.proofs import prove
from loyalty.display import formats
from members.models import Member
from rewards.models import Delivery, Redemption, RedemptionPolicy, Reward, Supplier, Voucher
from rewards.models.codes import decrypted
from rewards.rules.codes import grouped
from rewards.rules.supplying import Card
from rewards.services.redemption_steps import deliver, give_up
from rewards.services.stock import stock_codes
from tests.campaigns.test_rewards import use
from tests.campaigns.world import everyday
from tests.loyalty.portal import Visitor, hooked, visit
from tests.rewards.catalogue import catalogue_world, reward

pytestmark = pytest.mark.django_db
CARD = [{"value": "10.00", "currency": "SGD", "points": 100}, {"value": "50.00", "currency": "SGD", "points": 480}]
REWARDS = [
    reward("coffee", "Coffee", points=100, valid_days=30),
    reward("card", "Card", denominations=CARD, kind="gift_card"),
    reward("last", "Last", points=100, stock="codes"),
    reward("top-up", "Top-up", points=100, stock={"supplier": "telco", "sku": "T5"}),
    reward("dear", "Dear", points=5000),
]
MOST_QUERIES = 12


@pytest.fixture
def ann() -> Visitor:
    world = catalogue_world(*REWARDS, campaigns=[everyday()])
    known = {"name": "Telco", "adapter": "topups", "base_url": "http://127.0.0.1:9", "currency": "SGD"}
    Supplier.objects.create(program=world.program, code="telco", **known)
    visitor = visit(world, world.member("ann", phone="+6591234567"))
    now = timezone.now()
    world.send(world.event("500.00", time=now.isoformat()), at=now)
    return visitor


def form(visitor: Visitor, code: str, **asked: Any) -> dict[str, str]:
    """What the question before it counts would send."""
    page = visitor.get(f"rewards/{code}/redeem/", **asked)
    return dict(re.findall(r'<input type="hidden" name="(name|quantity|points|value)" value="([^"]*)"', page))


def send(visitor: Visitor, code: str, sent: dict[str, str]) -> Any:
    return visitor.client.post(f"/p/{visitor.world.program.code}/rewards/{code}/redeem/", sent)


def redeem(visitor: Visitor, code: str, **asked: Any) -> str:
    """Redeem as people do; the address of the receipt, in the portal."""
    answer = send(visitor, code, form(visitor, code, **asked))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"]).split("/", 3)[3]


def shown_day(day: date) -> str:
    """A day as it is read on a page."""
    return formats.day(day).replace("\N{NO-BREAK SPACE}", " ")


def points(visitor: Visitor) -> str:
    return hooked(visitor.get("activity/"), "balance")[0]


def test_a_reward_is_redeemed_after_one_more_look_at_price_and_rest(ann: Visitor) -> None:
    question = ann.text("rewards/coffee/redeem/", quantity="2")
    for said in ("Is this right?", "200 points", "300 points", "2 pieces", "Its code is yours at once"):
        assert said in question
    receipt = redeem(ann, "coffee", quantity="2")
    page, text = ann.get(receipt), ann.text(receipt)
    assert page.count('data-test="voucher"') == Voucher.objects.count() == 2
    assert "It’s yours" in text
    assert points(ann) == "300"
    row = Redemption.objects.get()
    assert (row.points, row.quantity, row.channel) == (200, 2, "portal")
    assert row.asked_by is not None
    assert prove(program=ann.world.program).ok


def test_the_end_that_is_promised_is_that_of_the_codes_where_it_comes_first(ann: Visitor) -> None:
    last = Reward.objects.get(code="last")
    stock_codes(reward=last, codes=["P-1", "P-2", "P-3"])
    assert "Valid until Does not expire" in ann.text("rewards/last/redeem/")
    today = timezone.localdate(timezone=ZoneInfo("Asia/Singapore"))
    far, near = today + timedelta(days=40), today + timedelta(days=10)
    for voucher, end in zip(Voucher.objects.order_by("pk"), (far, near, None), strict=True):
        Voucher.objects.filter(pk=voucher.pk).update(expires_on=end)
    for quantity, end in (("1", far), ("2", near), ("3", near)):
        assert f"Valid until {shown_day(end)} " in ann.text("rewards/last/redeem/", quantity=quantity)
    Reward.objects.filter(code="last").update(valid_days=30)
    assert f"Valid until {shown_day(today + timedelta(days=30))} " in ann.text("rewards/last/")
    assert "or less if the code ends sooner" in ann.text("rewards/last/")
    assert f"Valid until {shown_day(near)} " in ann.text("rewards/last/redeem/", quantity="2")
    redeem(ann, "last", quantity="2")
    ends = set(Voucher.objects.filter(state="ready").values_list("expires_on", flat=True))
    assert ends == {near, today + timedelta(days=30)}


def test_a_value_that_is_sold_out_is_shown_and_cannot_be_chosen(ann: Visitor) -> None:
    Reward.objects.filter(code="card").update(stock="codes")
    Reward.objects.filter(code="last").update(retired=True)
    card = Reward.objects.get(code="card")
    assert "Sold out" in ann.text("rewards/")
    stock_codes(reward=card, codes=["F1"], value=(5000, "SGD"))
    assert "Sold out" not in ann.text("rewards/")
    ten, fifty = re.findall(r'<label class="pick">(.*?)</label>', ann.get("rewards/card/"), re.DOTALL)
    assert ("disabled" in ten, "Sold out" in ten, "checked" in ten) == (True, True, False)
    assert ("disabled" in fifty, "Sold out" in fifty, "checked" in fifty) == (False, False, True)
    for asked in ({}, {"value": "10.00"}, {"value": "50.00", "quantity": "2"}):  # the only one there is
        assert form(ann, "card", **asked)["points"] == "480"
    refused = send(ann, "card", form(ann, "card") | {"value": "10.00", "points": "100"})
    assert (refused.status_code, points(ann)) == (409, "500")
    receipt = redeem(ann, "card", value="50.00")
    assert "50.00" in ann.text(receipt)
    assert [(decrypted(one.cipher), one.left_minor) for one in Voucher.objects.filter(state="ready")] == [("F1", 5000)]
    assert "Sold out" in ann.text("rewards/")


def test_the_end_of_what_a_supplier_delivers_is_not_promised(ann: Visitor) -> None:
    Reward.objects.filter(code="top-up").update(valid_days=30)
    for page in ("rewards/top-up/", "rewards/top-up/redeem/"):
        assert "Valid until As the supplier says" in ann.text(page)
        assert "30 days" not in ann.text(page)


def test_a_form_that_is_sent_twice_redeems_once_and_shows_the_same_receipt(ann: Visitor) -> None:
    sent = form(ann, "coffee")
    first, second = send(ann, "coffee", sent), send(ann, "coffee", sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Redemption.objects.count() == 1
    assert points(ann) == "400"


def test_whoever_lost_the_answer_and_asks_again_finds_what_was_done(ann: Visitor) -> None:
    done = send(ann, "coffee", form(ann, "coffee"))  # the answer is lost: nobody reads the receipt
    again = ann.client.get(f"/p/{ann.world.program.code}/rewards/coffee/redeem/")
    assert again.headers["Location"] == done.headers["Location"]
    assert "Nothing was redeemed twice." in ann.text(done.headers["Location"].split("/", 3)[3])
    redeem(ann, "coffee")  # the receipt was seen: this is another one
    assert Redemption.objects.count() == 2


def test_what_cannot_be_had_any_more_is_said_in_the_page_and_takes_nothing(ann: Visitor) -> None:
    sent = form(ann, "coffee", quantity="3")
    Reward.objects.filter(code="coffee").update(limit_times=2, limit_per="month")
    answer = send(ann, "coffee", sent)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert 'data-test="refused"' in page
    assert "You can have 2 more pieces." in page
    assert "Nothing was taken from your points." in page
    assert (Redemption.objects.count(), points(ann)) == (0, "500")


@pytest.mark.parametrize("price", [150, 50])
def test_no_other_price_is_taken_than_the_one_that_was_confirmed(ann: Visitor, price: int) -> None:
    sent = form(ann, "coffee", quantity="2")
    Reward.objects.filter(code="coffee").update(points=price)
    answer = send(ann, "coffee", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"The price has changed to {price * 2} points. Nothing was taken from your points." in page
    assert f'name="points" value="{price * 2}"' in page
    assert (Redemption.objects.count(), points(ann)) == (0, "500")


def test_a_new_price_that_is_too_dear_says_what_is_missing(ann: Visitor) -> None:
    sent = form(ann, "coffee", quantity="2")
    Reward.objects.filter(code="coffee").update(points=300)
    page = send(ann, "coffee", sent).content.decode()
    assert "You need 100 more points. Nothing was taken from your points." in page
    assert 'name="points" value="300"' in page  # one piece can still be had
    assert (Redemption.objects.count(), points(ann)) == (0, "500")


def test_the_new_price_is_taken_once_it_was_confirmed_too(ann: Visitor) -> None:
    sent = form(ann, "coffee")
    Reward.objects.filter(code="coffee").update(points=150)
    page = send(ann, "coffee", sent).content.decode()
    again = dict(re.findall(r'<input type="hidden" name="(name|quantity|points|value)" value="([^"]*)"', page))
    assert send(ann, "coffee", again).status_code == 302
    assert (Redemption.objects.get().points, points(ann)) == (150, "350")


def test_what_was_redeemed_is_found_again_though_its_price_has_changed_since(ann: Visitor) -> None:
    sent = form(ann, "coffee")
    first = send(ann, "coffee", sent)
    Reward.objects.filter(code="coffee").update(points=150)
    assert send(ann, "coffee", sent).headers["Location"] == first.headers["Location"]
    assert (Redemption.objects.count(), points(ann)) == (1, "400")


@pytest.mark.parametrize("agreed", [{}, {"points": ""}, {"points": "-100"}, {"points": "100.0"}, {"points": "9" * 99}])
def test_who_names_no_price_is_asked_again(ann: Visitor, agreed: dict[str, str]) -> None:
    sent = {name: value for name, value in form(ann, "coffee").items() if name != "points"}
    assert send(ann, "coffee", sent | agreed).status_code == 409
    assert Redemption.objects.count() == 0


@pytest.mark.parametrize("sent", [{}, {"name": "x"}, {"name": str(uuid4()), "quantity": "x"}])
def test_nonsense_redeems_nothing(ann: Visitor, sent: dict[str, str]) -> None:
    assert send(ann, "coffee", sent).status_code in {302, 409}
    assert Redemption.objects.count() == 0


def test_a_value_is_chosen_and_what_is_left_of_it_is_shown(ann: Visitor) -> None:
    page = ann.text("rewards/card/")
    for said in ("SGD 10.00", "SGD 50.00", "100 points", "480 points"):
        assert said in page.replace("\N{NO-BREAK SPACE}", " ")
    redeem(ann, "card", value="50.00")
    row = Voucher.objects.get()
    assert (row.value_minor, row.left_minor) == (5000, 5000)
    Voucher.objects.update(left_minor=1250)
    text = ann.text("vouchers/").replace("\N{NO-BREAK SPACE}", " ")
    assert "SGD 12.50 left of SGD 50.00" in text


def test_more_than_can_be_had_at_once_is_not_offered(ann: Visitor) -> None:
    assert form(ann, "coffee", quantity="99")["quantity"] == "5"
    assert form(ann, "card", value="50.00", pieces="2") | {"name": ""} == {
        "name": "",
        "quantity": "1",
        "points": "480",
        "value": "50.00",
    }


def test_what_is_too_dear_says_what_is_missing_and_how_to_earn(ann: Visitor) -> None:
    text = ann.text("rewards/dear/")
    assert "You need 4,500 more points." in text
    assert "See how to earn" in text
    assert 'data-test="redeem"' not in ann.get("rewards/dear/")
    ann.get("rewards/dear/redeem/", status=302)


def test_who_cancels_and_owes_points_reads_how_many_of_them_repaid_that(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee", quantity="2")
    now = timezone.now()
    ann.world.send(ann.world.reversal("e000001", "350.00", time=now.isoformat()), at=now)
    ann.post(receipt, action="cancel")
    assert "with their old dates. 50 of these paid back points that you owed." in ann.text(receipt)
    assert points(ann) == "150"


def test_cancelling_gives_the_points_back_and_ends_the_code(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee")
    assert 'data-test="cancel"' in ann.get(receipt)
    ann.post(receipt, action="cancel")
    assert "Your points are back, with their old dates." in ann.text(receipt)
    assert points(ann) == "500"
    assert Voucher.objects.get().state == Voucher.State.VOID
    assert 'data-test="cancel"' not in ann.get(receipt)
    assert prove(program=ann.world.program).ok


@pytest.mark.parametrize(
    "sent", [{}, {"x": "y"}, {"action": ""}, {"action": "resend"}, {"action": "cancel", "channel": "email"}]
)
def test_only_the_button_that_says_so_cancels(ann: Visitor, sent: dict[str, str]) -> None:
    receipt = redeem(ann, "coffee")
    answer = ann.client.post(f"/p/{ann.world.program.code}/{receipt}", sent)
    assert answer.status_code == 400
    assert 'data-test="cancel"' in answer.content.decode()
    assert (points(ann), Voucher.objects.get().state, Delivery.objects.count()) == ("400", Voucher.State.READY, 0)


def test_a_receipt_is_sent_again_to_a_proven_address_three_times_a_day(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee")
    assert 'data-test="again"' not in ann.get(receipt)
    ann.post(receipt, channel="email")
    assert "no proven address" in ann.text(receipt)
    member = Member.objects.select_related("user").get(pk=ann.member.pk)
    EmailAddress.objects.create(user=member.user, email="ann@example.com", verified=True, primary=True)
    for _time in range(4):
        ann.post(receipt, channel="email")
    page = ann.get(receipt)
    assert (page.count('data-test="again"'), page.count("It goes out within seconds.")) == (1, 3)
    assert page.count("It was sent three times within a day.") == 1
    asked = Delivery.objects.filter(channel="email", first=False, asked_by=None)
    assert asked.count() == Delivery.objects.count() == 3


def test_what_was_used_is_not_cancelled(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee")
    use(Voucher.objects.get())
    assert 'data-test="cancel"' not in ann.get(receipt)
    ann.post(receipt, action="cancel")
    assert "was used, so it cannot be cancelled" in ann.text(receipt)
    assert points(ann) == "400"


def test_a_partner_s_own_code_that_was_shown_is_not_cancelled_by_the_member(ann: Visitor) -> None:
    stock_codes(reward=Reward.objects.get(code="last"), codes=["PARTNER-1"])
    question = ann.text("rewards/last/redeem/")
    assert ("you cannot cancel it yourself" in question, "you can cancel" in question) == (True, False)
    assert "As long as the code is unused you can cancel" in ann.text("rewards/coffee/redeem/")
    receipt = redeem(ann, "last")
    assert 'data-test="cancel"' not in ann.get(receipt)
    ann.post(receipt, action="cancel")
    assert "stays good at the shop" in ann.text(receipt)
    assert (points(ann), Voucher.objects.get().state) == ("400", Voucher.State.READY)


def test_what_an_outlet_voided_unused_can_be_taken_back(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee")
    Voucher.objects.update(state="void", voided_at=timezone.now())
    assert 'data-test="cancel"' in ann.get(receipt)
    ann.post(receipt, action="cancel")
    assert points(ann) == "500"


def test_what_a_supplier_delivers_is_on_its_way_until_it_is_there(ann: Visitor) -> None:
    receipt = redeem(ann, "top-up")
    page = ann.get(receipt)
    assert 'data-state="pending"' in page
    assert "hx-trigger" in page
    assert "On its way" in ann.text(receipt)
    assert "On the way" in ann.text("vouchers/")
    deliver(redemption=Redemption.objects.get(), cards=[Card("T5-CODE")], at=timezone.now())
    part = ann.client.get(
        f"/{'p/' + ann.world.program.code}/{receipt}", headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in part
    assert 'data-state="issued"' in part
    assert "hx-trigger" not in part


def test_what_counts_together_is_said_before_it_counts_and_on_the_receipt(ann: Visitor) -> None:
    RedemptionPolicy.objects.filter(program=ann.world.program).update(approve_from_points=200)
    assert "worth a lot" not in ann.text("rewards/coffee/redeem/")
    ann.get(redeem(ann, "coffee"))
    together = "Together with what else you redeemed lately it is worth a lot"
    assert together in ann.text("rewards/coffee/redeem/")
    assert "together with what else you redeemed lately" in ann.text(redeem(ann, "coffee"))


def test_what_was_pending_and_is_ready_is_told_with_the_way_to_its_receipt(ann: Visitor) -> None:
    receipt = redeem(ann, "top-up")
    deliver(redemption=Redemption.objects.get(), cards=[Card("T5-CODE")], at=timezone.now())
    assert "Ready for you: Top-up" in ann.text("notices/")
    assert f'href="/p/{ann.world.program.code}/{receipt}"' in ann.get("notices/")


def test_what_is_not_delivered_says_that_the_points_are_back(ann: Visitor) -> None:
    receipt = redeem(ann, "top-up")
    give_up(redemption=Redemption.objects.get(), because=Redemption.Because.SILENT, at=timezone.now())
    assert "It could not be delivered. Your points are back" in ann.text(receipt)
    assert points(ann) == "500"


def test_receipts_and_codes_of_others_are_not_there(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee")
    voucher = Voucher.objects.get()
    bob = visit(ann.world, ann.world.member("bob"), "bob@example.com")
    bob.get(receipt, status=404)
    bob.get(f"vouchers/{voucher.uuid}/", status=404)
    assert bob.post(receipt, action="cancel") == 404
    assert "Nothing redeemed yet" in bob.text("redemptions/")
    assert Voucher.objects.get().state == Voucher.State.READY


def test_a_voucher_fills_the_screen_and_says_when_somebody_used_it(ann: Visitor) -> None:
    redeem(ann, "coffee")
    voucher = Voucher.objects.get()
    page = ann.get(f"vouchers/{voucher.uuid}/")
    assert page.count('data-test="qr"') == 1
    assert grouped(decrypted(voucher.cipher)) in page
    assert 1 <= int(re.findall(r'data-seconds="(\d+)"', page)[0]) <= 30
    use(voucher)
    page = ann.get(f"vouchers/{voucher.uuid}/")
    assert 'data-state="used"' in page
    assert 'data-test="qr"' not in page
    assert grouped(decrypted(voucher.cipher)) not in page


def test_the_activity_leads_to_the_receipt(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee")
    ann.post(receipt, action="cancel")
    rows = [row for row in hooked(ann.get("activity/"), "activity-row") if "Coffee" in row]
    assert sorted(row.startswith("Given back: Coffee") for row in rows) == [False, True]
    assert ann.get("activity/").count(f"/{receipt}") == 2


def test_a_receipt_has_a_number_that_can_be_read_out(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee")
    number = str(Redemption.objects.get().uuid)[:8].upper()
    assert f'Number: <span class="num">{number}</span>' in ann.get(receipt)


def test_the_calendar_tells_what_expires_when(ann: Visitor) -> None:
    redeem(ann, "coffee", quantity="2")
    items = re.findall(r'data-test="expiry">(.*?)</li>', ann.get("vouchers/?show=calendar"), re.DOTALL)
    said = [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]
    assert any(text.startswith("Coffee 2 vouchers") for text in said)
    assert any("points Points not used by then" in text for text in said)


def test_used_and_expired_ones_have_their_own_lists(ann: Visitor) -> None:
    redeem(ann, "coffee", quantity="2")
    one, other = Voucher.objects.order_by("pk")
    use(one)
    Voucher.objects.filter(pk=other.pk).update(expires_on=timezone.now().date() - timedelta(days=3))
    states = {
        show: re.findall(r'data-test="voucher" data-state="(\w+)"', ann.get(f"vouchers/?show={show}"))
        for show in ("ready", "used", "expired")
    }
    assert states == {"ready": [], "used": ["used"], "expired": ["expired"]}


def test_pages_take_few_queries_that_do_not_grow(ann: Visitor) -> None:
    receipt = redeem(ann, "coffee")
    ann.get(receipt)
    voucher = Voucher.objects.get()
    pages = (
        "rewards/coffee/",
        "rewards/dear/",
        "rewards/coffee/redeem/",
        receipt,
        f"vouchers/{voucher.uuid}/",
        "vouchers/",
        "redemptions/",
        "activity/",
        "",
    )
    few = {page: ann.queries(page) for page in pages}
    ann.get(redeem(ann, "coffee", quantity="2"))
    many = {page: ann.queries(page) for page in pages}
    assert many == few
    assert max(few.values()) <= MOST_QUERIES, few


def test_a_voucher_says_at_which_outlets_it_is_taken(ann: Visitor) -> None:
    redeem(ann, "coffee")
    for outlets, said in ((["SG-ORCHARD"], True), ([], False)):
        Reward.objects.filter(code="coffee").update(outlets=outlets)
        assert ("Orchard" in ann.get(f"vouchers/{Voucher.objects.get().uuid}/")) == said


def test_a_voucher_that_is_gone_asks_for_no_outlets(ann: Visitor) -> None:
    redeem(ann, "coffee")
    voucher = Voucher.objects.get()
    use(voucher)
    counted = []
    for outlets in ([], ["shop"]):
        Reward.objects.filter(code="coffee").update(outlets=outlets)
        counted.append(ann.queries(f"vouchers/{voucher.uuid}/"))
    assert counted[0] == counted[1]
