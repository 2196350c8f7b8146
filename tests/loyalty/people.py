"""People in tests: who signs in by code, staff with a second factor, and the servers that get mails and SMS."""

import http.server
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as WHOSE
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from core.models import User

CODE = re.compile(r"\b\d{6}\b")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in_staff(client: Client, user: User) -> Client:
    """A session of staff that has shown its second factor just now."""
    client.force_login(user)
    session = client.session
    session[METHODS] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session[WHOSE] = str(user.pk)
    session.save()
    return client


def office_client(username: str = "boss") -> Client:
    """A browser in which a superuser is in the office."""
    user = User.objects.filter(username=username).first() or User.objects.create_superuser(username)
    return sign_in_staff(Client(), user)


def totp(secret: str = SECRET, *, steps: int = 0) -> str:
    """What an authenticator app shows now, or some steps of thirty seconds later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def wrong_code(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def last_code() -> str:
    """The code in the last mail of the test's own outbox."""
    found = CODE.search(str(mail.outbox[-1].body))
    assert found
    return found[0]


def ask_code(client: Client, address: str, program: str = "demo", **data: str) -> HttpResponse:
    """Ask for a code at the door of a program."""
    return client.post(f"/p/{program}/sign-in/", {"address": address, **data})  # type: ignore[return-value]


def enter_code(client: Client, code: str, program: str = "demo", **data: str) -> HttpResponse:
    """Type a code."""
    return client.post(f"/p/{program}/sign-in/code/", {"code": code, **data})  # type: ignore[return-value]


def sign_in(client: Client, address: str, program: str = "demo") -> HttpResponse:
    """Sign in by a code that arrives by mail."""
    ask_code(client, address, program)
    return enter_code(client, last_code(), program)


@dataclass
class Mailbox:
    """What a real mail server took in."""

    port: int = 0
    letters: list[Message] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A real SMTP server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        box = Mailbox(port=probe.getsockname()[1])
    server = Controller(box, hostname="127.0.0.1", port=box.port, ready_timeout=60)
    server.start()
    yield box
    server.stop()


@dataclass
class Gateway:
    """What a real SMS gateway took in; ``status`` is what it answers."""

    url: str = ""
    status: int = 202
    got: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


@contextmanager
def sms_gateway() -> Iterator[Gateway]:
    """A real HTTP server on this machine that takes SMS."""
    gateway = Gateway()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.got.append(json.loads(body))
            gateway.tokens.append(self.headers["Authorization"])
            self.send_response(gateway.status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gateway.url = f"http://127.0.0.1:{server.server_port}/sms"
    yield gateway
    server.shutdown()
    server.server_close()
