"""A real browser in front of a whole running platform with a small demonstration."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, StorageState, expect

from tests.browser.demonstration import Demonstration, demonstration
from tests.browser.people import enter_office, press, sign_in_by_password
from tests.browser.places import STAFF
from tests.browser.screens import DESK, PHONE, Screen

INSTALL = "Chromium is not installed: apt-get install --no-install-recommends chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
SECONDS = 1800  # for the test that starts the platform, on a busy machine
PATIENCE = 60_000  # milliseconds, for whatever a browser waits for: a busy machine is no failure
PROGRAM, CAMPAIGN = "automotive", "everyday"  # of which a correction is proposed
expect.set_options(timeout=PATIENCE)
type Open = Callable[..., Screen]
type SignedIn = Callable[..., Screen]

# Playwright keeps an event loop in the tests' thread, and Django would refuse to use its database beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser is slow."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium; where there is none these tests are skipped, but not in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(INSTALL)
    return {"executable_path": path, "args": QUIET}


@pytest.fixture(scope="session")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """The platform with its demonstration; started once, and not where there is no browser."""
    with demonstration(tmp_path_factory.mktemp("demonstration")) as running:
        yield running


def window(browser: Browser, *, language: str, desk: bool = False, dark: bool = False, **more: Any) -> Screen:
    """A fresh profile: nothing is remembered, nobody is signed in."""
    width, height = DESK if desk else PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(PATIENCE)
    return Screen(context=context, page=context.new_page(), language=language)


@pytest.fixture
def open_screen(browser: Browser) -> Iterator[Open]:
    """Opens windows: phone or desk, in a language, light or dark."""
    screens: list[Screen] = []

    def open_one(*, language: str = "en", desk: bool = False, **more: Any) -> Screen:
        touch = {} if desk else {"has_touch": True, "is_mobile": True}
        screens.append(window(browser, language=language, desk=desk, **touch, **more))
        return screens[-1]

    yield open_one
    for screen in screens:
        screen.context.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, demo: Demonstration) -> Iterator[SignedIn]:
    """Windows of people who are signed in: everybody signs in once, and has a window for each language."""
    kept: dict[str, StorageState] = {}
    screens: dict[tuple[str, str], Screen] = {}

    def session(who: str, program: str) -> StorageState:
        screen = window(browser, language="en")
        if program:
            sign_in_by_password(screen, demo, program=program, who=who)
        elif who:
            enter_office(screen, demo, who)
        state = screen.context.storage_state()
        screen.context.close()
        return state

    def of(who: str = "", *, program: str = "", language: str = "en") -> Screen:
        if who not in kept:
            kept[who] = session(who, program)
        if (who, language) not in screens:
            screen = window(browser, language=language, storage_state=kept[who])
            chosen = {"name": "django_language", "value": language, "url": demo.url}
            screen.context.add_cookies([chosen])  # type: ignore[list-item]
            screens[who, language] = screen
        return screens[who, language]

    yield of
    for screen in screens.values():
        screen.context.close()


@pytest.fixture(scope="session")
def decisions(demo: Demonstration, signed_in: SignedIn) -> None:
    """A simulation, a correction and a referral that a guard holds back, so that their pages are there."""
    screen = signed_in(STAFF)
    screen.visit(f"{demo.url}/office/simulations/?program={PROGRAM}")
    press(screen)
    expect(screen.page.locator("#chart")).to_be_visible(timeout=SECONDS * 1000 / 2)
    days = [(timezone.now() - timedelta(days=ago)).date().isoformat() for ago in (14, 0)]
    asked = ("--from", days[0], "--to", days[1], "--policy", "both", "--because", "to be looked at", "--by", "marketer")
    demo.manage("rerate", "propose", CAMPAIGN, "--program", PROGRAM, *asked)
    with closing(demo.api(PROGRAM, "members:write", "members:read", "referrals:write")) as api:
        hold_back(api, referrer="R-MARIAM", friends=[f"R-{letter}{demo.started}" for letter in "AB"])


def hold_back(api: httpx.Client, *, referrer: str, friends: list[str]) -> None:
    """Bring friends, each by the one before and with the same device, so that guards see themselves."""
    for friend in friends:
        api.post("/api/v1/members", json={"external_id": friend, "market": "AE"}).raise_for_status()
        code = api.get(f"/api/v1/members/{referrer}/referrals").raise_for_status().json()["code"]
        claim = {"code": code, "member": friend, "signals": {"device": friends[0]}}
        api.post("/api/v1/referrals", json=claim).raise_for_status()
        referrer = friend
