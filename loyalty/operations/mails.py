"""Notices by e-mail: each at most once to a member with an address, in the member's language."""

from collections.abc import Sequence
from datetime import datetime
from smtplib import SMTPRecipientsRefused

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from core.models import ConsumedMessage, OutboxMessage
from core.services import outbox
from loyalty.display.notices import Words, in_words
from loyalty.identity.letters import INK, sender
from members.models import Member, MemberIdentity, Notice

CONSUMER = "loyalty.operations.tasks.mail_notices"
FOR_EVER = 500  # replies of mail servers from here on mean: do not try again
log = structlog.get_logger(__name__)


def mail_all(*, message_ids: Sequence[int], at: datetime) -> None:
    """Send the notices that these messages of the outbox tell of; what fails is raised, and comes again later.

    A message is taken in when its notices went out or never will, so a mail server that is away loses nothing.
    """
    done = set(
        ConsumedMessage.objects.filter(consumer=CONSUMER, message__in=message_ids).values_list("message", flat=True)
    )
    messages = [message for message in OutboxMessage.objects.filter(pk__in=message_ids) if message.pk not in done]
    failures = []
    with mailers.default as connection:
        for message in messages:
            failed = [error for pk in message.payload["notices"] if (error := _failure(connection, pk, at))]
            if not failed:
                outbox.consume(consumer=CONSUMER, message_ids=[message.pk], act=lambda _: None)
            failures += failed
    if failures:
        raise ExceptionGroup(f"{len(failures)} notices could not be mailed", failures)


def _failure(connection: BaseEmailBackend, notice_id: int, at: datetime) -> OSError | None:
    """Send one notice; why it did not go out, of the network and all of smtplib's."""
    try:
        _mail(connection, notice_id, at)
    except OSError as error:
        return error
    return None


@transaction.atomic
def _mail(connection: BaseEmailBackend, notice_id: int, at: datetime) -> None:
    """Send one notice, its row held: a second delivery waits, and finds it sent."""
    held = Notice.objects.select_for_update(of=("self",)).select_related("member__program")
    notice = held.filter(pk=notice_id, mailed_at=None).first()
    if notice is None:
        return
    address = MemberIdentity.objects.filter(member=notice.member_id).values_list("email", flat=True).first()
    if not address or notice.member.status == Member.Status.ERASED:
        return
    try:
        connection.send_messages([letter(notice, address)])
    except SMTPRecipientsRefused as refused:
        if any(code < FOR_EVER for code, _ in refused.recipients.values()):
            raise
        log.warning("notice_not_deliverable", notice=notice.pk)
        return
    Notice.objects.filter(pk=notice.pk).update(mailed_at=at)


def letter(notice: Notice, address: str) -> EmailMultiAlternatives:
    """A notice as a mail, as text and as HTML."""
    program = notice.member.program
    with translation.override(notice.member.language):
        (words,) = in_words(program=program, notices=[notice])
        shown = _shown(notice, words)
        text = render_to_string("account/letter.txt", shown)
        mail = EmailMultiAlternatives(words.title, text, sender(program), [address])
        mail.attach_alternative(render_to_string("account/letter.html", shown), "text/html")
    return mail


def _shown(notice: Notice, words: Words) -> dict[str, object]:
    program = notice.member.program
    page = "portal:home" if notice.kind == Notice.Kind.WELCOME else "portal:tier"
    return {
        "title": words.title,
        "before": words.body,
        "after": [gettext("You get this mail because you are a member of %(program)s.") % {"program": program.name}],
        "link": f"{settings.PUBLIC_URL}{reverse(page, kwargs={'program': program.code})}",
        "link_text": gettext("Have a look"),
        "name": program.name,
        "ink": program.brand.get("primary", INK),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
