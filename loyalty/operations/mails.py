"""Notices by e-mail: each at most once to a member with an address, in the member's language."""

from collections.abc import Callable, Sequence
from datetime import datetime
from smtplib import SMTPRecipientsRefused

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from core.models import ConsumedMessage, OutboxMessage
from core.services import outbox
from core.services.locks import session_lock
from loyalty.display.notices import Words, in_words
from loyalty.identity.letters import INK, sender
from members.models import Member, MemberIdentity, Notice

CONSUMER = "loyalty.operations.tasks.mail_notices"
PORTAL_ONLY = {Notice.Kind.REDEMPTION_READY}  # what is ready goes out itself (``loyalty.operations.deliveries``)
FOR_EVER = 500  # replies of mail servers from here on mean: do not try again
log = structlog.get_logger(__name__)


def mail_all(*, message_ids: Sequence[int], at: datetime) -> None:
    """Send the notices that these messages of the outbox tell of; what fails is raised, and comes again later.

    A message is taken in when its notices went out or never will, so a mail server that is away loses nothing.
    """
    deliver(CONSUMER, message_ids, lambda connection, pk: _mail(connection, pk, at))


def deliver(consumer: str, message_ids: Sequence[int], mail: Callable[[BaseEmailBackend, int], None]) -> None:
    """Send what these messages tell of, each notice by ``mail``; the same promises for all who are told."""
    done = set(
        ConsumedMessage.objects.filter(consumer=consumer, message__in=message_ids).values_list("message", flat=True)
    )
    messages = [message for message in OutboxMessage.objects.filter(pk__in=message_ids) if message.pk not in done]
    failures = []
    with mailers.default as connection:
        for message in messages:
            failed = []
            for pk in message.payload["notices"]:
                with session_lock(f"{consumer} {pk}"):  # who delivers it at the same time waits, and finds it sent
                    error = _failure(mail, connection, pk)
                failed += [error] if error else []
            if not failed:
                outbox.consume(consumer=consumer, message_ids=[message.pk], act=lambda _: None)
            failures += failed
    if failures:
        raise ExceptionGroup(f"{len(failures)} notices could not be mailed", failures)


def _failure(
    mail: Callable[[BaseEmailBackend, int], None], connection: BaseEmailBackend, notice_id: int
) -> Exception | None:
    """Send one notice; why it did not go out, whatever it was: it comes again later, and the others do not wait."""
    try:
        mail(connection, notice_id)
    except Exception as error:  # noqa: BLE001 - raised with all others when every notice had its turn
        return error
    return None


def _mail(connection: BaseEmailBackend, notice_id: int, at: datetime) -> None:
    """Send one notice that was not sent yet."""
    notice = Notice.objects.select_related("member__program").filter(pk=notice_id, mailed_at=None).first()
    if notice is None or notice.kind in PORTAL_ONLY:
        return
    address = MemberIdentity.objects.filter(member=notice.member_id).values_list("email", flat=True).first()
    if not address or notice.member.status == Member.Status.ERASED:
        return
    if sent(connection, letter(notice, address), notice=notice.pk):
        Notice.objects.filter(pk=notice.pk).update(mailed_at=at)


def sent(connection: BaseEmailBackend, mail: EmailMultiAlternatives, **named: object) -> bool:
    """Send a mail; False where its address is refused for ever."""
    try:
        connection.send_messages([mail])
    except SMTPRecipientsRefused as refused:
        if any(code < FOR_EVER for code, _ in refused.recipients.values()):
            raise
        log.warning("notice_not_deliverable", **named)
        return False
    return True


def letter(notice: Notice, address: str) -> EmailMultiAlternatives:
    """A notice as a mail, as text and as HTML."""
    program = notice.member.program
    with translation.override(notice.member.language):
        (words,) = in_words(member=notice.member, notices=[notice])
        shown = _shown(notice, words)
        text = render_to_string("account/letter.txt", shown)
        mail = EmailMultiAlternatives(words.title, text, sender(program), [address])
        mail.attach_alternative(render_to_string("account/letter.html", shown), "text/html")
    return mail


def _shown(notice: Notice, words: Words) -> dict[str, object]:
    program = notice.member.program
    return {
        "title": words.title,
        "before": words.body,
        "after": [gettext("You get this mail because you are a member of %(program)s.") % {"program": program.name}],
        "link": f"{settings.PUBLIC_URL}{_page(notice)}",
        "link_text": gettext("Have a look"),
        "name": program.name,
        "ink": program.brand.get("primary", INK),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }


def _page(notice: Notice) -> str:
    """The page of the portal that shows what a notice is about."""
    named = {"program": notice.member.program.code}
    match notice.kind:
        case Notice.Kind.WELCOME:
            return reverse("portal:home", kwargs=named)
        case Notice.Kind.VOUCHER_VOIDED if not notice.values["redemption"]:
            return reverse("portal:vouchers", kwargs=named)
        case Notice.Kind.REDEMPTION_BACK | Notice.Kind.REDEMPTION_READY | Notice.Kind.VOUCHER_VOIDED:
            return reverse("portal:redemption", kwargs={**named, "redemption": notice.values["redemption"]})
    return reverse("portal:tier", kwargs=named)
