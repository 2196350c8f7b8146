"""Every page, walked through: accessible, nothing refused, nothing too wide, in English and in Arabic."""

from dataclasses import dataclass
from http import HTTPStatus

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tests.browser.conftest import SignedIn
from tests.browser.demonstration import Demonstration
from tests.browser.screens import Excused, Screen

MOST_BYTES = 150_000  # of a page and all that it loads, as it comes over the line

# What is Unfold's own: rule and place, each with its reason.
UNFOLD: Excused = []
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
    Place("/account/password/reset/key/done/"),
    Place("/nothing/", status=HTTPStatus.NOT_FOUND),
    Place("/p/automotive/nothing/", status=HTTPStatus.NOT_FOUND),
    Place("/p/automotive/?page=%00", status=HTTPStatus.BAD_REQUEST),
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


def by_name(place: Place) -> str:
    """What pytest calls it."""
    return f"{place.name}-{place.who.partition('@')[0]}"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("place", OPEN + MEMBERS + ACCOUNT, ids=by_name)
def test_every_page_can_be_read_by_everybody(
    demo: Demonstration, signed_in: SignedIn, place: Place, language: str
) -> None:
    screen = place.open(signed_in, demo, language)
    screen.look_around(f"{place.name}-{place.who.partition('@')[0]}" if place.who else place.name)
