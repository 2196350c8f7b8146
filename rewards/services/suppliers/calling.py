"""One HTTP call to a supplier: bounded in time and size, never redirected, and honest about what is not known."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx
from django.conf import settings

from rewards.models import Supplier
from rewards.rules.supplying import NotReached, Unsure

CONNECT_SECONDS = 5.0
MOST_BYTES = 1_000_000
CODE = re.compile(r"(?!.*[0-9]{6})[a-z_0-9]{1,40}")  # six digits in a row may be somebody's number
SIMULATOR = "simulator:"  # as base address: the simulator of the demonstration
BAD = HTTPStatus.BAD_REQUEST
AGAIN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}
AGAIN |= {HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a status of 2xx or 4xx, and a JSON object, which names the ``error`` of a 4xx."""

    status: int
    body: Mapping[str, Any]

    @property
    def refused(self) -> bool:
        """A definite no."""
        return self.status >= BAD

    @property
    def why(self) -> str:
        """The reason of a no: the status, and the supplier's code for it, never its words: they may name people."""
        said = self.body["error"].lower()
        return f"HTTP {self.status} {said}" if CODE.fullmatch(said) else f"HTTP {self.status}"


class _Watch:
    """Cuts a connection when its time is over, however slowly and steadily the other side sends."""

    def __init__(self, seconds: float) -> None:
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()

    def see(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of the connection (httpcore's extension ``trace``)."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._socket = info["return_value"].get_extra_info("socket")

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # closed in the same moment
                self._socket.shutdown(socket.SHUT_RDWR)


def call(
    supplier: Supplier,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
) -> Reply:
    """Ask a supplier something.

    Raises NotReached where nothing can have been taken in, Unsure where it may have been.
    """
    seconds = float(settings.SUPPLIER_SECONDS)
    times = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    context = _trust()
    with _said(), _Watch(seconds) as watch, httpx.Client(timeout=times, verify=context, trust_env=False) as client:
        request = client.build_request(
            method,
            f"{address_of(supplier)}{path}",
            headers=headers,
            json=body,
            data=form,
            extensions={"trace": watch.see},
        )
        answer = client.send(request, stream=True)
        try:
            return _reply(answer.status_code, _read(answer))
        finally:
            answer.close()


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that we trust, read once."""
    return httpx.create_ssl_context()


def address_of(supplier: Supplier) -> str:
    """Where it is, without a slash at the end."""
    return (settings.SIMULATOR_URL if supplier.base_url == SIMULATOR else supplier.base_url).rstrip("/")


def named(name: str) -> str:
    """A name as part of a path."""
    return quote(name, safe="")


@contextmanager
def _said() -> Iterator[None]:
    """What went wrong on the way, in our words."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise NotReached(type(error).__name__) from error
    except UnicodeEncodeError as error:  # credentials that no header can carry
        raise NotReached(type(error).__name__) from error
    except httpx.HTTPError as error:
        raise Unsure(type(error).__name__) from error


def _read(answer: httpx.Response) -> bytes:
    found = b""
    for part in answer.iter_bytes():
        found += part
        if len(found) > MOST_BYTES:
            raise Unsure("an answer without end")
    return found


def _reply(status: int, raw: bytes) -> Reply:
    if status in AGAIN:
        raise NotReached(f"HTTP {status}")
    if not (HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES or BAD <= status < HTTPStatus.INTERNAL_SERVER_ERROR):
        raise Unsure(f"HTTP {status}")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or (status >= BAD and not isinstance(body.get("error"), str)):
        raise Unsure(f"HTTP {status} and what makes no sense")
    return Reply(status, body)
