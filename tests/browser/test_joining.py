"""Joining on a telephone, in one's own language, and finding a home that says what to do."""

from itertools import count

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.demonstration import Demonstration
from tests.browser.people import agree, mailed_code, press, sign_in_by_code, type_code
from tests.loyalty.ground import eventually

NUMBERS = count(1)
STORIES = [("automotive", "ar", "rtl", "ليلى الهاشمي"), ("wallet", "vi", "ltr", "Lê Thu Hà")]


def new_address(demo: Demonstration) -> str:
    """Of somebody who is nobody's member yet."""
    return f"new-{next(NUMBERS)}-{demo.started}@example.org"


@pytest.mark.parametrize(("program", "language", "direction", "name"), STORIES, ids=["arabic", "vietnamese"])
def test_somebody_joins_and_finds_out_how_to_earn(
    demo: Demonstration, open_screen: Open, program: str, language: str, direction: str, name: str
) -> None:
    address = new_address(demo)
    screen = open_screen(language=language)
    screen.visit(f"{demo.url}/p/{program}/")
    expect(screen.page.locator("html")).to_have_attribute("lang", language)
    expect(screen.page.locator("html")).to_have_attribute("dir", direction)
    screen.page.locator(f'a[href^="/p/{program}/join/"]').first.click()
    screen.page.locator("[name=name]").fill(name)
    screen.page.locator("[name=address]").fill(address)
    agree(screen)
    screen.page.locator("[name=marketing]").check()
    screen.look(f"join-filled-{program}")
    press(screen)
    screen.look(f"join-code-{program}")
    type_code(screen, mailed_code(screen, demo, address))
    expect(screen.says("balance")).to_contain_text("0")
    expect(screen.page.locator("html")).to_have_attribute("lang", language)
    screen.look(f"home-new-{program}")
    screen.page.locator(f'.empty a[href="/p/{program}/earn/"]').click()
    expect(screen.page.locator("main h1")).to_be_visible()
    screen.page.goto(f"{demo.url}/p/{program}/profile/")
    expect(screen.page.locator("[name=marketing]")).to_be_checked()
    expect(screen.page.locator("[name=profiling]")).not_to_be_checked()


def test_what_is_missing_is_said_beside_its_field(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="ar")
    screen.visit(f"{demo.url}/p/automotive/join/")
    screen.page.locator("[name=name]").fill("سالم")
    screen.page.locator("[name=address]").fill("not an address")
    press(screen)
    expect(screen.page.locator("[name=terms]:not([aria-invalid=true])")).to_have_count(0)
    expect(screen.page.locator("[name=address]")).to_have_attribute("aria-invalid", "true")
    screen.look("join-refused")


def test_the_worker_sends_a_welcome_by_mail(demo: Demonstration, open_screen: Open) -> None:
    address = new_address(demo)
    screen = open_screen(language="en")
    screen.visit(f"{demo.url}/p/wallet/join/")
    screen.page.locator("[name=name]").fill("Ravi Nair")
    screen.page.locator("[name=address]").fill(address)
    agree(screen)
    press(screen)
    type_code(screen, mailed_code(screen, demo, address))
    expect(screen.says("balance")).to_be_visible()

    def mails() -> int:
        screen.visit(f"{demo.url}/demo/mail?to={address}")
        return int(screen.says("mail").count())

    assert eventually(lambda: mails() == 2)
    expect(screen.says("mail").first.locator("h2")).to_contain_text("Pundiva Rewards")
    expect(screen.says("mail").first.locator('[data-test="code"]')).to_have_count(0)
    screen.look_around("mails")


def test_who_joined_at_a_partner_signs_in_by_code(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="ar")
    sign_in_by_code(screen, demo, program="automotive", who="asma@example.com")
    screen.look("home-by-code")
