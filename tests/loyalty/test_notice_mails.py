"""Notices go out by e-mail: once, in the member's language, and not lost while the mail server is away."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from core.models import ConsumedMessage, OutboxMessage
from loyalty.operations.mails import mail_all
from members.models import Member, Notice
from members.services.notices import News, tell
from tests.campaigns.world import World, make_world
from tests.loyalty.letterbox import Letterbox

AT = datetime(2026, 6, 15, tzinfo=UTC)
UUID = "5a1f3c1e-2d0a-4d7e-9a3b-0c8f8f6f0001"
LADDER = [
    {"code": "silver", "name": {"en": "Silver", "ar": "فضي"}, "requires": {}},
    {"code": "gold", "name": {"en": "Gold", "ar": "ذهبي"}, "requires": {"amount": "20.00"}},
]
TIERS = {"review": {"window": "rolling_12_months"}, "downgrade": {"style": "never"}, "ladder": LADDER}
GRACE = {"tier": "gold", "missing": {"amount": "879.50", "events": 2}, "match": "any", "currency": "SGD"}


def world_with(*members: Mapping[str, Any]) -> World:
    world = make_world(tiers=TIERS, program={"languages": ["en", "ar"], "name": {"en": "Demo", "ar": "تجربة"}})
    for number, member in enumerate(members):
        world.member(f"m{number}", **member)
    return world


def tell_all(world: World, kind: str = "tier_up", **values: Any) -> list[int]:
    """Tell every member something; ids of the outbox's messages."""
    said = {"tier": "gold", "before": "silver", "reason": "upgrade", **values}
    news = [News(pk, kind, f"{kind}:1", said) for pk in Member.objects.order_by("pk").values_list("pk", flat=True)]
    tell(program_id=world.program.pk, news=news, at=AT)
    return list(OutboxMessage.objects.filter(topic="notice.told").order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_notice_goes_out_once_in_the_members_language_to_those_with_an_address(letterbox: Letterbox) -> None:
    world = world_with({"email": "ann@example.com"}, {}, {"email": "umar@example.com", "language": "ar"})
    messages = tell_all(world)
    for _ in range(2):
        mail_all(message_ids=messages, at=AT)
    english, arabic = letterbox.letters
    assert (english["To"], english["From"], english["Subject"]) == (
        "ann@example.com", "Demo <loyalty@localhost>", "You are now Gold"
    )  # fmt: skip
    assert arabic["To"] == "umar@example.com"
    assert "ذهبي" in arabic["Subject"]
    plain, html = (part.get_content() for part in english.iter_parts())  # type: ignore[attr-defined]
    for text in (plain, html):
        assert "Congratulations! You have earned Gold." in text
        assert "https://rewards.example.com/p/demo/tier/" in text
    assert list(Notice.objects.order_by("pk").values_list("mailed_at", flat=True)) == [AT, None, AT]
    assert not OutboxMessage.objects.filter(topic="notice.told", due_at__isnull=False).exists()


@pytest.mark.django_db
def test_a_grace_says_what_is_missing_and_until_when(letterbox: Letterbox) -> None:
    world = world_with({"email": "ann@example.com"})
    mail_all(message_ids=tell_all(world, "tier_grace", **GRACE, until="2027-07-15"), at=AT)
    (mail,) = letterbox.letters
    assert mail["Subject"].startswith("Gold is yours until 15\xa0Jul")
    plain, _ = (part.get_content() for part in mail.iter_parts())  # type: ignore[attr-defined]
    assert "To stay Gold after that day you need: SGD\xa0879.50 of spending or 2 more visits or purchases." in plain


@pytest.mark.django_db
def test_what_a_mail_server_refuses_for_now_comes_again_and_nothing_else(letterbox: Letterbox) -> None:
    world = world_with(*({"email": f"m{number}@example.com"} for number in range(3)))
    messages = tell_all(world)
    letterbox.replies = ["250 OK", "451 try later", "550 no such person", "250 OK", "550 no such person"]
    with pytest.raises(ExceptionGroup):
        mail_all(message_ids=messages, at=AT)
    assert [mail["To"] for mail in letterbox.letters] == ["m0@example.com"]
    waiting = OutboxMessage.objects.filter(topic="notice.told", due_at__isnull=False)
    assert list(waiting.values_list("pk", flat=True)) == messages
    mail_all(message_ids=messages, at=AT)
    assert [mail["To"] for mail in letterbox.letters] == ["m0@example.com", "m1@example.com"]
    assert not waiting.exists()


@pytest.mark.django_db
def test_a_notice_that_no_words_fit_holds_up_no_other(letterbox: Letterbox) -> None:
    world = world_with(*({"email": f"m{number}@example.com"} for number in range(2)))
    messages = tell_all(world, "tier_grace", **GRACE, until="2027-07-15")
    Notice.objects.filter(pk=Notice.objects.earliest("pk").pk).update(values={})
    with pytest.raises(ExceptionGroup):
        mail_all(message_ids=messages, at=AT)
    assert [mail["To"] for mail in letterbox.letters] == ["m1@example.com"]


@pytest.mark.django_db
def test_a_mail_server_that_is_away_loses_nothing(letterbox: Letterbox, settings: Settings) -> None:
    world = world_with({"email": "ann@example.com"})
    messages = tell_all(world)
    there = settings.MAILERS
    settings.MAILERS = {"default": {**there["default"], "OPTIONS": {"host": "127.0.0.1", "port": 1}}}
    with pytest.raises(OSError):
        mail_all(message_ids=messages, at=AT)
    assert ConsumedMessage.objects.count() == 0
    settings.MAILERS = there
    mail_all(message_ids=messages, at=AT)
    assert len(letterbox.letters) == 1


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_once_send_one_mail(letterbox: Letterbox) -> None:
    messages = tell_all(world_with({"email": "ann@example.com"}))

    def deliver() -> None:
        try:
            mail_all(message_ids=messages, at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(deliver) for _ in range(2)]:
            done.result()
    assert len(letterbox.letters) == 1


@pytest.mark.django_db(transaction=True)
def test_a_slow_mail_server_keeps_nobody_from_the_notice(letterbox: Letterbox) -> None:
    messages = tell_all(world_with({"email": "ann@example.com"}))

    def read_meanwhile() -> None:
        try:
            with transaction.atomic():
                found.extend(Notice.objects.select_for_update(nowait=True).values_list("mailed_at", flat=True))
        finally:
            connection.close()

    found: list[object] = []
    letterbox.gate = read_meanwhile
    mail_all(message_ids=messages, at=AT)
    assert (len(letterbox.letters), found) == (1, [None])
    assert Notice.objects.get().mailed_at == AT


@pytest.mark.django_db
def test_nobody_writes_to_an_erased_member(letterbox: Letterbox) -> None:
    messages = tell_all(world_with({"email": "ann@example.com"}))
    Member.objects.update(status="erased")
    mail_all(message_ids=messages, at=AT)
    assert letterbox.letters == []


@pytest.mark.django_db
def test_what_was_told_is_not_told_again() -> None:
    world = world_with({})
    assert len(tell_all(world)) == 1
    assert len(tell_all(world)) == 1
    assert Notice.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("redemption", "page"), [("", "vouchers/"), (UUID, f"redemptions/{UUID}/")])
