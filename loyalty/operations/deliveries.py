"""Redemptions on their way to members: by e-mail, WhatsApp or SMS, to addresses that they have proven.

A delivery is a row that is due at ``next_at``. It is taken up in a short transaction that makes it due again, sent in
none, and then written. Whoever is killed in between sends it once more; nothing is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import structlog
from django.conf import settings
from django.core.mail import mailers
from django.db import transaction
from django.utils.translation import gettext as _

from core.models import User
from core.refusals import LimitReached, NotAvailable
from loyalty.identity.people import proven
from loyalty.identity.sms import NotSent, send_sms
from loyalty.identity.whatsapp import NeverSent, send_whatsapp, whatsapp_is_on
from loyalty.operations.delivery_words import redeemed_letter, redeemed_text, redeemed_texts
from loyalty.operations.mails import sent
from members.models import Member
from members.selectors.locking import lock_members
from rewards.models import Delivery, Redemption

log = structlog.get_logger(__name__)
AGAIN_A_DAY = 3
HISTORY = timedelta(days=1)
LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(minutes=1)
MOST_ATTEMPTS = 10  # about eight hours
Channel, State = Delivery.Channel, Delivery.State


class NoAddress(NeverSent):
    """The member has proven no address for this channel, or is gone."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a member has proven: an e-mail address and a number, empty where there is none."""

    email: str = ""
    phone: str = ""

    @classmethod
    def of(cls, member: Member) -> Self:
        """Those of the person who signs in for the member."""
        if member.user is None or member.status == Member.Status.ERASED:
            return cls()
        emails, phones = proven(member.user)
        return cls(emails[0] if emails else "", phones[0] if phones else "")

    def channels(self) -> list[str]:
        """How the member can be reached, the one that is taken by itself first."""
        found = [Channel.EMAIL] if self.email else []
        found += [Channel.WHATSAPP] if self.phone and whatsapp_is_on() else []
        found += [Channel.SMS] if self.phone and sms_is_on() else []
        return [str(channel) for channel in found]


def sms_is_on() -> bool:
    """Whether SMS go anywhere; in a demonstration they are files."""
    return bool(settings.DEMO or settings.SMS_URL)


def queue_deliveries(*, redemptions: Sequence[Redemption], at: datetime) -> None:
    """Have redemptions that were issued delivered by the first channel that reaches their members; once each.

    What happened long before it was stored is history that was brought along: nobody waits for it.
    """
    rows = []
    for one in redemptions:
        channels = Addresses.of(one.member).channels()
        is_news = one.recorded_at - one.at < HISTORY
        if channels and is_news and one.state == Redemption.State.ISSUED:
            rows.append(Delivery(redemption=one, channel=channels[0], first=True, next_at=at, created_at=at))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def resend(*, redemption: Redemption, channel: str, at: datetime, by: User | None = None) -> Delivery:
    """Deliver a redemption once more, because the member (or ``by``, for the member) asks; three times in a day.

    Raises NotAvailable where it was not issued or the channel does not reach the member, LimitReached.
    """
    lock_members([redemption.member_id])
    row = Redemption.objects.select_related("member__user").get(pk=redemption.pk)
    if row.state != Redemption.State.ISSUED:
        raise NotAvailable(_("There is nothing to send yet."))
    if channel not in Addresses.of(row.member).channels():
        raise NotAvailable(_("The member has no proven address for this."))
    lately = Delivery.objects.filter(redemption=row, first=False, created_at__gt=at - timedelta(days=1))
    if lately.count() >= AGAIN_A_DAY:
        raise LimitReached(_("It was sent three times within a day. Try again tomorrow."))
    return Delivery.objects.create(redemption=row, channel=channel, asked_by=by, next_at=at, created_at=at)


def send_next(*, at: datetime) -> Delivery | None:
    """Take up the delivery that is due first and send it; as it is then, None if nothing is due."""
    row = _take_up(at)
    if row is not None:
        _write(row, _failure(row), at)
        row.save(update_fields=["state", "next_at", "sent_at", "last_error"])
    return row


@transaction.atomic
def _take_up(at: datetime) -> Delivery | None:
    due = Delivery.objects.filter(next_at__lte=at).order_by("next_at", "pk")
    row = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if row is None:
        return None
    row.attempts, row.next_at = row.attempts + 1, at + LEASE
    row.save(update_fields=["attempts", "next_at"])
    parts = ("redemption__reward", "redemption__order", "redemption__member__user", "redemption__member__program")
    return Delivery.objects.select_related(*parts).get(pk=row.pk)


def _failure(row: Delivery) -> Exception | None:
    """Send it; why it did not go out: whatever it was, it counts as an attempt, so that nothing is tried for ever."""
    try:
        _send(row)
    except (NotSent, OSError) as error:
        return error
    except Exception as error:
        log.exception("delivery_failed", delivery=row.pk)
        return error
    return None


def _send(row: Delivery) -> None:
    redemption = row.redemption
    if redemption.state != Redemption.State.ISSUED:
        raise NeverSent("it was cancelled meanwhile")
    to = Addresses.of(redemption.member)
    if row.channel not in to.channels():
        raise NoAddress("no proven address")
    if row.channel == Channel.EMAIL:
        with mailers.default as connection:
            if not sent(connection, redeemed_letter(redemption, to.email), delivery=row.pk):
                raise NeverSent("the address is refused")
    elif row.channel == Channel.WHATSAPP:
        send_whatsapp(to.phone, language=redemption.member.language, texts=redeemed_texts(redemption))
    else:
        send_sms(to.phone, redeemed_text(redemption))


def _write(row: Delivery, failure: Exception | None, at: datetime) -> None:
    if failure is None:
        row.state, row.next_at, row.sent_at, row.last_error = State.SENT, None, at, ""
        return
    row.last_error = str(failure)[:200] if isinstance(failure, NotSent) else type(failure).__name__
    if isinstance(failure, NeverSent) or row.attempts >= MOST_ATTEMPTS:
        row.state, row.next_at = State.FAILED, None
    else:
        row.next_at = at + FIRST_PAUSE * 2 ** (row.attempts - 1)
