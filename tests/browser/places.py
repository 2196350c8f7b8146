"""The pages that a browser walks through, each with who opens it; tests/loyalty/test_walked.py knows all there are."""

from dataclasses import dataclass
from http import HTTPStatus

MEMBER, WALLET, SHOP, STAFF = "mariam@example.com", "sari@example.com", "tini@example.com", "administrator"
CHOOSER = "noora@example.com"  # with two memberships
FIRST_ROW = "#result_list tbody th a, #result_list tbody td a"


@dataclass(frozen=True, slots=True)
class Place:
    """An address, who opens it, and what answers; ``leads`` is an address behind it, to the first link of ``by``."""

    path: str
    who: str = ""
    program: str = ""
    status: HTTPStatus = HTTPStatus.OK
    leads: str = ""
    by: str = ""

    @property
    def name(self) -> str:
        """What pytest and its pictures are called."""
        stem = self.path.strip("/").replace("?", "-").replace("=", "-").replace("/", "-") or "start"
        named = f"{stem}-first" if self.by else stem
        return f"{named}-{self.who.partition('@')[0]}" if self.who else named


def portal(program: str, who: str, *pages: str) -> list[Place]:
    """Pages of a signed-in member."""
    return [Place(f"/p/{program}/{page}", who, program) for page in pages]


def behind(page: str, leads: str, by: str) -> Place:
    """A page of the portal that its member comes to from another."""
    return Place(f"/p/automotive/{page}", MEMBER, "automotive", leads=f"/p/{{program}}/{leads}", by=by)


PORTAL = (
    "", "earn/", "activity/", "tier/", "badges/", "leaderboards/", "friends/", "vouchers/", "card/", "rewards/",
    "notices/", "profile/", "redemptions/", "vouchers/?show=used", "vouchers/?show=calendar",
)  # fmt: skip
FEW = ("", "activity/", "tier/", "badges/", "earn/", "friends/")
OPEN = [
    Place("/"),
    Place("/demo/mail"),
    *(Place(f"/p/{program}/") for program in ("automotive", "wallet", "merchant")),
    *(Place(f"/p/automotive/{page}") for page in ("join/", "sign-in/", "sign-in/password/", "terms/")),
    *(Place(f"/account/{page}") for page in ("login/", "password/reset/", "inactive/")),
    Place("/account/password/reset/?next=/p/automotive/"),
    Place("/nothing/", status=HTTPStatus.NOT_FOUND),
    Place("/p/automotive/nothing/", status=HTTPStatus.NOT_FOUND),
]
MEMBERS = [
    *portal("automotive", MEMBER, *PORTAL, "profile/freeze/", "profile/leave/", "accept/", "sign-out/"),
    *portal("automotive", MEMBER, "rewards/?q=qqqxyz"),
    *portal("wallet", WALLET, *FEW),
    *portal("merchant", SHOP, *FEW, "profile/"),
    *portal("automotive", "asma@example.com", *FEW, "vouchers/", "redemptions/"),
    *portal("wallet", "daniel@example.com", ""),
    *portal("automotive", "yusuf@example.com", "", "tier/"),
    *portal("merchant", "coba@example.com", ""),
    *(Place(f"/account/{page}", MEMBER, "automotive") for page in (
        "email/", "phone/change/", "password/change/", "2fa/", "2fa/totp/activate/", "logout/", "reauthenticate/",
        "again/")),
    Place("/office/", MEMBER, "automotive", HTTPStatus.FORBIDDEN),
    Place("/p/automotive/rewards/nothing/", MEMBER, "automotive", HTTPStatus.NOT_FOUND),
    Place("/p/automotive/choose/", CHOOSER, "automotive"),
    behind("leaderboards/", "leaderboards/{code}/", by='main h2 a[href*="/leaderboards/"]'),
    behind("rewards/", "rewards/{code}/", by='main h3 a[href*="/rewards/"]'),
    behind("redemptions/", "redemptions/{redemption}/", by='[data-test="receipt"]'),
    behind("vouchers/", "vouchers/{voucher}/", by='main a.button[href*="/vouchers/"]'),
]  # fmt: skip
ACCOUNT = [
    Place(f"/account/{page}", STAFF) for page in ("2fa/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/",
    "2fa/totp/deactivate/", "2fa/reauthenticate/", "reauthenticate/", "email/", "password/change/", "logout/")
]  # fmt: skip


def office(*pages: str) -> list[Place]:
    """Pages of the office, as its administrator sees them."""
    return [Place(f"/office/{page}", STAFF) for page in pages]


def opened(*models: str) -> list[Place]:
    """Pages of the first row of lists."""
    leads = "/office/{app}/{model}/{object_id}/change/"
    return [Place(f"/office/{model}/", STAFF, leads=leads, by=FIRST_ROW) for model in models]


OWN = (
    "", "?program=automotive", "members/", "simulations/", "reratings/", "budgets/?program=automotive", "holdouts/",
    "festivals/", "stock/", "statements/?program=automotive", "differences/?program=automotive",
    "rewards/reward/import/", "rewards/reward/export/", "core/apiclient/add/", "password_change/",
)  # fmt: skip
LISTS = (
    "members/member", "members/tier", "members/tierchange", "members/referral", "members/segment", "members/notice",
    "members/adjustment", "campaigns/event", "campaigns/campaign", "campaigns/badge", "campaigns/leaderboard",
    "campaigns/offer", "campaigns/ghostaward", "campaigns/totalcounter", "campaigns/waitingreversal",
    "rewards/reward", "rewards/voucher", "rewards/redemption", "rewards/supplierorder", "rewards/delivery",
    "core/job", "core/program", "core/user", "core/apiclient", "core/outboxmessage",
    "dealers/staffrole", "dealers/outlet", "dealers/budget", "ledger/book", "ledger/journal",
)  # fmt: skip
OPENED = (
    "campaigns/event", "campaigns/campaign", "campaigns/leaderboard", "members/tier",
    "rewards/redemption", "rewards/reward", "rewards/voucher", "rewards/supplierorder",
    "core/job", "core/user", "ledger/book", "ledger/journal",
)  # fmt: skip
DECISIONS = [  # what tests/browser/conftest.py makes
    *opened("members/referral"),
    Place("/office/simulations/?program=automotive", STAFF, leads="/office/simulations/{pk}/", by="main a.row"),
    Place("/office/reratings/?program=automotive", STAFF, leads="/office/reratings/{pk}/", by="main a.row"),
]
BEHIND = [
    Place("/office/budgets/?program=automotive", STAFF, leads="/office/budgets/{kind}/{pk}/{unit}/",
          by='main a[href*="/office/budgets/"]'),
    Place("/office/stock/?program=automotive", STAFF, leads="/office/stock/{pk}/", by='main a[href*="/office/stock/"]'),
]  # fmt: skip
OFFICE = [*office(*OWN, *(f"{model}/" for model in LISTS)), *opened(*OPENED), *DECISIONS, *BEHIND]
WALKED = [*OPEN, *MEMBERS, *ACCOUNT, *OFFICE]
