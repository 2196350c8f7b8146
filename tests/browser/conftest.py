"""A real browser in front of a whole running platform with a small demonstration."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.screens import DESK, PHONE, Screen

INSTALL = "Chromium is not installed: apt-get install --no-install-recommends chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
type Open = Callable[..., Screen]

# Playwright keeps an event loop in the tests' thread, and Django would refuse to use its database beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser is slow."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium; where there is none these tests are skipped, but not in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(INSTALL)
    return {"executable_path": path, "args": QUIET}


@pytest.fixture
def open_screen(browser: Browser) -> Iterator[Open]:
    """Opens windows: phone or desk, in a language, light or dark."""
    screens: list[Screen] = []

    def open_one(*, language: str = "en", desk: bool = False, dark: bool = False) -> Screen:
        width, height = DESK if desk else PHONE
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            color_scheme="dark" if dark else "light",
            has_touch=not desk,
            is_mobile=not desk,
        )
        name = f"{width}-{language}-{'dark' if dark else 'light'}"
        screens.append(Screen(context=context, page=context.new_page(), name=name))
        return screens[-1]

    yield open_one
    for screen in screens:
        screen.context.close()
