"""Profile: who a member is to the program, what may be used, and the ways out."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.refusals import Refusal
from loyalty.display.languages import remember
from loyalty.identity.fresh import demand_fresh
from loyalty.operations.erase import erase
from loyalty.operations.my_data import my_data_file
from loyalty.portal.base import MemberPage
from loyalty.portal.overview import Overview
from loyalty.portal.shelves import merchant_card, vehicle_shelf
from members.models import Member
from members.rules.joining import category_name
from members.rules.profiles import CONSENTS
from members.selectors.consents import consent_changes
from members.selectors.memberships import memberships
from members.selectors.terms import accepted_terms
from members.services.changes import patch_own_profile

PURPOSES: Mapping[str, tuple[Promise, Promise]] = {
    "marketing": (
        gettext_lazy("News and offers"),
        gettext_lazy("We may write to you about offers. Messages about your own account come anyway."),
    ),
    "profiling": (
        gettext_lazy("Offers that fit me"),
        gettext_lazy("We may look at what you do in the program to choose offers for you."),
    ),
}


class ProfilePage(MemberPage):
    """Own details and consents; a POST changes them."""

    template_name = "portal/profile/page.html"
    section = "profile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What is known of the member."""
        overview = Overview(self.program, self.member, self.at)
        verified = self.member.kyc == Member.Kyc.VERIFIED
        return {
            **super().get_context_data(**kwargs),
            "consents": [
                {
                    "code": code,
                    "name": PURPOSES[code][0],
                    "text": PURPOSES[code][1],
                    "given": code in self.member.consents,
                }
                for code in CONSENTS
            ],
            "consent_history": [
                {"name": PURPOSES[change.purpose][0], "given": change.given, "at": change.at}
                for change in consent_changes(member=self.member)
            ],
            "languages": [(code, name) for code, name in settings.LANGUAGES if code in self.program.languages],
            "vehicles": vehicle_shelf(overview),
            "merchant": merchant_card(overview),
            "business": overview.glance.merchant,
            "category": _category(overview),
            "accepted": accepted_terms(member=self.member).last() if self.program.terms_id else None,
            "several": _has_several(self.member),
            "verified": verified,
            "refused": kwargs.get("refused", {}),
        }

    def post(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Change what the member may change; a refusal is shown beside the field."""
        changes = self._changes()
        try:
            patch_own_profile(member=self.member, changes=changes, at=self.at)
        except Refusal as refusal:
            refused = {error.pointer.strip("/"): error.detail for error in refusal.errors} or {"": str(refusal)}
            return self.render_to_response(self.get_context_data(**kwargs, refused=refused), status=422)
        messages.success(request, _("Saved"))
        response = redirect("portal:profile", program=self.program.code)
        if "language" in changes:
            remember(response, str(changes["language"]))  # instead of what this browser chose before
        return response

    def _changes(self) -> dict[str, object]:
        """The form as a merge patch: consents, or the details that were sent."""
        sent = self.request.POST
        if "consents" in sent:
            return {"consents": {purpose: purpose in sent for purpose in CONSENTS}}
        return {name: sent[name] or None for name in ("name", "language", "birth_date") if name in sent}


def _category(overview: Overview) -> str:
    """A merchant's line of business in words."""
    merchant, joining = overview.glance.merchant, overview.program.joining
    return category_name(merchant.category, joining, language=get_language() or "") if merchant else ""


def _has_several(member: Member) -> bool:
    """Whether who is signed in has other memberships in the program."""
    return member.user is not None and memberships(user=member.user, program=member.program).count() > 1


class MyData(MemberPage):
    """All that is kept about the member, as a file."""

    before_terms = True

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """A JSON document."""
        response = HttpResponse(my_data_file(member=self.member, at=self.at), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{self.program.code}-my-data.json"'
        return response


class LeavePage(MemberPage):
    """Deleting oneself: asks for the member number, and for signing in again if that was long ago."""

    template_name = "portal/profile/leave.html"
    before_terms = True
    section = "profile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What would be lost."""
        overview = Overview(self.program, self.member, self.at)
        return {
            **super().get_context_data(**kwargs),
            "holdings": overview.holdings,
            "wrong": kwargs.get("wrong", False),
        }

    def post(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Erase the member and sign out."""
        demand_fresh(request)
        if request.POST.get("number", "").strip() != self.member.external_id:
            return self.render_to_response(self.get_context_data(**kwargs, wrong=True), status=422)
        erase(program=self.program, reference=f"uuid:{self.member.uuid}", at=self.at)
        logout(request)
        messages.success(request, _("You are no longer a member. All that named you is gone."))
        return redirect("portal:home", program=self.program.code)
