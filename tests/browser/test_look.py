"""The invitation and the pages of errors in a real browser: accessible, nothing refused, nothing too wide."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Response
from pytest_django.live_server_helper import LiveServer

from core.models import Program
from core.rules.contrast import LEAST_FOR_TEXT
from loyalty.operations.program_file.loading import load_program
from tests.browser.conftest import Open
from tests.loyalty.demo_program import FILE
from tests.members.people import AT

pytestmark = pytest.mark.django_db(transaction=True)

MOST_BYTES = 150_000  # of a page and what it loads, compressed, without fonts and pictures
PROGRAMS = ("automotive", "merchant", "wallet")

BRANDS = [
    "#000000", "#ffffff", "#808080", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff", "#bfff00",
    "#ff7f00", "#7f00ff", "#0d3f3a", "#2747e0", "#b23a12", "#f6c453", "#fde2e4", "#10002b",
]  # fmt: skip
PAIRS = [
    *[(text, ground) for text in ("ink", "ink-soft") for ground in ("canvas", "surface", "sunken", "tint-strong")],
    *[("ink-faint", ground) for ground in ("canvas", "surface", "sunken")],
    *[("brand-ink", ground) for ground in ("canvas", "surface", "tint", "tint-strong")],
    *[(meaning, ground) for meaning in ("good", "warn", "bad") for ground in ("surface", f"{meaning}-tint")],
    ("on-fill", "fill"), ("on-hero", "hero"), ("on-hero-soft", "hero"),
]  # fmt: skip
# The colours that a browser makes of the tokens, painted on a canvas and read as WCAG 2.2 does.
MEASURE = """([brand, pairs]) => {
    document.documentElement.style.setProperty("--brand", brand);
    document.documentElement.style.setProperty("--accent", brand);
    const probe = document.body.appendChild(document.createElement("i"));
    const brush = document.createElement("canvas").getContext("2d");
    const luminance = (token) => {
        probe.style.color = `var(--${token})`;
        brush.fillStyle = getComputedStyle(probe).color;
        brush.fillRect(0, 0, 1, 1);
        const linear = [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).map((byte) => byte / 255)
            .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    return pairs.map(([text, ground]) => {
        const [dark, light] = [luminance(text), luminance(ground)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    });
}"""


@pytest.fixture
def programs() -> list[Program]:
    """The shipped programs with their brands."""
    for code in PROGRAMS:
        load_program(raw=FILE.with_name(f"{code}.yaml").read_bytes(), at=AT, why="test")
    return list(Program.objects.order_by("code"))


@pytest.mark.parametrize(("desk", "dark"), [(False, False), (True, True)], ids=["phone-light", "desk-dark"])
def test_every_program_invites_in_all_its_languages(
    live_server: LiveServer, programs: list[Program], open_screen: Open, desk: bool, dark: bool
) -> None:
    for program in programs:
        for language in program.languages:
            screen = open_screen(language=language, desk=desk, dark=dark)
            screen.page.goto(f"{live_server.url}/p/{program.code}/")
            screen.look(f"landing-{program.code}")
            assert screen.page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("language", ["en", "ar"])
def test_errors_are_told_in_the_program_s_look(
    live_server: LiveServer, programs: list[Program], open_screen: Open, language: str
) -> None:
    screen = open_screen(language=language)
    screen.page.goto(f"{live_server.url}/p/automotive/nothing/")
    screen.look("error-program")
    screen.page.goto(f"{live_server.url}/nothing/")
    screen.look("error-plain")


def test_a_language_is_changed_with_one_tap(
    live_server: LiveServer, programs: list[Program], open_screen: Open
) -> None:
    screen = open_screen(language="en")
    screen.page.goto(f"{live_server.url}/p/automotive/")
    screen.page.locator("button[value=ar]").click()
    screen.page.wait_for_selector("html[dir=rtl]")
    assert screen.page.url == f"{live_server.url}/p/automotive/"


def test_the_page_of_the_api_works_under_the_strict_policy(live_server: LiveServer, open_screen: Open) -> None:
    screen = open_screen(desk=True)
    screen.page.goto(f"{live_server.url}/api/v1/docs/")
    screen.page.wait_for_selector(".opblock-summary")
    assert screen.complaints == []


def test_a_page_and_its_sheets_weigh_little(
    live_server: LiveServer, programs: list[Program], open_screen: Open
) -> None:
    screen = open_screen(language="ar")
    answers: list[Response] = []

    def note(answer: Response) -> None:
        if answer.request.resource_type in {"document", "stylesheet", "script"}:
            answers.append(answer)

    screen.page.on("response", note)
    screen.page.goto(f"{live_server.url}/p/automotive/", wait_until="networkidle")
    loaded = {answer.url: len(gzip.compress(answer.body())) for answer in answers}
    icons = len(gzip.compress(Path(settings.BASE_DIR, "static", "icons.svg").read_bytes()))
    assert len(loaded) >= 5
    assert sum(loaded.values()) + icons < MOST_BYTES


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_keeps_its_contrast_whatever_the_brand(
    live_server: LiveServer, programs: list[Program], open_screen: Open, dark: bool
) -> None:
    page = open_screen(dark=dark).page
    page.goto(f"{live_server.url}/p/automotive/")
    weak = [
        f"{brand}: {text} on {ground} {ratio:.2f}"
        for brand in BRANDS
        for (text, ground), ratio in zip(PAIRS, page.evaluate(MEASURE, [brand, PAIRS]), strict=True)
        if ratio < LEAST_FOR_TEXT
    ]
    assert weak == []


def test_no_page_asks_another_server(live_server: LiveServer, programs: list[Program], open_screen: Open) -> None:
    screen = open_screen(language="th")
    asked: set[str] = set()
    screen.page.on("request", lambda request: asked.add(request.url))
    screen.page.goto(f"{live_server.url}/p/wallet/", wait_until="networkidle")
    assert {url for url in asked if not url.startswith((live_server.url, "data:"))} == set()
    fonts = {url.rpartition("/")[2] for url in asked if url.endswith(".woff2")}
    assert fonts == {"inter-latin-opsz-normal.woff2", "noto-sans-thai-thai-wght-normal.woff2"}
