"""Suppliers at our door and in the office: signed webhooks, secrets that nobody reads, pauses, people's queue."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from standardwebhooks import Webhook

from campaigns.services.intake import take_in
from core.models import OutboxMessage, Region, User
from dealers.models import StaffNotice, StaffRole
from loyalty.display.staff_words import staff_words
from loyalty.operations import supplier_notices
from rewards.models import Supplier, SupplierOrder
from rewards.services.floats import note_balance
from rewards.services.pauses import pause_locked
from rewards.services.supplying import place_orders
from tests.campaigns.world import NOW, World
from tests.loyalty.people import office_client, sign_in_staff
from tests.rewards.redeeming import redeem, rich, shop

pytestmark = pytest.mark.django_db
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def order() -> SupplierOrder:
    """An order of a top-up that nothing became of yet."""
    world = shop()
    supplier = Supplier.objects.get(code="telco")
    supplier.keep("webhook_secret", SECRET)
    supplier.save()
    made = redeem(world, rich(world), "top-up")
    place_orders(redemptions=[made], at=NOW)
    SupplierOrder.objects.update(next_at=datetime(2100, 1, 1, tzinfo=UTC))
    return SupplierOrder.objects.select_related("supplier").get()


def told(order: SupplierOrder, body: object, secret: str = SECRET, at: datetime | None = None) -> int:
    """Post a signed message to the webhook; the status."""
    raw, at = json.dumps(body), at or datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", at, raw)
    named = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
    address = f"/hooks/suppliers/{order.supplier.uuid}/"
    return Client().post(address, raw, content_type="application/json", headers=named).status_code


def is_due(order: SupplierOrder) -> bool:
    order.refresh_from_db()
    return bool(order.next_at and order.next_at <= datetime.now(UTC))


def test_a_signed_message_has_the_order_looked_at(order: SupplierOrder) -> None:
    assert told(order, {"type": "topup.changed", "data": {"externalId": order.po_number, "status": "SUCCESS"}}) == 204
    assert is_due(order)
    assert order.state == "waiting"


@pytest.mark.parametrize(
    "body", [{"poNumber": "other"}, {"poNumber": 7}, {"data": []}, [1], "x", {"poNumber": "\0"}, {"poNumber": "\ud800"}]
)
def test_a_signed_message_that_names_no_order_of_ours_changes_nothing(order: SupplierOrder, body: object) -> None:
    assert told(order, body) == 204
    assert not is_due(order)


def test_a_signed_message_without_end_changes_nothing(order: SupplierOrder) -> None:
    raw, at = "[" * 60_000, datetime.now(UTC)
    signature = Webhook(SECRET).sign("msg_1", at, raw)
    named = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
    address = f"/hooks/suppliers/{order.supplier.uuid}/"
    assert Client().post(address, raw, content_type="application/json", headers=named).status_code == 204
    assert not is_due(order)


def test_a_message_without_the_suppliers_signature_is_turned_away(order: SupplierOrder) -> None:
    body = {"poNumber": order.po_number}
    address = f"/hooks/suppliers/{order.supplier.uuid}/"
    assert told(order, body, secret="whsec_AAAA") == 401
    assert told(order, body, at=datetime.now(UTC) - timedelta(minutes=6)) == 401
    for headers in ({}, {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1"}):
        assert Client().post(address, body, "application/json", headers=headers).status_code == 401
    assert Client().post("/hooks/suppliers/00000000-0000-4000-8000-000000000000/").status_code == 401
    for length in ("abc", "-1", "9" * 5000, "²"):
        assert Client().post(address, b"{}", "application/json", CONTENT_LENGTH=length).status_code == 401
    Supplier.objects.update(webhook_secret=b"")
    assert told(order, body) == 401
    assert Client().get(address).status_code == 405
    assert not is_due(order)


# -- the office ---------------------------------------------------------------------------------------


def fields(order: SupplierOrder, **more: Any) -> dict[str, Any]:
    """The form of the order's supplier."""
    return {
        "name": "Telco",
        "adapter": "topups",
        "base_url": "https://topups.example",
        "client_id": "us",
        "currency": "SGD",
        "answer_within_minutes": 30,
        **more,
    }


