"""Every page, walked through: accessible, nothing refused, nothing too wide, in English and in Arabic."""

import re
from operator import attrgetter

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Route

from rewards.models import Redemption, SupplierOrder, Voucher
from tests.browser.conftest import SignedIn
from tests.browser.demonstration import Demonstration
from tests.browser.places import (
    ACCOUNT,
    DECISIONS,
    FIRST_ROW,
    MEMBER,
    MEMBERS,
    OFFICE,
    OPEN,
    PORTAL,
    SHOP,
    STAFF,
    WALLET,
    Place,
)
from tests.browser.screens import DESK, Excused, Screen

NAMES = attrgetter("name")
OTHERS = ("id", "ms", "vi", "th")
STATES = {model._meta.model_name: model.State.values for model in (Redemption, Voucher, SupplierOrder)}

# What is Unfold's own: rule and place, each with its reason.
UNFOLD: Excused = [
    # Tabs of a form stand in a <nav> without a name; there is one on a page, and each tab names what it opens.
    ("landmark-unique", "#tabs-items"),
]


def addresses(screen: Screen, links: str) -> list[str]:
    """Where links of a page lead."""
    return [str(link.get_attribute("href")) for link in screen.page.locator(links).all()]


def go_to(place: Place, signed_in: SignedIn, demo: Demonstration, language: str) -> Screen:
    """Open the page, and where it leads on, go on."""
    screen = signed_in(place.who, program=place.program, language=language)
    assert screen.visit(demo.url + place.path) == place.status
    if place.by:
        screen.page.locator(place.by).first.click()
        screen.page.wait_for_url(re.compile(re.sub(r"{\w+}", "[^/]+", place.leads) + r"(\?.*)?$"))
        screen.page.wait_for_load_state()
    return screen


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("place", OPEN + MEMBERS + ACCOUNT, ids=NAMES)
def test_every_page_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, place: Place, language: str
) -> None:
    screen = go_to(place, signed_in, demo, language)
    screen.look_around(place.name)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("place", OFFICE, ids=NAMES)
def test_every_page_of_the_office_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, request: pytest.FixtureRequest, place: Place, language: str
) -> None:
    if place in DECISIONS:
        request.getfixturevalue("decisions")
    screen = go_to(place, signed_in, demo, language)
    screen.look_around(place.name, excused=UNFOLD, night=DESK)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_part_of_a_member_s_page_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, language: str
) -> None:
    mariam = Place("/office/members/member/?q=R-MARIAM", STAFF, leads="/change/", by=FIRST_ROW)
    screen = go_to(mariam, signed_in, demo, language)
    tabs = screen.page.locator(".segmented a")
    for address in [str(tab.get_attribute("href")) for tab in tabs.all()]:
        screen.follow(screen.page.locator(f'.segmented a[href="{address}"]'))
        screen.look_around(f"office-member-{address.rpartition('=')[2]}", excused=UNFOLD, night=DESK)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(("program", "who"), [("automotive", MEMBER), ("wallet", WALLET)], ids=["automotive", "wallet"])
def test_whatever_became_of_a_redemption_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, program: str, who: str, language: str
) -> None:
    screen = signed_in(who, program=program, language=language)
    screen.visit(f"{demo.url}/p/{program}/redemptions/")
    receipts = addresses(screen, '[data-test="receipt"]')
    states = {str(row.get_attribute("data-state")) for row in screen.says("receipt").all()}
    assert states >= {"issued", "cancelled"}
    for number, address in enumerate(receipts):
        screen.visit(demo.url + address)
        screen.look(f"p-{program}-receipt-{number}")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("what", ["redemption", "voucher", "supplierorder"])
def test_whatever_became_of_it_can_be_read_in_the_office(
    demo: Demonstration, signed_in: SignedIn, what: str, language: str
) -> None:
    screen = signed_in(STAFF, language=language)
    screen.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    for state in STATES[what]:
        screen.visit(f"{demo.url}/office/rewards/{what}/?state__exact={state}")
        for address in addresses(screen, FIRST_ROW)[:1]:
            screen.visit(demo.url + address)
            screen.look(f"office-{what}-{state}", excused=UNFOLD)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("status", [429, 500])
def test_what_no_page_wants_to_say_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, status: int, language: str
) -> None:
    screen = signed_in(language=language)
    with translation.override(language):
        page = render_to_string(f"{status}.html", {"language": language})
    address = f"{demo.url}/demo/mail"

    def fail(route: Route) -> None:
        route.fulfill(response=route.fetch(), status=status, body=page)

    screen.page.route(address, fail)
    assert screen.visit(address) == status
    screen.look_around(f"error-{status}")
    screen.page.unroute(address)


@pytest.mark.parametrize(("program", "who"), [("wallet", WALLET), ("merchant", SHOP)], ids=["wallet", "merchant"])
def test_no_language_is_too_wide_for_a_phone(demo: Demonstration, signed_in: SignedIn, program: str, who: str) -> None:
    wide = []
    for language in OTHERS:
        screen = signed_in(who, program=program, language=language)
        for page in (*PORTAL, "activity/?show=expired"):
            screen.visit(f"{demo.url}/p/{program}/{page}")
            wide += [f"{language} {page}: {found}" for found in screen.too_wide()]
    assert wide == []