def test_a_voucher_that_an_outlet_voided_is_told_with_its_page(
    letterbox: Letterbox, redemption: str, page: str
) -> None:
    world = world_with({"email": "ann@example.com"})
    values = {"voucher": UUID, "reward": "gone", "outlet": "CAFE", "redemption": redemption}
    mail_all(message_ids=tell_all(world, "voucher_voided", **values), at=AT)
    (mail,) = letterbox.letters
    assert mail["Subject"] == "Your voucher was taken out of use: gone"
    plain, _ = (part.get_content() for part in mail.iter_parts())  # type: ignore[attr-defined]
    assert "CAFE did this" in plain
    assert f"/p/demo/{page}" in plain


@pytest.mark.django_db
def test_what_is_ready_is_told_in_the_portal_alone_for_it_goes_out_itself(letterbox: Letterbox) -> None:
    world = world_with({"email": "ann@example.com"})
    mail_all(message_ids=tell_all(world, "redemption_ready", redemption=UUID, reward="gone"), at=AT)
    assert letterbox.letters == []


@pytest.mark.django_db
def test_points_that_came_back_unasked_are_told_with_the_receipt(letterbox: Letterbox) -> None:
    world = world_with({"email": "ann@example.com"})
    values = {"redemption": UUID, "reward": "gone", "points": 500, "because": "failed"}
    mail_all(message_ids=tell_all(world, "redemption_back", **values), at=AT)
    (mail,) = letterbox.letters
    assert mail["Subject"] == "Your points are back: gone"
    plain, _ = (part.get_content() for part in mail.iter_parts())  # type: ignore[attr-defined]
    assert "gone could not be delivered. 500 points are in your wallet again" in plain
    assert f"/p/demo/redemptions/{UUID}/" in plain
