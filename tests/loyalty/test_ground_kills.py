"""Whatever is killed while events come in: each acknowledged event counts once, and the books add up.

`make abuse` runs this with many kills.
"""

import http.client
import itertools
import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest

from tests.loyalty.ground import BASE, PATIENCE, Platform, eventually, kill, manage, postmaster, worked

KILLS = int(os.environ.get("KILLS") or 6)
SENDERS, BATCH, MEMBERS = 3, 25, 12
SCOPES = "events:write members:write members:read"

pytestmark = [pytest.mark.slow, pytest.mark.abuse, pytest.mark.timeout(900 + 60 * KILLS)]


@dataclass
class Api:
    """A client of the program `demo` that asks again until it gets an answer."""

    port: int
    credentials: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
        """One request; status 0 when nobody answers."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self.token}"}
        try:
            link.request(
                method,
                path,
                body,
                {key: value for key, value in headers.items() if self.token or key == "Content-Type"},
            )
            answer = link.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            link.close()

    def sign_in(self, credentials: dict[str, str]) -> None:
        """Get a token."""
        form = urlencode({"grant_type": "client_credentials", **credentials}).encode()
        status, body = self.ask("POST", "/identity/o/api/token", form, "application/x-www-form-urlencoded")
        assert status == http.HTTPStatus.OK, body
        self.token = json.loads(body)["access_token"]

    def insist(self, method: str, path: str, content: object = None) -> dict[str, object]:
        """Ask until the answer is 200."""
        body = b"" if content is None else json.dumps(content).encode()
        for _ in range(400):
            status, answer = self.ask(method, f"/api/v1{path}", body, "application/json")
            if status == http.HTTPStatus.OK:
                parsed: dict[str, object] = json.loads(answer)
                return parsed
            assert status == 0 or status >= http.HTTPStatus.INTERNAL_SERVER_ERROR, answer
            time.sleep(0.3)
        raise AssertionError(f"no answer to {method} {path}: {status} {answer!r}")


def events(sender: int, number: int) -> list[dict[str, object]]:
    """A batch; each event is worth as many points as its whole dollars."""
    return [
        {
            "specversion": "1.0",
            "id": f"{sender}-{number}-{index}",
            "source": "/abuse",
            "type": "payment.completed",
            "subject": member(index),
            "time": "2026-11-20T10:15:00+08:00",
            "data": {"amount": f"{points(number, index)}.50", "currency": "SGD", "category": "transfer"},
        }
        for index in range(BATCH)
    ]


def member(index: int) -> str:
    return f"M-{index % MEMBERS}"


def points(number: int, index: int) -> int:
    return 1 + (number * 7 + index) % 40


class Sender(threading.Thread):
    """Sends one batch after the other until told to stop; remembers what was acknowledged."""

    def __init__(self, api: Api, name: int, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.api, self.number, self.enough = api, name, enough
        self.acknowledged = 0
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            for number in itertools.count():
                if self.enough.is_set():
                    return
                send(self.api, self.number, number)
                self.acknowledged = number + 1
        except Exception as error:  # noqa: BLE001 - told by the test
            self.failure = error


def send(api: Api, sender: int, number: int) -> list[dict[str, object]]:
    """One batch, until it is acknowledged; each of its events must have been processed."""
    results = api.insist("POST", "/events/batch", events(sender, number))["results"]
    assert isinstance(results, list)
    assert {result["status"] for result in results} == {"processed"}, results
    return results


@pytest.fixture
def api(platform: Platform) -> Api:
    """A client of a program with members."""
    worked(platform.var, "program", "load", str(BASE / "programs/demo.yaml"))
    made = worked(platform.var, "create_api_client", "demo", "till", "--scopes", SCOPES)
    api = Api(platform.port)
    api.sign_in(json.loads(made))
    members = [{"external_id": member(index), "market": "SG"} for index in range(MEMBERS)]
    results = api.insist("POST", "/members/batch", members)["results"]
    assert isinstance(results, list)
    assert {result["status"] for result in results} == {"created"}
    return api


def kill_one(platform: Platform, victim: str) -> None:
    """Kill −9 one process, if it runs."""
    pid = postmaster(platform.var) if victim == "postgres" else platform.pid_of(victim)
    if victim == "web worker":
        pid = max((number for number, command in platform.processes().items() if "granian" in command), default=0)
    if pid:
        kill(pid)


def test_every_acknowledged_event_counts_once(platform: Platform, api: Api) -> None:
    enough = threading.Event()
    senders = [Sender(api, number, enough) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    for victim in itertools.islice(itertools.cycle(["postgres", "web worker", "granian", "celery"]), KILLS):
        before = sum(sender.acknowledged for sender in senders)
        assert eventually(lambda before=before: sum(one.acknowledged for one in senders) >= before + SENDERS)  # type: ignore[misc]
        kill_one(platform, victim)
    enough.set()
    for sender in senders:
        sender.join(timeout=PATIENCE)
        assert sender.failure is None
        assert not sender.is_alive()
    assert balances(api) == expected(senders)
    again = send(api, 0, 0)
    assert {result["duplicate"] for result in again} == {True}
    assert balances(api) == expected(senders)
    assert manage(platform.var, "ledger", "prove").returncode == 0


def expected(senders: list[Sender]) -> Counter[str]:
    """Points of each member if each acknowledged event counts once."""
    sent: Counter[str] = Counter()
    for sender in senders:
        for number in range(sender.acknowledged):
            sent.update({member(index): 0 for index in range(BATCH)})
            for index in range(BATCH):
                sent[member(index)] += points(number, index)
    return sent


def balances(api: Api) -> Counter[str]:
    """Points of each member as the API tells them."""
    told: Counter[str] = Counter()
    for index in range(MEMBERS):
        wallet = api.insist("GET", f"/members/{member(index)}/wallet")["points"]
        assert isinstance(wallet, dict)
        told[member(index)] = wallet["available"]
    return told