def change(order: SupplierOrder, client: Client | None = None, **more: Any) -> Any:
    address = f"/office/rewards/supplier/{order.supplier_id}/change/"
    return (client or office_client()).post(address, fields(order, **more))


def test_secrets_are_written_and_never_shown(order: SupplierOrder) -> None:
    assert change(order, new_secret="s3cret-key").status_code == 302
    page = office_client().get(f"/office/rewards/supplier/{order.supplier_id}/change/").content.decode()
    order.supplier.refresh_from_db()
    assert order.supplier.opened("secret") == "s3cret-key"
    assert b"s3cret" not in bytes(order.supplier.secret)
    assert "s3cret" not in page
    assert f"/hooks/suppliers/{order.supplier.uuid}/" in page
    change(order)
    order.supplier.refresh_from_db()
    assert (order.supplier.opened("secret"), order.supplier.opened("webhook_secret")) == ("s3cret-key", SECRET)


def test_a_secret_is_never_sent_to_another_address_by_itself(order: SupplierOrder) -> None:
    change(order, new_secret="s3cret-key")
    assert change(order, base_url="https://elsewhere.example").status_code == 200
    order.supplier.refresh_from_db()
    assert order.supplier.base_url == "https://topups.example"
    assert change(order, base_url="https://elsewhere.example", new_secret="another").status_code == 302
    order.supplier.refresh_from_db()
    assert (order.supplier.base_url, order.supplier.opened("secret")) == ("https://elsewhere.example", "another")


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://topups.example"},
        {"base_url": "simulator:"},
        {"base_url": "https://"},
        {"base_url": "https://x y"},
        {"base_url": "https://localhost/api"},
        {"base_url": "https://169.254.169.254/"},
        {"base_url": "https://10.0.0.8:8443/api"},
        {"base_url": "https://[::1]/"},
        {"currency": "XXQ"},
        {"low": "1.005"},
        {"low": "1e30"},
        {"paused": "on"},
        {"new_webhook_secret": "abc"},
        {"new_webhook_secret": "whsec_"},
        {"new_webhook_secret": "whsec_===="},
        {"new_webhook_secret": "whsec_AAAA!"},
        {"new_webhook_secret": "whsec_AAAAA"},
        {"answer_within_minutes": 0},
    ],
)
def test_a_supplier_that_cannot_work_is_not_stored(
    order: SupplierOrder, settings: Settings, wrong: dict[str, Any]
) -> None:
    settings.DEMO = False
    answer = change(order, **wrong)
    assert answer.status_code == 200
    assert "Constraint" not in answer.content.decode()
    order.supplier.refresh_from_db()
    assert (order.supplier.base_url, order.supplier.currency) == ("http://127.0.0.1:9", "SGD")


def test_two_suppliers_of_a_program_have_no_code_in_common(order: SupplierOrder) -> None:
    supplier = order.supplier
    asked = {"program": supplier.program_id, "code": supplier.code, "name": "Another", "adapter": supplier.adapter,
             "base_url": "https://supplier.example/", "currency": "SGD", "answer_within_minutes": 30}  # fmt: skip
    page = office_client().post("/office/rewards/supplier/add/", asked).content.decode()
    assert "Another supplier of the program has this code." in page
    assert "Constraint" not in page
    assert Supplier.objects.filter(program=supplier.program).count() == 1


