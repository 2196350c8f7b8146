"""No page is forgotten: a browser walks through all of them (tests/browser/places.py), or it is said here why not."""

from django.contrib import admin
from django.db.models import Model
from unfold.admin import ModelAdmin

from tests.browser.places import WALKED
from tests.loyalty.addresses import address_of, addresses

MACHINES = ("/api", "/_allauth/", "/identity/", "/.well-known/", "/hooks/", "/problems/", "/health/")

NO_PAGES = {
    "it does something and leads to a page": (
        "/account/language/", "/office/language/", "/p/{program}/language/", "/office/logout/", "/office/login/",
        "/office/prove/", "/office/notices/read/", "/office/r/{content_type_id}/{object_id}/", "/p/{program}/r/{code}",
        "/office/campaigns/campaign/{pk}/step/", "/office/core/job/{pk}/cancel/", "/office/reratings/{pk}/decide/",
        "/office/members/referral/{pk}/review/", "/office/rewards/redemption/{pk}/again/",
        "/office/rewards/redemption/{pk}/decide/", "/office/rewards/redemption/{pk}/give-back/",
        "/office/rewards/supplierorder/{pk}/ask/", "/office/rewards/supplierorder/{pk}/settle/",
        "/office/statements/{pk}/decide/", "/office/stock/lists/{pk}/decide/", "/office/rewards/reward/process_import/",
        "/office/rewards/voucher/find/",
        "/office/{app}/{model}/{object_id}/", "/office/…", "/account/signup/",
    ),
    "a file, a picture or what a script asks for": (
        "/favicon.ico", "/programs.css", "/media/pictures/{picture}", "/p/{program}/brand.css",
        "/p/{program}/icon.svg", "/p/{program}/icon-{size}.png", "/p/{program}/manifest.webmanifest",
        "/p/{program}/activity/statement.csv", "/p/{program}/profile/my-data.json",
        "/account/2fa/recovery-codes/download/", "/office/rewards/reward/import/errors/",
        "/office/autocomplete/", "/office/jsi18n/",
    ),
    "a part that is put into another page": (
        "/office/search/", "/office/members/member/{object_id}/contact/", "/office/rewards/voucher/{pk}/code/",
    ),
}  # fmt: skip
ELSEWHERE = {
    "a step of signing in or joining: test_signing_in, test_joining and test_office of the browser look at these": (
        "/account/2fa/authenticate/", "/account/confirm-email/", "/account/login/code/",
        "/account/login/code/confirm/", "/account/password/reset/confirm/", "/account/password/reset/complete/",
        "/account/password/reset/done/", "/p/{program}/sign-in/code/",
    ),
    "test_redeeming of the browser looks at it": ("/p/{program}/rewards/{code}/redeem/",),
    "its form is that of a step of signing in": (
         "/account/password/set/", "/account/phone/verify/", "/office/password_change/done/",
    ),
    "the demonstration has none": ("/office/statements/{pk}/", "/office/stock/lists/{pk}/"),
    "Unfold's own, and nothing of ours on it": (
        "/office/{app}/{model}/{object_id}/history/", "/office/{app}/{model}/{object_id}/delete/",
        "/office/core/user/{id}/password/",
    ),
}  # fmt: skip
EXCUSED = {address for reasons in (NO_PAGES, ELSEWHERE) for some in reasons.values() for address in some}
# Lists that are nothing but other columns of one that is walked through.
ALIKE = {
    "admin/logentry": "ledger/journal",
    "ledger/account": "ledger/journal",
    "ledger/lot": "ledger/journal",
    "ledger/transfer": "ledger/journal",
    "members/vehicle": "members/notice",
    "members/eventtype": "members/segment",
    "members/attribute": "members/segment",
    "core/definition": "members/segment",
    "core/market": "members/segment",
    "core/region": "members/segment",
    "core/rate": "members/segment",
    "core/terms": "members/segment",
    "rewards/redemptionpolicy": "members/segment",
    "rewards/supplier": "dealers/outlet",
    "dealers/dealer": "dealers/outlet",
    "dealers/contract": "dealers/outlet",
}
OPENED_ELSEWHERE = {"members/member"}  # tab by tab, in the same file


def walked() -> set[str]:
    """The addresses of all places that answer with what they are about."""
    return {place.leads or address_of(place.path.partition("?")[0]) for place in WALKED if place.status == 200}


def lists() -> set[str]:
    """The models whose lists are walked through, as ``app/model``."""
    found = {place.path.partition("?")[0] for place in WALKED if place.status == 200 and not place.by}
    return {label for label in map(_label, admin.site._registry) if f"/office/{label}/" in found}


def test_every_address_of_a_page_is_walked_through_or_excused() -> None:
    pages = {address for address in addresses() if not address.startswith(MACHINES)}
    assert walked() - pages == set()
    assert EXCUSED - pages == set()
    assert EXCUSED & walked() == set()
    assert sorted(pages - walked() - EXCUSED) == []


def test_every_list_of_the_office_is_walked_through_or_like_one_that_is() -> None:
    unseen = {label for label in map(_label, admin.site._registry) if label not in lists()}
    assert unseen == ALIKE.keys()
    assert set(ALIKE.values()) - lists() == set()


def test_every_page_of_a_row_that_has_parts_of_its_own_is_walked_through_or_excused() -> None:
    own = {_label(model) for model, made in admin.site._registry.items() if _has_parts(made)}
    opened = {place.path.strip("/").removeprefix("office/") for place in WALKED if place.leads.endswith("/change/")}
    assert own - opened == OPENED_ELSEWHERE


def _label(model: type[Model]) -> str:
    return f"{model._meta.app_label}/{model._meta.model_name}"


def _has_parts(made: object) -> bool:
    """Whether its page is more than Unfold's form: a view, a template or rows of its own."""
    is_own = type(made).change_view is not ModelAdmin.change_view  # type: ignore[attr-defined]
    return is_own or bool(made.inlines) or bool(made.change_form_outer_before_template)  # type: ignore[attr-defined]
