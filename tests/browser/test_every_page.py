"""Every page, walked through: accessible, nothing refused, nothing too wide, in English and in Arabic."""

from dataclasses import dataclass
from http import HTTPStatus

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Route

from tests.browser.conftest import SignedIn
from tests.browser.demonstration import Demonstration
from tests.browser.screens import Excused, Screen

OTHERS = ("id", "ms", "vi", "th")

# What is Unfold's own: rule and place, each with its reason.
UNFOLD: Excused = [
    # Tabs of a form stand in a <nav> without a name; there is one on a page, and each tab names what it opens.
    ("landmark-unique", "#tabs-items"),
]
MEMBER, WALLET, SHOP, STAFF = "mariam@example.com", "sari@example.com", "tini@example.com", "administrator"


@dataclass(frozen=True, slots=True)
class Place:
    """An address, who opens it, and what answers; ``first`` opens the first row of the list that is there."""

    path: str
    who: str = ""
    program: str = ""
    status: HTTPStatus = HTTPStatus.OK
    first: bool = False

    @property
    def name(self) -> str:
        """For its pictures."""
        stem = self.path.strip("/").replace("?", "-").replace("=", "-").replace("/", "-") or "start"
        return f"{stem}-first" if self.first else stem

    def open(self, signed_in: SignedIn, demo: Demonstration, language: str) -> Screen:
        """Go there."""
        screen = signed_in(self.who, program=self.program, language=language)
        assert screen.visit(demo.url + self.path) == self.status
        if self.first:
            screen.page.locator("#result_list tbody th a, #result_list tbody td a").first.click()
            screen.page.wait_for_load_state()
        return screen


def portal(program: str, who: str, *pages: str) -> list[Place]:
    """Pages of a signed-in member."""
    return [Place(f"/p/{program}/{page}", who, program) for page in pages]


PORTAL = ("", "earn/", "activity/", "tier/", "badges/", "notices/", "profile/")
FEW = ("", "activity/", "tier/", "badges/", "earn/")
OPEN = [
    Place("/"),
    Place("/demo/mail"),
    *(Place(f"/p/{program}/") for program in ("automotive", "wallet", "merchant")),
    *(Place(f"/p/automotive/{page}") for page in ("join/", "sign-in/", "sign-in/password/")),
    *(Place(f"/account/{page}") for page in ("login/", "password/reset/", "inactive/")),
    Place("/account/password/reset/?next=/p/automotive/"),
    Place("/nothing/", status=HTTPStatus.NOT_FOUND),
    Place("/p/automotive/nothing/", status=HTTPStatus.NOT_FOUND),
]
MEMBERS = [
    *portal("automotive", MEMBER, *PORTAL, "profile/leave/", "sign-out/"),
    *portal("wallet", WALLET, *FEW),
    *portal("merchant", SHOP, *FEW, "profile/"),
    *portal("automotive", "asma@example.com", *FEW),
    *portal("wallet", "daniel@example.com", ""),
    *portal("automotive", "yusuf@example.com", "", "tier/"),
    *portal("merchant", "coba@example.com", ""),
    *(Place(f"/account/{page}", MEMBER, "automotive") for page in (
        "email/", "phone/change/", "password/change/", "2fa/", "2fa/totp/activate/", "logout/", "reauthenticate/")),
    Place("/office/", MEMBER, "automotive", HTTPStatus.FORBIDDEN),
]  # fmt: skip
ACCOUNT = [
    Place(f"/account/{page}", STAFF) for page in ("2fa/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/",
    "2fa/totp/deactivate/", "2fa/reauthenticate/", "reauthenticate/", "email/", "password/change/", "logout/")
]  # fmt: skip


def office(*pages: str, first: bool = False) -> list[Place]:
    """Pages of the office, as its administrator sees them."""
    return [Place(f"/office/{page}", STAFF, first=first) for page in pages]


LISTS = (
    "members/member/", "campaigns/event/", "campaigns/campaign/", "campaigns/badge/", "members/tier/",
    "members/tierchange/", "members/segment/", "core/job/", "core/program/", "core/user/", "dealers/staffrole/",
    "core/apiclient/", "dealers/outlet/", "dealers/budget/", "ledger/book/", "ledger/journal/",
)  # fmt: skip
OPENED = ("campaigns/event/", "campaigns/campaign/", "members/tier/", "core/job/", "core/user/", "ledger/journal/")
OFFICE = [*office("", "?program=automotive", *LISTS, "core/apiclient/add/"), *office(*OPENED, first=True)]


def by_name(place: Place) -> str:
    """What pytest calls it."""
    return f"{place.name}-{place.who.partition('@')[0]}" if place.who else place.name


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("place", OPEN + MEMBERS + ACCOUNT, ids=by_name)
def test_every_page_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, place: Place, language: str
) -> None:
    screen = place.open(signed_in, demo, language)
    screen.look_around(by_name(place))


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("place", OFFICE, ids=by_name)
def test_every_page_of_the_office_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, place: Place, language: str
) -> None:
    screen = place.open(signed_in, demo, language)
    screen.look_around(by_name(place), excused=UNFOLD)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_part_of_a_member_s_page_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, language: str
) -> None:
    screen = Place("/office/members/member/?q=R-MARIAM", STAFF, first=True).open(signed_in, demo, language)
    tabs = screen.page.locator(".segmented a")
    for address in [str(tab.get_attribute("href")) for tab in tabs.all()]:
        screen.page.locator(f'.segmented a[href="{address}"]').click()
        screen.page.wait_for_load_state()
        screen.look_around(f"office-member-{address.rpartition('=')[2]}", excused=UNFOLD)


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