def test_a_pause_says_why_and_its_end_begins_the_time_to_answer_anew(order: SupplierOrder) -> None:
    change(order, paused="on", paused_because="They move", low="100.50")
    order.supplier.refresh_from_db()
    assert (order.supplier.paused, order.supplier.paused_because, order.supplier.low_minor) == (
        True,
        "They move",
        10050,
    )
    change(order, paused_because="They move")
    order.supplier.refresh_from_db()
    assert (order.supplier.paused, order.supplier.paused_because) == (False, "")
    assert order.supplier.resumed_at is not None


def test_support_asks_again_and_proposes_to_settle_an_approver_confirms_and_marketers_only_look(
    order: SupplierOrder,
) -> None:
    clients = {}
    for role in ("support", "marketer", "finance_approver"):
        user = User.objects.create_user(role, is_staff=True)
        StaffRole.objects.create(user=user, program=order.supplier.program, role=role)
        clients[role] = sign_in_staff(Client(), user)
    page = f"/office/rewards/supplierorder/{order.pk}/"
    assert clients["marketer"].get(f"{page}change/").status_code == 200
    assert [clients["marketer"].post(f"{page}{act}/").status_code for act in ("ask", "settle")] == [404, 404]
    assert not is_due(order)
    assert "Ask again now" in clients["support"].get(f"{page}change/").content.decode()
    clients["support"].post(f"{page}ask/")
    assert is_due(order)

    def take(role: str, step: str, because: str = "") -> tuple[int, str, str | None]:
        said = clients[role].post(f"{page}settle/", {"step": step, "because": because}).status_code
        order.refresh_from_db()
        return said, order.state, order.proposed_by.username if order.proposed_by else None

    SupplierOrder.objects.update(state="sent")
    assert take("support", "propose", "They pay") == (302, "sent", None)
    SupplierOrder.objects.update(state="late", closed_at=NOW, next_at=None)
    assert take("support", "propose") == (302, "late", None)
    assert take("support", "perhaps", "They pay") == (404, "late", None)
    assert take("finance_approver", "propose", "They pay") == (404, "late", None)
    assert 'data-test="settle"' not in clients["finance_approver"].get(f"{page}change/").content.decode()
    assert take("support", "propose", "They pay") == (302, "late", "support")
    assert 'data-test="settle"' not in clients["support"].get(f"{page}change/").content.decode()
    assert take("support", "confirm") == (404, "late", "support")
    shown = clients["finance_approver"].get(f"{page}change/").content.decode()
    assert ("They pay" in shown, 'data-test="settle"' in shown) == (True, True)
    assert take("finance_approver", "send-back") == (302, "late", None)
    take("support", "propose", "We pay")
    assert take("finance_approver", "confirm") == (302, "settled", "support")
    assert clients["support"].post(f"/office/rewards/supplier/{order.supplier_id}/change/", {}).status_code == 403


def test_the_office_gives_up_an_order_that_was_never_sent(order: SupplierOrder) -> None:
    Supplier.objects.update(paused=True, paused_because="Bankrupt")
    support, approver = (sign_in_staff(Client(), staff(order, role)) for role in ("support", "finance_approver"))
    page = f"/office/rewards/supplierorder/{order.pk}/"
    assert 'data-test="waiting-orders"' not in approver.get("/office/").content.decode()
    shown = support.get(f"{page}change/").content.decode()
    assert ("Give it up" in shown, "never sent" in shown, "Settled with" in shown) == (True, True, False)
    assert "Ask again now" not in shown
    assert "Nothing is left to ask." in support.post(f"{page}ask/", follow=True).content.decode()
    support.post(f"{page}settle/", {"step": "propose", "because": "It is bankrupt"})
    assert 'data-test="settle"' not in support.get(f"{page}change/").content.decode()
    assert 'data-test="waiting-orders"' in approver.get("/office/").content.decode()
    found = approver.get("/office/rewards/supplierorder/?waits=people").context["cl"].result_list
    assert [one.pk for one in found] == [order.pk]
    assert "To be confirmed" in approver.get("/office/rewards/supplierorder/?waits=people").content.decode()
    assert "It is bankrupt" in approver.get(f"{page}change/").content.decode()
    approver.post(f"{page}settle/", {"step": "confirm"})
    order.refresh_from_db()
    assert (order.state, order.redemption.state) == ("cancelled", "cancelled")
    assert 'data-test="waiting-orders"' not in approver.get("/office/").content.decode()


