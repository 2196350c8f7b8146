"""Signing in to the portal: by code, by password, with mistakes, for one of several memberships; and out."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.demonstration import Demonstration
from tests.browser.people import ask_code, mailed_code, press, sign_in_by_code, sign_in_by_password, type_code


def test_a_wrong_code_says_how_many_tries_are_left_and_the_right_one_still_opens(
    demo: Demonstration, open_screen: Open
) -> None:
    screen = open_screen(language="ar")
    ask_code(screen, demo, program="automotive", who="yusuf@example.com")
    screen.look_around("code")
    right = mailed_code(screen, demo, "yusuf@example.com")
    type_code(screen, "000000" if right != "000000" else "000001")
    expect(screen.page.locator("#code-error")).to_contain_text("محاولتان")  # two
    screen.look_around("code-wrong")
    type_code(screen, right)
    expect(screen.says("balance")).to_be_visible()


def test_a_password_opens_and_signing_out_closes(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="en")
    sign_in_by_password(screen, demo, program="automotive", who="yusuf@example.com")
    expect(screen.says("balance")).to_be_visible()
    screen.page.locator('.topbar a[href$="/profile/"]').click()
    screen.page.locator('form[action$="/sign-out/"] button').click()
    expect(screen.says("balance")).to_have_count(0)
    screen.page.goto(f"{demo.url}/p/automotive/activity/")
    assert "/p/automotive/sign-in/" in screen.page.url


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_wrong_password_and_an_unknown_address_look_the_same(
    demo: Demonstration, open_screen: Open, language: str
) -> None:
    screen = open_screen(language=language)
    said = []
    for who in ("abdullah@example.com", f"nobody-{demo.started}@example.org"):
        screen.visit(f"{demo.url}/p/automotive/sign-in/password/")
        screen.page.locator("[name=address]").fill(who)
        screen.page.locator("[name=password]").fill("wrong, but long")
        press(screen)
        said.append(screen.words().replace(who, ""))
    assert said[0] == said[1]
    screen.look_around("password-wrong")


def test_a_forgotten_password_is_replaced_with_a_code(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="ar")
    address = "kakros@example.com"
    screen.visit(f"{demo.url}/p/merchant/sign-in/password/")
    screen.page.locator('a[href*="/password/reset/"]').click()
    screen.page.locator("[name=email]").fill(address)
    press(screen)
    screen.look_around("reset-code")
    type_code(screen, mailed_code(screen, demo, address))
    screen.look_around("reset-password")
    for name in ("password1", "password2"):
        screen.page.locator(f"[name={name}]").fill(demo.password)
    press(screen)
    expect(screen.says("balance")).to_be_visible()


def test_two_memberships_of_one_person_are_chosen_between(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="ar")
    sign_in_by_password(screen, demo, program="automotive", who="noora@example.com")
    expect(screen.page.locator("button[name=member]")).to_have_count(2)
    screen.look_around("choose")
    screen.page.locator("button[name=member]", has_text="R-NOORA-FLEET").click()
    expect(screen.page.locator("main")).to_contain_text("R-NOORA-FLEET")
    screen.page.goto(f"{demo.url}/p/automotive/profile/")
    screen.page.locator('a[href$="/choose/"]').click()
    screen.page.locator("button[name=member]").filter(has_not_text="FLEET").click()
    expect(screen.page.locator("main")).not_to_contain_text("R-NOORA-FLEET")


def test_who_is_no_member_of_a_program_sees_nothing_of_it(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="en")
    sign_in_by_code(screen, demo, program="wallet", who="krit@example.com")
    for page in ("", "activity/", "tier/", "badges/", "notices/", "profile/", "activity/statement.csv"):
        screen.page.goto(f"{demo.url}/p/automotive/{page}")
        expect(screen.says("balance")).to_have_count(0)
        expect(screen.says("activity-row")).to_have_count(0)
        assert page == "" or "/join/" in screen.page.url, page
        assert "Krit" not in screen.words("body") or "/join/" in screen.page.url
