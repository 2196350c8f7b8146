"""Sending SMS: through an HTTP gateway, or into files for a person to read.

A sender is a class named by ``settings.SMS_SENDER`` with one method, ``send(phone, text)``, which raises ``NotSent``.
"""

import re
from http import HTTPStatus
from typing import Protocol

import requests
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

SECONDS = 10


class NotSent(Exception):
    """A message could not be handed over; nobody got it."""


class Sender(Protocol):
    """Something that sends SMS."""

    def send(self, phone: str, text: str) -> None:
        """Hand a text for a number in E.164 over. Raises NotSent."""


class HttpSender:
    """Posts ``{"to": "+6591234567", "text": "…"}`` to ``SMS_URL`` with ``Authorization: Bearer`` ``SMS_TOKEN``."""

    def send(self, phone: str, text: str) -> None:
        """Done when the gateway answers with 2xx."""
        headers = {"Authorization": f"Bearer {settings.SMS_TOKEN}"}
        body = {"to": phone, "text": text}
        try:
            answer = requests.post(settings.SMS_URL, json=body, headers=headers, timeout=SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise NotSent(type(error).__name__) from error
        if not HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise NotSent(f"the gateway answered {answer.status_code}")


class FileSender:
    """Writes each message to a file in ``var/sms/``: for demonstrations."""

    def send(self, phone: str, text: str) -> None:
        """One file a message, named by time and number."""
        settings.SMS_FOLDER.mkdir(parents=True, exist_ok=True)
        name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{re.sub(r'[^0-9]', '', phone)}.txt"
        (settings.SMS_FOLDER / name).write_text(f"To: {phone}\n\n{text}\n", encoding="utf-8")


def send_sms(phone: str, text: str) -> None:
    """Send a text to a number in E.164 by the configured sender. Raises NotSent."""
    sender: Sender = import_string(settings.SMS_SENDER)()
    sender.send(phone, text)
