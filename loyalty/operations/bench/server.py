"""The real web server on a store, for as long as a measurement lasts, and a client of its API."""

import base64
import contextlib
import http.client
import json
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from django.conf import settings
from django.core.management import CommandError

from core.models import Program
from core.services.clients import create_client
from loyalty.operations.bench.stores import Store, environment, inside
from loyalty.operations.management.commands.run import web_command

HOST = "127.0.0.1"
READY_SECONDS = 60
PACE = 1_000_000  # requests a second: the limit is not what is measured


@contextlib.contextmanager
def serving(store: Store, *scopes: str) -> Iterator[tuple[int, str]]:
    """Serve a store as `make run` would; yields the port and an access token with these scopes."""
    port = _free_port()
    with (settings.VAR_DIR / "bench-web.log").open("wb") as log:
        server = subprocess.Popen(web_command(HOST, port), env=environment(store), stdout=log, stderr=log)
        try:
            _wait(port)
            yield port, _token(store, port, scopes)
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError):
            if ask(http.client.HTTPConnection(HOST, port), "GET", "/api/v1/events", {})[0] == HTTPStatus.UNAUTHORIZED:
                return
        time.sleep(0.2)
    raise CommandError(f"The web server did not come up: see {settings.VAR_DIR / 'bench-web.log'}.")


def _token(store: Store, port: int, scopes: Sequence[str]) -> str:
    """An access token of a client made for this run, as partners get theirs."""
    with inside(store):
        known = create_client(
            program=Program.objects.get(), name="bench", scopes=list(scopes), requests_per_second=PACE
        )
    named = base64.b64encode(f"{known.client_id}:{known.client_secret}".encode()).decode()
    headers = {"Authorization": f"Basic {named}", "Content-Type": "application/x-www-form-urlencoded"}
    body = urllib.parse.urlencode({"grant_type": "client_credentials"})
    status, answer = ask(http.client.HTTPConnection(HOST, port), "POST", "/identity/o/api/token", headers, body)
    if status != HTTPStatus.OK:
        raise CommandError(f"No access token: {answer!r}")
    return str(json.loads(answer)["access_token"])


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: str | None = None
) -> tuple[int, bytes]:
    """One request on a connection that stays open."""
    connection.request(method, path, body=body, headers={"Host": "localhost", **headers})
    answer = connection.getresponse()
    return answer.status, answer.read()
