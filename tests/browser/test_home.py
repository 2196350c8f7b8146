"""What members do at home: read, ask why, sort, change language and consents, put it on their home screen."""

import json
import struct

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, SignedIn
from tests.browser.demonstration import Demonstration
from tests.browser.people import sign_in_by_password

MOST_BYTES = 150_000  # of a page and what it loads, as it comes over the line, less the typefaces
MOST_BYTES_OF_FONTS = 256_000  # Arabic beside Latin; kept for a year
MARIAM, SARI, KRIT = "mariam@example.com", "sari@example.com", "krit@example.com"


def test_a_member_asks_why_points_came_and_reads_plain_words(demo: Demonstration, signed_in: SignedIn) -> None:
    screen = signed_in(MARIAM, program="automotive")
    screen.visit(f"{demo.url}/p/automotive/")
    balance = screen.says("balance").inner_text().split()[0]
    screen.follow(screen.page.locator('main a[href="/p/automotive/activity/"]').first)
    assert screen.says("balance").inner_text() == balance
    row = screen.says("activity-row").filter(has=screen.page.locator("b.good")).first
    row.locator("summary").click()
    reasons = row.locator(".why li")
    expect(reasons.first).to_be_visible()
    said = " ".join(reasons.all_inner_texts())
    assert "point" in said
    assert not [mark for mark in ("_", "{", "None") if mark in said]
    screen.look_around("activity-why")


def test_activity_is_sorted_into_what_came_and_what_expired(demo: Demonstration, signed_in: SignedIn) -> None:
    screen = signed_in(SARI, program="wallet")
    screen.visit(f"{demo.url}/p/wallet/activity/")
    everything = screen.says("activity-row").all_inner_texts()
    screen.follow(screen.page.locator('.segmented a[href="?show=earned"]'))
    expect(screen.page.locator('.segmented [aria-current="true"]')).to_have_attribute("href", "?show=earned")
    earned = screen.says("activity-row").all_inner_texts()
    assert earned
    assert not any("−" in row.splitlines()[-2] for row in earned if len(row.splitlines()) > 2)
    screen.follow(screen.page.locator('.segmented a[href="?show=expired"]'))
    expired = screen.says("activity-row").all_inner_texts()
    assert not set(expired) & set(earned)
    assert everything != expired


def test_a_visitor_s_language_stays_through_signing_in(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="en")
    screen.visit(f"{demo.url}/p/wallet/")
    screen.page.locator("button[name=language][value=th]").click()
    expect(screen.page.locator("html")).to_have_attribute("lang", "th")
    sign_in_by_password(screen, demo, program="wallet", who=KRIT)
    expect(screen.page.locator("html")).to_have_attribute("lang", "th")
    screen.look("home-thai")


def test_a_language_chosen_in_the_profile_holds_on_every_device(demo: Demonstration, open_screen: Open) -> None:
    screen, another = open_screen(language="en"), open_screen(language="en")
    screen.visit(f"{demo.url}/p/wallet/")
    screen.page.locator("button[name=language][value=ms]").click()
    sign_in_by_password(screen, demo, program="wallet", who="aisyah@example.com")
    for language in ("vi", "en"):
        screen.visit(f"{demo.url}/p/wallet/profile/")
        screen.page.locator("select[name=language]").select_option(language)
        screen.page.locator("form[aria-labelledby=details] button").click()
        expect(screen.page.locator("html")).to_have_attribute("lang", language)
        screen.visit(f"{demo.url}/p/wallet/activity/")
        expect(screen.page.locator("html")).to_have_attribute("lang", language)
    sign_in_by_password(another, demo, program="wallet", who="aisyah@example.com")
    expect(another.page.locator("html")).to_have_attribute("lang", "en")


def test_consents_can_be_taken_back(demo: Demonstration, signed_in: SignedIn) -> None:
    screen = signed_in(KRIT, program="wallet")
    for wanted in (True, False, True):
        screen.visit(f"{demo.url}/p/wallet/profile/")
        screen.page.locator("[name=marketing]").set_checked(wanted)
        screen.page.locator("form:has([name=consents]) button").click()
        expect(screen.page.locator("main .flash[role=status]")).to_be_visible()
        screen.page.reload()
        expect(screen.page.locator("[name=marketing]")).to_be_checked(checked=wanted)


def test_the_portal_can_be_put_on_a_home_screen(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="en")
    screen.visit(f"{demo.url}/p/automotive/")
    address = screen.page.locator('link[rel="manifest"]').get_attribute("href")
    answer = screen.context.request.get(f"{demo.url}{address}")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = json.loads(answer.body())
    assert manifest["name"]
    assert manifest["display"] == "standalone"
    assert manifest["start_url"].startswith(manifest["scope"])
    sizes = {}
    for icon in manifest["icons"]:
        drawn = screen.context.request.get(f"{demo.url}{icon['src']}")
        assert drawn.ok
        assert drawn.headers["content-type"].startswith(icon["type"])
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", drawn.body()[16:24])
            sizes[icon["sizes"]] = f"{width}x{height}"
    assert sizes == {"192x192": "192x192", "512x512": "512x512"}
    errors = screen.context.new_cdp_session(screen.page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []


def test_without_javascript_members_sign_in_and_read(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="ar", java_script_enabled=False)
    sign_in_by_password(screen, demo, program="automotive", who="abdullah@example.com")
    expect(screen.says("balance")).to_be_visible()
    screen.page.locator('nav a[href="/p/automotive/activity/"]').click()
    row = screen.says("activity-row").first
    row.locator("summary").click()
    expect(row.locator(".why")).to_be_visible()
    screen.page.locator('.topbar a[href$="/profile/"]').click()
    screen.page.locator("form:has([name=consents]) button").click()
    expect(screen.page.locator("main .flash[role=status]")).to_be_visible()


@pytest.mark.parametrize("page", ["", "activity/"])
def test_a_first_visit_loads_little(demo: Demonstration, open_screen: Open, page: str) -> None:
    screen = open_screen(language="ar")
    sign_in_by_password(screen, demo, program="automotive", who="yusuf@example.com")
    wire = screen.context.new_cdp_session(screen.page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    loaded: dict[str, str] = {}
    weighed: dict[str, float] = {}
    wire.on("Network.responseReceived", lambda told: loaded.update({told["requestId"]: told["type"]}))
    wire.on("Network.loadingFinished", lambda told: weighed.update({told["requestId"]: told["encodedDataLength"]}))
    screen.page.goto(f"{demo.url}/p/automotive/{page}", wait_until="networkidle")
    fonts = sum(size for name, size in weighed.items() if loaded.get(name) == "Font")
    assert len(weighed) >= 5
    assert 0 < sum(weighed.values()) - fonts < MOST_BYTES, (weighed, loaded)
    assert 0 < fonts < MOST_BYTES_OF_FONTS
