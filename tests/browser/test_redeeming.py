"""From signing in to a used voucher, on a phone: find, redeem, show the code; the till takes it once."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.barcodes import read_qr
from tests.browser.conftest import Open, SignedIn
from tests.browser.demonstration import Demonstration
from tests.browser.people import sign_in_by_password
from tests.browser.screens import Screen

PROGRAM, OUTLET = "automotive", "FUEL-AE-DXB-03"
MARIAM = "mariam@example.com"
JUST_DRAWN = re.compile(r"^(2[1-9]|30)$")  # seconds until the next code; this one is good for half a minute more


class Till:
    """A till of a partner that takes vouchers over the API."""

    def __init__(self, demo: Demonstration) -> None:
        """Get an account and a token."""
        self.api = demo.api(PROGRAM, "vouchers:write")

    def take(self, code: str, key: str) -> tuple[int, dict[str, Any]]:
        """Take a voucher; the status and what is said."""
        body = {"code": code, "outlet": OUTLET}
        answer = self.api.post("/api/v1/vouchers/redeem", json=body, headers={"Idempotency-Key": key})
        return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def till(demo: Demonstration) -> Iterator[Till]:
    opened = Till(demo)
    yield opened
    opened.api.close()


def redeem_something(screen: Screen, demo: Demonstration) -> None:
    """From the marketplace to the receipt of something that the points are enough for and that has one price."""
    screen.visit(f"{demo.url}/p/{PROGRAM}/rewards/?affordable=1&kind=voucher&sort=points")
    open_ones = screen.page.locator('[data-test="reward"][data-state="open"] h3 a')
    screen.page.goto(demo.url + str(open_ones.first.get_attribute("href")))
    screen.look("story-reward")
    screen.says("redeem").click()
    expect(screen.says("confirm")).to_be_visible()
    screen.look("story-confirm")
    screen.says("confirm").dblclick()
    screen.page.wait_for_url(re.compile(r"/redemptions/[0-9a-f-]{36}/$"))
    expect(screen.says("redemption")).to_have_attribute("data-state", "issued")
    screen.look_around("story-receipt")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_member_redeems_and_an_outlet_takes_the_code_from_the_screen_exactly_once(
    demo: Demonstration, open_screen: Open, till: Till, language: str
) -> None:
    screen = open_screen(language=language)
    sign_in_by_password(screen, demo, program=PROGRAM, who=MARIAM)
    balance = screen.says("balance").first.inner_text()
    redeem_something(screen, demo)
    assert screen.says("balance").inner_text() != balance
    screen.says("voucher").locator("a.button").first.click()
    expect(screen.says("qr")).to_be_visible()
    screen.look("story-code")
    typed = screen.says("voucher-code").inner_text()
    expect(screen.page.locator("[data-seconds]")).to_have_attribute("data-seconds", JUST_DRAWN)
    shown = read_qr(screen.says("qr").screenshot())
    key = f"{demo.started}-{language}"
    status, taken = till.take(shown, f"{key}-1")
    assert (status, taken["state"], taken["used"]["outlet"]) == (200, "used", OUTLET), taken
    for number, code in enumerate((shown, typed), start=2):  # at once: what was shown is out of date soon
        status, problem = till.take(code, f"{key}-{number}")
        assert (status, problem["type"]) == (409, "/problems/voucher-used"), problem
        assert taken["used"]["at"][:16] in json.dumps(problem)
        assert OUTLET in json.dumps(problem)
    expect(screen.says("sheet")).to_have_attribute("data-state", "used")
    expect(screen.says("qr")).to_have_count(0)
    screen.look_around("story-used")
    screen.visit(f"{demo.url}/p/{PROGRAM}/vouchers/?show=used")
    assert "used" in {one.get_attribute("data-state") for one in screen.says("voucher").all()}


def test_searching_as_one_types_and_going_back_shows_whole_pages(demo: Demonstration, signed_in: SignedIn) -> None:
    screen = signed_in(MARIAM, program=PROGRAM)
    screen.visit(f"{demo.url}/p/{PROGRAM}/rewards/")
    everything = screen.page.locator("#found [role=status]").inner_text()
    screen.page.locator("#q").fill("coffe")  # in one stroke: who types slowly searches in between
    expect(screen.page).to_have_url(re.compile(r"q=coffe"))
    expect(screen.page.locator("#found [role=status]")).not_to_have_text(everything)
    screen.page.go_back()
    expect(screen.page.locator("#found [role=status]")).to_have_text(everything)
    expect(screen.page.locator(".topbar")).to_be_visible()
    screen.page.wait_for_load_state()
    screen.page.locator("#q").fill("qqqxyz")
    expect(screen.page.locator("#found .empty a")).to_be_visible()
    screen.page.locator("#found .empty a").click(delay=600)  # a slow finger: leaving the box must not replace the link
    expect(screen.page).to_have_url(re.compile(r"/rewards/$"))
    expect(screen.says("reward").first).to_be_visible()


def test_choosing_a_filter_or_an_order_searches_at_once(demo: Demonstration, signed_in: SignedIn) -> None:
    screen = signed_in(MARIAM, program=PROGRAM)
    screen.page.set_viewport_size({"width": 1280, "height": 900})
    screen.visit(f"{demo.url}/p/{PROGRAM}/rewards/")
    everything = screen.page.locator("#found [role=status]").inner_text()
    screen.page.locator("#affordable").check()
    expect(screen.page).to_have_url(re.compile(r"affordable=1"))
    expect(screen.page.locator("#found [role=status]")).not_to_have_text(everything)
    screen.page.locator("select[name=sort]").select_option("points")
    expect(screen.page).to_have_url(re.compile(r"affordable=1.*sort=points|sort=points.*affordable=1"))


def test_pieces_and_values_change_the_sum_at_once(demo: Demonstration, signed_in: SignedIn) -> None:
    screen = signed_in(MARIAM, program=PROGRAM)
    screen.visit(f"{demo.url}/p/{PROGRAM}/rewards/?affordable=1&sort=points")
    screen.follow(screen.page.locator('[data-test="reward"][data-state="open"] h3 a').first)
    before = screen.says("redeem").inner_text()
    screen.page.locator("#more-pieces").click()
    expect(screen.page.locator(".stepper output")).to_have_text("2")
    assert screen.says("redeem").inner_text() != before
    assert "/redeem/" not in screen.page.url
    screen.look_around("reward-pieces")
