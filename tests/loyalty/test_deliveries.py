"""Redemptions reach their members: by addresses that were proven, once by themselves, and again when they ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from core.models import OutboxMessage, User
from core.refusals import LimitReached, NotAvailable
from dealers.models import StaffRole
from loyalty.operations import tasks
from loyalty.operations.deliveries import MOST_ATTEMPTS, queue_deliveries, resend, send_next
from loyalty.operations.delivery_words import redeemed_letter
from members.models import Member
from rewards.models import Delivery, Redemption, Reward, Supplier, SupplierOrder, Voucher
from rewards.models.codes import decrypted, encrypted
from rewards.services.redemptions import cancel_redemption
from tests.campaigns.world import NOW, World
from tests.loyalty.letterbox import Letterbox
from tests.loyalty.people import sign_in_staff
from tests.rewards.redeeming import redeem, rich, shop, stock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@dataclass
class Gateway:
    """A gateway for SMS and WhatsApp: what it was asked, and what it answers next (200 by itself)."""

    url: str = ""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    replies: list[int] = field(default_factory=list)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.asked.append((self.path, self.headers["Authorization"], body))
            self.send_response(found.replies.pop(0) if found.replies else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def world(settings: Settings) -> World:
    settings.DEMO = False
    settings.SMS_URL = settings.WHATSAPP_TOKEN = ""
    settings.PUBLIC_URL = "https://rewards.example.com"
    return shop()


def with_sms(settings: Settings, gateway: Gateway) -> None:
    settings.SMS_SENDER = "loyalty.identity.sms.HttpSender"
    settings.SMS_URL, settings.SMS_TOKEN = f"{gateway.url}/sms", "sms-token"


def with_whatsapp(settings: Settings, gateway: Gateway) -> None:
    settings.WHATSAPP_URL, settings.WHATSAPP_TOKEN = gateway.url, "wa-token"
    settings.WHATSAPP_PHONE_ID, settings.WHATSAPP_TEMPLATE = "12345", "reward_ready"


def person(world: World, *, email: str = "", phone: str = "", **more: Any) -> Member:
    """A member with points who has proven these."""
    user = User.objects.create_user(f"user{User.objects.count()}", phone=phone, phone_verified=bool(phone))
    if email:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    member = rich(world, **more)
    Member.objects.filter(pk=member.pk).update(user=user)
    return Member.objects.get(pk=member.pk)


def bought(world: World, member: Member, code: str = "coffee", quantity: int = 1) -> Redemption:
    """Redeemed, and told to who delivers."""
    made = redeem(world, member, code, quantity)
    Redemption.objects.update(recorded_at=NOW)
    queue_deliveries(redemptions=[Redemption.objects.select_related("member__user").get(pk=made.pk)], at=NOW)
    return made


def states() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("channel", "state"))


def test_what_nobody_foresaw_is_tried_so_often_and_holds_up_nobody(
    world: World, gateway: Gateway, letterbox: Letterbox, settings: Settings
) -> None:
    with_whatsapp(settings, gateway)
    settings.WHATSAPP_TOKEN = "ö"  # which no header can hold
    bought(world, person(world, phone="+6591234567"))
    bought(world, person(world, email="bob@example.com", external_id="bob"))
    at = NOW
    for _attempt in range(MOST_ATTEMPTS):
        while send_next(at=at):
            pass
        at += DAY
    assert states() == [("whatsapp", "failed"), ("email", "sent")]
    assert Delivery.objects.order_by("pk")[0].last_error == "UnicodeEncodeError"


def test_lines_of_a_name_are_folded_where_a_template_takes_none(
    world: World, gateway: Gateway, settings: Settings
) -> None:
    with_whatsapp(settings, gateway)
    Reward.objects.filter(code="coffee").update(name_en="Coffee\n\tand     cake")
    bought(world, person(world, phone="+6591234567"))
    send_next(at=NOW)
    ((_path, _token, body),) = gateway.asked
    assert body["template"]["components"][0]["parameters"][0]["text"] == "Coffee and cake"


def test_a_redemption_goes_out_by_mail_once_in_the_members_language(
    world: World,
    letterbox: Letterbox,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    member = person(world, email="ann@example.com", phone="+6591234567", language="ar")
    made = redeem(world, member, "coffee")
    Redemption.objects.update(recorded_at=NOW)
    (message,) = OutboxMessage.objects.filter(topic="reward.redeemed")
    with django_capture_on_commit_callbacks() as callbacks:
        for _time in range(2):
            tasks.queue_deliveries([message.pk])
    for _time in range(2):
        tasks.send_deliveries()
    assert (len(callbacks), states()) == (1, [("email", "sent")])
    (letter,) = letterbox.letters
    text, html = (part.get_content() for part in letter.iter_parts())  # type: ignore[attr-defined]
    assert letter["To"] == "ann@example.com"
    assert 'dir="rtl"' in html
    for body in (text, html):
        assert "https://rewards.example.com/p/demo/vouchers/" in body
        assert decrypted(made.vouchers.get().cipher) not in body


def test_a_code_of_a_partner_is_in_the_mail(world: World, letterbox: Letterbox) -> None:
    stock(world, "KINO-1", "KINO-2")
    bought(world, person(world, email="ann@example.com"), "movie")
    send_next(at=NOW)
    (letter,) = letterbox.letters
    text, html = (part.get_content() for part in letter.iter_parts())  # type: ignore[attr-defined]
    assert letter["Subject"] == "Your reward: Movie"
    assert ("KINO-1" in text, "KINO-1" in html, "KINO-2" in text) == (True, True, False)
    assert "PIN" not in text


def test_a_pin_stands_below_its_code_in_the_mail(world: World, letterbox: Letterbox) -> None:
    stock(world, "KINO-1", "KINO-2")
    Voucher.objects.update(pin_cipher=encrypted("0042"))
    bought(world, person(world, email="ann@example.com"), "movie", 2)
    send_next(at=NOW)
    (letter,) = letterbox.letters
    text, _html = (part.get_content() for part in letter.iter_parts())  # type: ignore[attr-defined]
    lines = [line.strip() for line in text.splitlines() if "KINO" in line or "PIN" in line]
    assert lines == ["KINO-1", "PIN: 0042", "KINO-2", "PIN: 0042"]


def test_of_cards_with_several_ends_the_mail_says_the_first(world: World) -> None:
    made = bought(world, person(world, email="ann@example.com"))
    made.vouchers.update(expires_on=date(2027, 3, 1))
    text = redeemed_letter(made, "ann@example.com").body
    assert "It is good through 1\N{NO-BREAK SPACE}March 2027." in text
    made = redeem(world, made.member, "coffee", 2)
    first, second = made.vouchers.order_by("pk")
    for one, end in ((first, date(2028, 6, 1)), (second, date(2027, 1, 1))):
        made.vouchers.filter(pk=one.pk).update(expires_on=end)
    text = redeemed_letter(made, "ann@example.com").body
    said = "The first that runs out is good through 1\N{NO-BREAK SPACE}January 2027."
    assert (said in text, "It is good" in text) == (True, False)


def test_the_receipt_of_a_top_up_is_in_the_mail(world: World, letterbox: Letterbox) -> None:
    made = redeem(world, person(world, email="ann@example.com"), "top-up")
    SupplierOrder.objects.create(
        redemption=made,
        supplier=Supplier.objects.get(),
        po_number="x",
        number="R-77",
        created_at=NOW,
        next_at=NOW,
    )
    Redemption.objects.update(state="issued", waits_for="", issued_at=NOW, recorded_at=NOW)
    queue_deliveries(redemptions=list(Redemption.objects.select_related("member__user")), at=NOW)
    send_next(at=NOW)
    assert "Receipt: R-77" in letterbox.letters[0].get_body(("plain",)).get_content()  # type: ignore[attr-defined]


def test_a_card_that_was_used_is_no_top_up(world: World) -> None:
    made = redeem(world, rich(world), "coffee")
    supplier = Supplier.objects.get()
    order = SupplierOrder(redemption=made, supplier=supplier, po_number="x", number="V-77", created_at=NOW, next_at=NOW)
    order.save()
    made.vouchers.update(state="used", used_at=NOW)
    assert "V-77" not in str(redeemed_letter(made, "ann@example.com").body)


def test_a_name_of_two_lines_is_a_subject_of_one(world: World) -> None:
    made = redeem(world, rich(world), "coffee")
    made.reward.name = "Coffee\nBcc: all@example.com"
    mail = redeemed_letter(made, "ann@example.com")
    assert mail.message()["Subject"] == "Your reward: Coffee Bcc: all@example.com"


def test_an_address_that_nobody_proved_gets_nothing(world: World, letterbox: Letterbox) -> None:
    bought(world, rich(world, email="ann@example.com", phone="+6591234567"))
    assert (states(), send_next(at=NOW), letterbox.letters) == ([], None, [])


def test_history_that_was_brought_along_is_no_news(world: World) -> None:
    made = redeem(world, person(world, email="ann@example.com"), "coffee")
    Redemption.objects.update(recorded_at=NOW + DAY)
    queue_deliveries(redemptions=[Redemption.objects.select_related("member__user").get(pk=made.pk)], at=NOW)
    assert states() == []


def test_whatsapp_sends_the_template_in_the_members_language(
    world: World, gateway: Gateway, settings: Settings
) -> None:
    with_whatsapp(settings, gateway)
    with_sms(settings, gateway)
    bought(world, person(world, phone="+6591234567", language="th"))
    send_next(at=NOW)
    assert states() == [("whatsapp", "sent")]
    ((path, token, body),) = gateway.asked
    assert (path, token, body["to"], body["type"]) == ("/12345/messages", "Bearer wa-token", "6591234567", "template")
    assert body["template"]["name"] == "reward_ready"
    assert body["template"]["language"] == {"code": "th"}
    texts = [place["text"] for place in body["template"]["components"][0]["parameters"]]
    assert texts == ["Coffee", "https://rewards.example.com/p/demo/vouchers/"]


def test_sms_says_where_it_is_and_no_code(world: World, gateway: Gateway, settings: Settings) -> None:
    with_sms(settings, gateway)
    bought(world, person(world, phone="+6591234567"))
    send_next(at=NOW)
    ((path, token, body),) = gateway.asked
    assert (path, token, body["to"]) == ("/sms", "Bearer sms-token", "+6591234567")
    assert body["text"] == "Your reward: Coffee. It is here: https://rewards.example.com/p/demo/vouchers/"


def test_a_channel_without_settings_is_off(world: World) -> None:
    made = bought(world, person(world, phone="+6591234567"))
    assert states() == []
    for channel in ("email", "sms", "whatsapp", "fax"):
        with pytest.raises(NotAvailable):
            resend(redemption=made, channel=channel, at=NOW)


def test_a_gateway_in_trouble_is_tried_again_and_a_definite_no_is_not(
    world: World, gateway: Gateway, settings: Settings
) -> None:
    with_whatsapp(settings, gateway)
    made, at = bought(world, person(world, phone="+6591234567")), NOW
    gateway.replies = [500, 429]
    for minutes in (1, 2):
        row = send_next(at=at)
        assert row is not None
        assert (row.state, row.next_at) == ("queued", at + timedelta(minutes=minutes))
        assert send_next(at=at) is None
        at = row.next_at or at
    send_next(at=at)
    assert (states(), len(gateway.asked)) == ([("whatsapp", "sent")], 3)
    gateway.replies = [400]
    resend(redemption=made, channel="whatsapp", at=at)
    row = send_next(at=at)
    assert row is not None
    assert (row.state, row.last_error, row.next_at) == ("failed", "WhatsApp answered 400", None)


def test_what_cannot_be_sent_for_hours_is_given_up(world: World, gateway: Gateway, settings: Settings) -> None:
    with_sms(settings, gateway)
    bought(world, person(world, phone="+6591234567"))
    gateway.replies, at = [500] * 20, NOW
    while (row := send_next(at=at)) and row.next_at:
        at = row.next_at
    assert (states(), len(gateway.asked)) == ([("sms", "failed")], 10)


def test_a_worker_that_dies_while_sending_leaves_it_due(
    world: World,
    letterbox: Letterbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    bought(world, person(world, email="ann@example.com"))
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("loyalty.operations.deliveries._send", die)
        send_next(at=NOW)
    assert send_next(at=NOW) is None
    send_next(at=NOW + timedelta(minutes=2))
    assert (states(), len(letterbox.letters)) == ([("email", "sent")], 1)


def test_members_have_it_sent_again_three_times_a_day(world: World, letterbox: Letterbox) -> None:
    made = bought(world, person(world, email="ann@example.com"))
    for _time in range(3):
        resend(redemption=made, channel="email", at=NOW)
    with pytest.raises(LimitReached):
        resend(redemption=made, channel="email", at=NOW)
    resend(redemption=made, channel="email", at=NOW + DAY)
    while send_next(at=NOW + DAY):
        pass
    assert len(letterbox.letters) == 5


def test_what_was_cancelled_is_sent_to_nobody(world: World, letterbox: Letterbox) -> None:
    made = bought(world, person(world, email="ann@example.com"))
    cancel_redemption(redemption=made, at=NOW, because=Redemption.Because.ASKED)
    with pytest.raises(NotAvailable):
        resend(redemption=made, channel="email", at=NOW)
    send_next(at=NOW)
    assert (states(), letterbox.letters) == ([("email", "failed")], [])


def test_support_sends_again_from_the_office_and_marketers_do_not(world: World) -> None:
    made = bought(world, person(world, email="ann@example.com"))
    page = f"/office/rewards/redemption/{made.pk}/"
    for role, sent in (("marketer", 0), ("support", 1)):
        user = User.objects.create_user(role, is_staff=True)
        StaffRole.objects.create(user=user, program=world.program, role=role)
        client = sign_in_staff(Client(), user)
        shown = client.get(f"{page}change/").content.decode()
        assert ("three times a day at most" in shown) == bool(sent)
        assert client.post(f"{page}again/", {"channel": "email"}).status_code == (302 if sent else 404)
        assert client.post(f"{page}again/", {"channel": "fax"}).status_code == 404
        assert Delivery.objects.filter(first=False, asked_by=user).count() == sent
    assert client.get("/office/rewards/delivery/").status_code == 200
