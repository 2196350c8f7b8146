"""What people do to sign in, with their own hands: type, press, read their mail."""

from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser.demonstration import Demonstration
from tests.browser.screens import Screen


def press(screen: Screen) -> None:
    """Send the form of the page, and wait for what answers."""
    with screen.page.expect_navigation():
        screen.page.locator("main form button[type=submit], main form button:not([type])").first.click()


def agree(screen: Screen) -> None:
    """Accept the terms, where the program has any."""
    for box in screen.page.locator("[name=terms]").all():
        box.check()


def mailed_code(screen: Screen, demo: Demonstration, address: str) -> str:
    """Read the newest mail or text message of an address, in a window beside, and take the code from it."""
    beside = screen.context.new_page()
    beside.goto(f"{demo.url}/demo/mail?to={quote(address)}")
    code = beside.locator('[data-test="mail"] [data-test="code"]').first.inner_text()
    beside.close()
    return code


def ask_code(screen: Screen, demo: Demonstration, *, program: str, who: str) -> None:
    """Ask for a code at the door of a program."""
    screen.visit(f"{demo.url}/p/{program}/sign-in/")
    screen.page.locator("[name=address]").fill(who)
    press(screen)
    expect(screen.page.locator("[name=code]")).to_be_focused()


def type_code(screen: Screen, code: str) -> None:
    """Type a code and go on."""
    screen.page.locator("[name=code]").fill(code)
    press(screen)


def sign_in_by_code(screen: Screen, demo: Demonstration, *, program: str, who: str) -> None:
    """From the door to the home page, with a code."""
    ask_code(screen, demo, program=program, who=who)
    type_code(screen, mailed_code(screen, demo, who))
    expect(screen.says("balance")).to_be_visible()


def sign_in_by_password(screen: Screen, demo: Demonstration, *, program: str, who: str) -> None:
    """From the door to the first page, with the password."""
    screen.visit(f"{demo.url}/p/{program}/sign-in/password/")
    screen.page.locator("[name=address]").fill(who)
    screen.page.locator("[name=password]").fill(demo.password)
    press(screen)
    screen.page.wait_for_url(lambda url: "/sign-in/" not in url)


def give_office_password(screen: Screen, demo: Demonstration, who: str, password: str = "") -> None:
    """The first half of staff's way in."""
    screen.visit(f"{demo.url}/office/")
    screen.page.locator("[name=login]").fill(who)
    screen.page.locator("[name=password]").fill(password or demo.password)
    press(screen)


def enter_office(screen: Screen, demo: Demonstration, who: str) -> None:
    """All of it."""
    give_office_password(screen, demo, who)
    type_code(screen, demo.app_code(who))
    screen.page.wait_for_url(f"{demo.url}/office/")
