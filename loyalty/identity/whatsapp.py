"""Sending WhatsApp messages: templates of the Cloud API, which Meta has approved before.

https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
"""

from collections.abc import Sequence
from http import HTTPStatus

import httpx
from django.conf import settings

from loyalty.identity.sms import NotSent

SECONDS = 10.0
AGAIN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class NeverSent(NotSent):
    """It will not be taken, however often it is tried: the number has no WhatsApp, the template does not exist."""


def whatsapp_is_on() -> bool:
    """Whether this installation has an account."""
    return bool(settings.WHATSAPP_TOKEN and settings.WHATSAPP_PHONE_ID and settings.WHATSAPP_TEMPLATE)


def send_whatsapp(phone: str, *, language: str, texts: Sequence[str]) -> None:
    """Send the template to a number in E.164, its places filled with these texts. Raises NotSent, NeverSent."""
    places = [{"type": "text", "text": text} for text in texts]
    body = {
        "messaging_product": "whatsapp",
        "to": phone.removeprefix("+"),
        "type": "template",
        "template": {
            "name": settings.WHATSAPP_TEMPLATE,
            "language": {"code": language},
            "components": [{"type": "body", "parameters": places}],
        },
    }
    address = f"{settings.WHATSAPP_URL.rstrip('/')}/{settings.WHATSAPP_PHONE_ID}/messages"
    headers = {"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}"}
    try:
        answer = httpx.post(address, json=body, headers=headers, timeout=SECONDS, follow_redirects=False)
    except httpx.HTTPError as error:
        raise NotSent(type(error).__name__) from error
    if answer.is_success:
        return
    said = f"WhatsApp answered {answer.status_code}"
    if answer.is_client_error and answer.status_code not in AGAIN:
        raise NeverSent(said)
    raise NotSent(said)