def test_orders_are_found_by_number_and_member(order: SupplierOrder) -> None:
    office = office_client()
    for term, found in ((order.po_number, 1), ("ann", 1), ("nobody", 0)):
        page = office.get("/office/rewards/supplierorder/", {"q": term})
        assert len(page.context["cl"].result_list) == found, term


def test_finance_is_told_that_a_float_runs_low_once(order: SupplierOrder) -> None:
    user = User.objects.create_user("fin", is_staff=True, email="fin@example.com")
    StaffRole.objects.create(user=user, program=order.supplier.program, role="finance")
    Supplier.objects.update(low_minor=100)
    note_balance(supplier=order.supplier, minor=99, at=NOW)
    messages = list(OutboxMessage.objects.filter(topic="supplier.low"))
    for _time in range(2):
        supplier_notices.tell_floats(messages=messages, at=NOW)
    (words,) = staff_words(list(StaffNotice.objects.filter(user=user)))
    assert (words.title, words.body[:16]) == ("Float of Telco runs low", "SGD\N{NO-BREAK SPACE}0.99 are left"[:16])
    page = sign_in_staff(Client(), user).get("/office/").content.decode()
    assert "Float of Telco runs low" in page
    assert 'href="/office/rewards/supplier/"' in page


def staff(order: SupplierOrder, role: str, **place: Any) -> User:
    user = User.objects.create_user(role, f"{role}@example.com", is_staff=True)
    StaffRole.objects.create(user=user, program=order.supplier.program, role=role, **place)
    return user


def waits(order: SupplierOrder, state: str) -> None:
    """Have an order wait for people, and tell them, twice."""
    SupplierOrder.objects.filter(pk=order.pk, state="waiting").update(state="sent")
    SupplierOrder.objects.filter(pk=order.pk).update(state=state, closed_at=NOW)
    payload = {"order": order.pk, "since": NOW.isoformat()}
    message = OutboxMessage.objects.create(topic="order.waits", program=order.supplier.program, payload=payload)
    for _time in range(2):
        supplier_notices.tell_orders(messages=[message], at=NOW)


def test_who_runs_orders_is_told_once_that_one_waits_and_sees_it_first(order: SupplierOrder) -> None:
    program = order.supplier.program
    region = Region.objects.create(program=program, market=program.markets.get(code="SG"), code="far", name="Far")
    support, _far, marketer = (
        staff(order, "support"), staff(order, "administrator", region=region), staff(order, "marketer"),
    )  # fmt: skip
    client = sign_in_staff(Client(), support)
    assert "waiting-orders" not in client.get("/office/").content.decode()
    waits(order, "unclear")
    (notice,) = StaffNotice.objects.all()
    assert notice.user == support
    page = client.get("/office/").content.decode()
    assert f"Telco does not say what became of order {order.po_number}" in page
    assert 'href="/office/rewards/supplierorder/?waits=people"' in page
    assert 'data-test="waiting-orders"' in page
    assert "waiting-orders" not in sign_in_staff(Client(), marketer).get("/office/").content.decode()
    found = client.get("/office/rewards/supplierorder/?waits=people").context["cl"].result_list
    assert [one.pk for one in found] == [order.pk]
    SupplierOrder.objects.update(state="settled", proposed_by=support, confirmed_by=marketer)
    assert "waiting-orders" not in client.get("/office/").content.decode()


