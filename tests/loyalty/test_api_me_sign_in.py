"""A phone signs in: the worked example of docs/api.md, sent to a real server line by line."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import httpx
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from pytest_django.live_server_helper import LiveServer

from core.models import User
from members.models import Member
from tests.campaigns.world import World, everyday, make_world
from tests.loyalty.people import SECRET, last_code, totp

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "api.md"
EMAIL = "aisyah@example.com"
CALL = re.compile(r"^(curl .+)\n# (\d{3}) ", re.MULTILINE)


@pytest.fixture
def world() -> World:
    world = make_world(everyday(), program={"languages": ["en", "id"]})
    world.member("M-0001", name="Aisyah Tan", email=EMAIL, consents={"marketing": True})
    world.outcome("120.00", subject="M-0001")
    return world


@dataclass
class Phone:
    """Sends what the documentation says, with what the answers before gave."""

    url: str
    known: dict[str, str] = field(default_factory=lambda: {"TOKEN": "", "ETAG": ""})
    answers: list[httpx.Response] = field(default_factory=list)

    def curl(self, line: str) -> httpx.Response:
        """One line of the example."""
        names = {
            "APP": f"{self.url}/_allauth/app/v1",
            "API": f"{self.url}/api/v1",
            "JSON": "Content-Type: application/json",
            **self.known,
        }
        return self.send([Template(word).substitute(names) for word in shlex.split(line)[1:]])

    def send(self, words: list[str]) -> httpx.Response:
        """The options of curl that the example uses."""
        method, body, url, headers = "", None, "", {}
        rest = iter(words)
        for word in rest:
            if word == "-H":
                name, _colon, value = next(rest).partition(": ")
                headers[name] = value
            elif word == "-X":
                method = next(rest)
            elif word == "-d":
                body = next(rest)
            elif not word.startswith("-"):
                url = word
        answer = httpx.request(method or ("POST" if body else "GET"), url, headers=headers, content=body, timeout=60)
        self.answers.append(answer)
        self.learn(answer)
        return answer

    def learn(self, answer: httpx.Response) -> None:
        """Keep the newest token and tag, as the example tells."""
        token = answer.json().get("meta", {}).get("session_token") if answer.content else None
        self.known |= {"TOKEN": token} if token else {}
        self.known |= {"ETAG": answer.headers["ETag"]} if "ETag" in answer.headers else {}

    def app(self, method: str, path: str, body: object = None) -> httpx.Response:
        """A call under ``/_allauth/app/v1/``."""
        headers = {"X-Session-Token": self.known["TOKEN"]} if self.known["TOKEN"] else {}
        answer = httpx.request(method, f"{self.url}/_allauth/app/v1/{path}", headers=headers, json=body, timeout=60)
        self.learn(answer)
        return answer

    def me(self) -> httpx.Response:
        """``GET /me``."""
        headers = {"X-Session-Token": self.known["TOKEN"]}
        return httpx.get(f"{self.url}/api/v1/me", headers=headers, timeout=60)


def example() -> Iterator[tuple[str, int]]:
    """The calls of the example, and what each is answered with."""
    section = DOCUMENT.read_text().partition("## A mobile app signs in")[2].partition("```sh")[2].partition("```")[0]
    for line, status in CALL.findall(section):
        yield line, int(status)


def test_the_example_of_the_documentation_works_as_it_stands(world: World, live_server: LiveServer) -> None:
    phone = Phone(live_server.url)
    calls = list(example())
    assert len(calls) == 8
    for line, status in calls:
        answer = phone.curl(line.replace("483920", last_code() if phone.answers else ""))
        assert answer.status_code == status, (line, answer.text)
    _, confirmed, me, ledger, changed, consents, out, after = phone.answers
    assert confirmed.json()["meta"]["is_authenticated"] is True
    assert me.json()["external_id"] == "M-0001"
    assert [entry["amount"] for entry in ledger.json()["items"]] == [120]
    assert changed.json()["language"] == "id"
    assert consents.json() == {"marketing": False, "profiling": False}
    assert out.json()["meta"]["is_authenticated"] is False
    assert after.json()["type"] == "/problems/unauthenticated"
    assert Member.objects.get().consents == []


def test_who_has_a_second_factor_is_in_only_after_it(world: World, live_server: LiveServer) -> None:
    phone = Phone(live_server.url)
    phone.app("POST", "auth/code/request", {"email": EMAIL})
    phone.app("POST", "auth/code/confirm", {"code": last_code()})
    phone.app("DELETE", "auth/session")
    TOTP.activate(User.objects.get(), SECRET)

    again = Phone(live_server.url)
    again.app("POST", "auth/code/request", {"email": EMAIL})
    half = again.app("POST", "auth/code/confirm", {"code": last_code()})
    assert half.status_code == 401
    assert {"id": "mfa_authenticate", "is_pending": True} in [
        {key: flow[key] for key in ("id", "is_pending") if key in flow} for flow in half.json()["data"]["flows"]
    ]
    assert again.me().status_code == 401
    wrong = again.app("POST", "auth/2fa/authenticate", {"code": "000000"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "incorrect_code")
    assert again.me().status_code == 401
    assert again.app("POST", "auth/2fa/authenticate", {"code": totp()}).status_code == 200
    assert again.me().json()["external_id"] == "M-0001"


def test_a_wrong_code_opens_nothing_and_a_used_one_nothing_more(world: World, live_server: LiveServer) -> None:
    phone = Phone(live_server.url)
    phone.app("POST", "auth/code/request", {"email": EMAIL})
    code = last_code()
    wrong = phone.app("POST", "auth/code/confirm", {"code": "000000" if code != "000000" else "111111"})
    assert wrong.status_code == 400
    assert phone.me().status_code == 401
    waiting = phone.known["TOKEN"]
    assert phone.app("POST", "auth/code/confirm", {"code": code}).status_code == 200
    assert phone.known["TOKEN"] != waiting  # a token that somebody planted before is worth nothing after
    stale = Phone(live_server.url, known={"TOKEN": waiting})
    assert stale.me().status_code == 401
    assert stale.app("POST", "auth/code/confirm", {"code": code}).status_code in {401, 409, 410}
