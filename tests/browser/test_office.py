"""Staff: two factors at the door, the first authenticator, recovery codes; support explains a balance."""

import json
import re

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Open, SignedIn
from tests.browser.demonstration import Demonstration
from tests.browser.people import enter_office, give_office_password, type_code
from tests.browser.screens import DESK
from tests.loyalty.people import totp


def test_a_password_alone_does_not_open_the_office(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="ar", desk=True)
    give_office_password(screen, demo, "leader")
    expect(screen.page.locator("[name=code]")).to_be_visible()
    screen.look_around("office-second-factor")
    screen.page.goto(f"{demo.url}/office/")
    assert "/account/" in screen.page.url
    screen.page.goto(f"{demo.url}/office/members/member/")
    assert "/account/" in screen.page.url


def test_password_and_app_open_the_office_and_a_wrong_code_does_not(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="en", desk=True)
    give_office_password(screen, demo, "finance")
    wrong = f"{(int(demo.app_code('finance')) + 123457) % 1000000:06}"
    type_code(screen, wrong)
    expect(screen.page.locator(".error").first).to_be_visible()
    screen.look_around("office-wrong-code")
    type_code(screen, demo.app_code("finance"))
    expect(screen.page).to_have_url(f"{demo.url}/office/")


def test_a_new_colleague_is_led_to_an_authenticator_and_keeps_recovery_codes(
    demo: Demonstration, open_screen: Open
) -> None:
    name = f"new-{demo.started}"
    made = json.loads(demo.manage("create_staff", name, "--program", "automotive", "--role", "support"))
    screen = open_screen(language="ar", desk=True)
    give_office_password(screen, demo, name, made["password"])
    expect(screen.page.locator("svg.qr")).to_be_visible()
    screen.look_around("office-activate")
    screen.page.locator("details summary").click()
    secret = screen.page.locator("details .code").inner_text().strip()
    type_code(screen, totp(secret))
    codes = screen.page.locator("li.code")
    expect(codes.first).to_be_visible()
    screen.look_around("office-recovery-codes")
    kept = codes.all_inner_texts()
    assert len(set(kept)) == len(kept) >= 8
    screen.page.goto(f"{demo.url}/office/")
    expect(screen.page).to_have_url(f"{demo.url}/office/")
    for opens in (True, False):
        another = open_screen(language="en", desk=True)
        give_office_password(another, demo, name, made["password"])
        type_code(another, kept[0].strip())
        if opens:
            expect(another.page).to_have_url(f"{demo.url}/office/")
        else:
            expect(another.page.locator(".error").first).to_be_visible()


@pytest.mark.parametrize("term", ["Sari Wijaya", "+62 510 0000 0001", "W-SARI"], ids=["name", "phone", "id"])
def test_support_explains_a_balance_in_three_clicks(demo: Demonstration, signed_in: SignedIn, term: str) -> None:
    screen = signed_in("support")
    screen.visit(f"{demo.url}/office/?program=wallet")
    screen.page.locator('[data-test="search"] [name=q]').fill(term)
    screen.page.locator('[data-test="search"] button').click()  # one
    screen.page.locator("#result_list a", has_text="W-SARI").click()  # two
    expect(screen.page.locator(".office h1")).to_contain_text("Sari Wijaya")
    expect(screen.page.locator(".office")).to_contain_text("Plus")
    reason = screen.page.locator('a[href*="/campaigns/event/"]').filter(has=screen.page.locator(".chip.good")).first
    screen.follow(reason)  # three
    said = screen.says("why").first.locator("h3").inner_text()
    assert re.search(r"[A-Z][a-z]+ .*[a-z]", said)
    assert "_" not in said


def test_the_ledger_of_a_member_leads_to_the_reason_of_each_line(demo: Demonstration, signed_in: SignedIn) -> None:
    screen = signed_in("support")
    screen.visit(f"{demo.url}/office/members/member/?q=W-SARI")
    screen.page.locator("#result_list a", has_text="W-SARI").click()
    screen.page.locator('a[href="?tab=ledger"]').click()
    expect(screen.says("ledger-row").first).to_be_visible()
    screen.says("ledger-row").locator("a").first.click()
    expect(screen.says("why").first).to_be_visible()


def test_a_colleague_of_one_dealer_sees_nothing_of_other_programs(demo: Demonstration, open_screen: Open) -> None:
    screen = open_screen(language="en", desk=True)
    enter_office(screen, demo, "channel")
    screen.visit(f"{demo.url}/office/members/member/?q=W-SARI")
    expect(screen.page.locator("#result_list")).to_have_count(0)
    assert "Sari" not in screen.words("body")
    expect(screen.page.locator('[href*="program=wallet"]')).to_have_count(0)


def test_a_list_of_codes_is_chosen_looked_at_and_taken_in(demo: Demonstration, signed_in: SignedIn) -> None:
    screen = signed_in("administrator")
    screen.visit(f"{demo.url}/office/stock/")
    screen.page.locator("main a[href*='/office/stock/']").first.click()
    screen.page.wait_for_load_state()
    rows = "code,pin\n" + "".join(f"T{demo.started}-{number},0{number}\n" for number in range(100, 120)) + "=1+1,\n"
    file = FilePayload(name="codes.csv", mimeType="text/csv", buffer=rows.encode())
    screen.page.locator("input[type=file]").set_input_files(file)
    screen.look_around("office-list-chosen", night=DESK)
    screen.page.locator("form:has(input[type=file]) button[type=submit]").click()
    taken = screen.page.get_by_role("button", name="Take 20 codes into stock")
    expect(taken).to_be_visible()
    screen.look_around("office-list-judged", night=DESK)
    taken.click()
    expect(screen.page.locator("main")).to_contain_text("20")
    assert screen.complaints == []