def test_an_order_that_runs_over_its_time_waits_for_people_as_long_as_it_runs(order: SupplierOrder) -> None:
    support = staff(order, "support")
    client = sign_in_staff(Client(), support)
    SupplierOrder.objects.update(state="sent", overdue_since=NOW)
    payload = {"order": order.pk, "since": NOW.isoformat()}
    message = OutboxMessage.objects.create(topic="order.waits", program=order.supplier.program, payload=payload)
    supplier_notices.tell_orders(messages=[message], at=NOW)
    (words,) = staff_words(list(StaffNotice.objects.all()))
    assert words.title == f"Telco still works on order {order.po_number}, and it cannot be cancelled"
    assert 'data-test="waiting-orders"' in client.get("/office/").content.decode()
    page = client.get(f"/office/rewards/supplierorder/{order.pk}/change/").content.decode()
    assert ("Overdue" in page, 'data-test="settle"' in page) == (True, True)
    found = client.get("/office/rewards/supplierorder/?waits=people").context["cl"].result_list
    assert [one.pk for one in found] == [order.pk]
    SupplierOrder.objects.update(state="delivered", overdue_since=None, closed_at=NOW, next_at=None)
    assert "waiting-orders" not in client.get("/office/").content.decode()


def test_many_orders_that_wait_are_one_notice_a_day(order: SupplierOrder) -> None:
    user, member = staff(order, "finance"), order.redemption.member
    world, more = World(order.supplier.program), []
    take_in(program=world.program, events=[world.event("3000.00", key="more", time=NOW.isoformat())], at=NOW)
    for _number in range(7):
        made = redeem(world, member, "top-up")
        place_orders(redemptions=[made], at=NOW)
        more.append(SupplierOrder.objects.get(redemption=made))
    for one in more:
        waits(one, "late")
    titles = [words.title for words in staff_words(list(StaffNotice.objects.filter(user=user).order_by("pk")))]
    assert titles[5:] == ["Many orders at Telco wait for people"]
    assert [title[:24] for title in titles[:5]] == ["Telco delivered too late"] * 5


def test_who_may_enter_a_secret_again_is_told_once_that_nobody_can_read_it(order: SupplierOrder) -> None:
    finance, _support = staff(order, "finance"), staff(order, "support")
    Supplier.objects.update(secret=b"lost")
    for hours in range(2):
        pause_locked(supplier=order.supplier, at=NOW + timedelta(hours=hours))
    messages = list(OutboxMessage.objects.filter(topic="supplier.locked"))
    for _time in range(2):
        supplier_notices.tell_locked(messages=messages, at=NOW)
    (notice,) = StaffNotice.objects.all()
    (words,) = staff_words([notice])
    assert (notice.user, words.title) == (finance, "Telco is paused: its secret cannot be read")
    client = sign_in_staff(Client(), finance)
    assert change(order, client, new_secret="again", paused_because="").status_code == 302
    order.supplier.refresh_from_db()
    assert (order.supplier.opened("secret"), order.supplier.paused) == ("again", False)


def test_a_message_whose_secret_cannot_be_read_is_turned_away(order: SupplierOrder) -> None:
    Supplier.objects.update(webhook_secret=b"lost")
    assert told(order, {"poNumber": order.po_number}) == 401


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!!!", "whsec_AAAAA", "whsec_ü"])
def test_a_message_whose_secret_is_no_key_is_turned_away(order: SupplierOrder, secret: str) -> None:
    order.supplier.keep("webhook_secret", secret)
    order.supplier.save()
    assert told(order, {"poNumber": order.po_number}) == 401


@pytest.mark.parametrize("secret", [SECRET, "whsec_AAA=", "whsec_AAA"])
def test_a_webhooks_secret_is_kept_with_and_without_padding(order: SupplierOrder, secret: str) -> None:
    assert change(order, new_webhook_secret=secret).status_code == 302
    order.supplier.refresh_from_db()
    assert order.supplier.opened("webhook_secret") == secret
    assert told(order, {"poNumber": order.po_number}, secret=secret) == 204
