"""The mails and text messages of a demonstration: no server sends them, this page shows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from heapq import nlargest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

MOST = 50
MOST_FILES = 200
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # as Django's file backend writes it
CODE = re.compile(r"^[0-9A-Z]{3,5}-?[0-9A-Z]{3,5}(?= )|\b\d{6}\b")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail or, without a subject, a text message; ``code`` is what the reader was asked to type."""

    at: datetime
    to: str
    subject: str
    text: str

    @property
    def code(self) -> str:
        """The code that stands first in the subject, or in a text message."""
        found = CODE.search(self.subject or self.text)
        return found.group() if found else ""


@method_decorator(never_cache, name="dispatch")
class Mails(TemplateView):
    """The newest mails, of one address if it is asked for (``?to=``)."""

    template_name = "demo/mails.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """There is no such page outside a demonstration."""
        super().setup(request, *args, **kwargs)
        if not settings.DEMO:
            raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Mails, newest first, and the addresses they went to."""
        to = self.request.GET.get("to", "")
        found = sorted([*mails(), *text_messages()], key=lambda mail: mail.at, reverse=True)
        shown = {
            "to": to,
            "addresses": sorted({mail.to for mail in found}),
            "mails": [mail for mail in found if to in {"", mail.to}][:MOST],
        }
        return {**super().get_context_data(**kwargs), **shown}


def mails() -> Iterator[Mail]:
    """The mails that the file backend wrote."""
    for path in newest(Path(settings.VAR_DIR, "mail"), "*.log"):
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for raw in path.read_bytes().split(BETWEEN):
            if raw.strip():
                yield read_mail(raw, written)


def read_mail(raw: bytes, written: datetime) -> Mail:
    """A mail's plain text; the mark-up of a mail is never shown."""
    message = message_from_bytes(raw.lstrip(), EmailMessage, policy=default)
    body = message.get_body(("plain",))
    date = message.get("Date")
    return Mail(
        at=parsedate_to_datetime(str(date)) if date else written,
        to=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        text=body.get_content().strip() if body else "",
    )


def text_messages() -> Iterator[Mail]:
    """The text messages that were written to files."""
    for path in newest(Path(settings.VAR_DIR, "sms"), "*.txt"):
        head, _, text = path.read_text(encoding="utf-8").partition("\n\n")
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        yield Mail(at=written, to=head.removeprefix("To: ").strip(), subject="", text=text.strip())


def newest(folder: Path, pattern: str) -> list[Path]:
    """The newest files of a folder; none if it is not there."""
    return nlargest(MOST_FILES, folder.glob(pattern), key=lambda path: path.stat().st_mtime)
