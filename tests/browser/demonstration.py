"""The whole platform with a small demonstration, as a person has it who typed ``make run``."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from loyalty.embedded.places import var_folder
from tests.loyalty.ground import Platform, worked
from tests.loyalty.people import totp

SHARE = "0.01"  # of the usual members; the personas are there anyhow
RUNNING = "DEMONSTRATION"  # the address of a demonstration that runs already, of this LOYALTY_VAR


class Demonstration:
    """Where it is, and how people sign in: what ``make run`` prints, and nothing else."""

    def __init__(self, url: str, var: Path) -> None:
        """Read the table of sign-ins."""
        self.url = url
        self.var = var
        self.started = int(time.time())  # for names that nobody had before
        self.table = (var / "demo-sign-ins.txt").read_text()
        found = re.search(r"^Password of all of these: (\S+)$", self.table, re.MULTILINE)
        assert found, self.table
        self.password = found[1]

    def app_code(self, username: str, *, steps: int = 0) -> str:
        """What a colleague's authenticator app shows."""
        found = re.search(rf"^/office/ +{username} .* ([A-Z2-7]{{32}})$", self.table, re.MULTILINE)
        assert found, username
        return totp(found[1], steps=steps)

    def api(self, program: str, *scopes: str) -> httpx.Client:
        """What a partner of a program calls the API with."""
        name = f"Partner {self.started} {scopes[0]}"
        made = json.loads(self.manage("create_api_client", program, name, "--scopes", " ".join(scopes)))
        api = httpx.Client(base_url=self.url, timeout=60)
        answer = api.post(
            "/identity/o/api/token",
            data={"grant_type": "client_credentials"},
            auth=(made["client_id"], made["client_secret"]),
        )
        api.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return api

    def manage(self, *arguments: str) -> str:
        """What its administrator types beside it."""
        return worked(self.var, *arguments)


@contextmanager
def demonstration(var: Path) -> Iterator[Demonstration]:
    """One that is started here and stopped afterwards; or the one that runs at ``DEMONSTRATION`` already."""
    if url := os.environ.get(RUNNING):
        yield Demonstration(url, var_folder())
        return
    platform = Platform(var, DEMO="1", DEMO_SHARE=SHARE)
    try:
        yield Demonstration(f"http://localhost:{platform.port}", var)
    finally:
        platform.stop()
