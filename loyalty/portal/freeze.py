"""Freezing one's own membership, and opening it again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.refusals import Frozen
from loyalty.identity.fresh import demand_fresh
from loyalty.portal.base import MemberPage
from members.models import Member
from members.services.freezing import freeze_own, unfreeze_own


class FreezePage(MemberPage):
    """What freezing means, and the button for it; to open again one shows once more who one is."""

    template_name = "portal/profile/freeze.html"
    section = "profile"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which of both it is."""
        frozen = self.member.status == Member.Status.FROZEN
        return {**super().get_context_data(**kwargs), "frozen": frozen, "stays": frozen and not self.member.froze_self}

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Freeze at once, since who lost a phone is in a hurry; open again with care."""
        if request.POST.get("open"):
            demand_fresh(request)
            return self._open()
        freeze_own(member=self.member, at=self.at)
        messages.success(request, _("Your membership is frozen. Nothing can be used until you open it again."))
        return redirect("portal:profile", program=self.program.code)

    def _open(self) -> HttpResponse:
        try:
            unfreeze_own(member=self.member, at=self.at)
        except Frozen as refusal:
            messages.error(self.request, str(refusal.detail))
        else:
            messages.success(self.request, _("Your membership is open again."))
        return redirect("portal:profile", program=self.program.code)
