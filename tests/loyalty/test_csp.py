"""Nothing stands in a page itself: every answer forbids it, and our templates have no need of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from loyalty.display.headers import OFFICE_POLICY, POLICY
from tests.loyalty.people import office_client
from tests.members.program import make_program

pytestmark = pytest.mark.django_db

VALUES = {"program": "demo", "provider": "google", "app": "browser", "client": "browser", "app_label": "core"}
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every address of the URL map, with something in the place of each part that varies."""
    for pattern in patterns:
        route = before + re.sub(r"[\^$]|\\Z|\(\?:/\|$\)", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield re.sub(
                r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", lambda part: VALUES.get(part[1] or part[2], "1"), route
            )


def policy(config: dict[str, list[str]]) -> str:
    """The header, on a page that asked for no nonce."""
    return "; ".join(f"{name} {' '.join(v for v in values if 'SENTINEL' not in v)}" for name, values in config.items())


@pytest.fixture
def visitor() -> Client:
    make_program()
    return Client(raise_request_exception=False)


def test_every_answer_outside_the_office_has_the_strict_policy(visitor: Client) -> None:
    asked = {address for address in addresses(get_resolver().url_patterns) if not address.startswith("/office/")}
    said = {address: visitor.get(address).get("Content-Security-Policy") for address in sorted(asked)}
    assert len(said) > 40
    assert {address: value for address, value in said.items() if value != policy(POLICY)} == {}


def test_the_office_may_do_what_its_components_need_and_loads_from_here_alone(visitor: Client) -> None:
    said = office_client().get("/office/")["Content-Security-Policy"]
    assert re.sub(r" 'nonce-[^']+'", "", said) == policy(OFFICE_POLICY)
    assert "http" not in said
    assert "frame-ancestors 'none'" in said


def test_every_answer_refuses_frames_guessing_and_powers_that_no_page_needs(visitor: Client) -> None:
    for address in ("/p/demo/", "/office/login/", "/api/v1/docs/", "/nothing", "/health/"):
        answer = visitor.get(address)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
        assert "microphone=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize(
    "path",
    [path for room in ("templates", "loyalty") for path in Path(settings.BASE_DIR, room).rglob("*.html")],
    ids=str,
)
def test_no_template_has_anything_inline_or_of_another_host(path: Path) -> None:
    text = path.read_text("utf-8")
    mail = path.name.startswith(("letter", "mail"))  # mail readers know no style sheets
    assert mail or INLINE.findall(text) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', text) == []


def test_the_page_of_the_api_has_nothing_inline(visitor: Client) -> None:
    assert INLINE.findall(visitor.get("/api/v1/docs/").content.decode()) == []
