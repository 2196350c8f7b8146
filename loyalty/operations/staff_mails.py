"""What staff are told, by e-mail: each notice at most once, in the language of its program."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from dealers.models import StaffNotice
from loyalty.display.staff_words import staff_words
from loyalty.identity.letters import INK, sender
from loyalty.operations.mails import deliver, sent

CONSUMER = "loyalty.operations.tasks.mail_staff"


def mail_staff(*, message_ids: Sequence[int], at: datetime) -> None:
    """Send the notices that these messages of the outbox tell of; what fails is raised, and comes again later."""
    deliver(CONSUMER, message_ids, lambda connection, pk: _mail(connection, pk, at))


def _mail(connection: BaseEmailBackend, notice_id: int, at: datetime) -> None:
    """Send one notice that was not sent yet."""
    notice = StaffNotice.objects.select_related("user", "program").filter(pk=notice_id, mailed_at=None).first()
    if notice is None or not notice.user.email or not notice.user.is_active:
        return
    if sent(connection, letter(notice), staff_notice=notice.pk):
        StaffNotice.objects.filter(pk=notice.pk).update(mailed_at=at)


def letter(notice: StaffNotice) -> EmailMultiAlternatives:
    """A notice as a mail, as text and as HTML."""
    program = notice.program
    with translation.override(program.languages[0]):
        (words,) = staff_words([notice])
        shown = {
            "title": words.title,
            "before": words.body,
            "after": [gettext("You get this mail because of your role in %(program)s.") % {"program": program.name}],
            "link": f"{settings.PUBLIC_URL}{words.address}",
            "link_text": words.link_text,
            "name": program.name,
            "ink": program.brand.get("primary", INK),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        text = render_to_string("account/letter.txt", shown)
        mail = EmailMultiAlternatives(words.title, text, sender(program), [notice.user.email])
        mail.attach_alternative(render_to_string("account/letter.html", shown), "text/html")
    return mail
