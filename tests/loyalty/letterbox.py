"""A mail server for tests: real SMTP on this machine."""

import asyncio
import email
import socket
from collections.abc import Callable, Iterator
from email.message import Message
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings


class Letterbox:
    """A mail server: letters by recipient; says ``replies`` first, one a letter."""

    def __init__(self) -> None:
        self.letters: list[Message[Any, Any]] = []
        self.replies: list[str] = []
        self.gate: Callable[[], None] | None = None  # what happens while it reads a letter

    async def handle_RCPT(  # noqa: N802  # named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.replies and (reply := self.replies.pop(0)) != "250 OK":
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.gate:
            await asyncio.to_thread(self.gate)
        self.letters.append(email.message_from_bytes(envelope.original_content or b"", policy=default))
        return "250 OK"


@pytest.fixture
def letterbox(settings: Settings) -> Iterator[Letterbox]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Letterbox()
    server = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port},
        }
    }
    settings.PUBLIC_URL = "https://rewards.example.com"
    server.start()
    yield box
    server.stop()
