"""Leaderboards: where a member stands among others, and by which name."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from core.refusals import NotFound, Refusal
from loyalty.portal.base import MemberPage
from loyalty.portal.boards import board_cards, board_detail
from members.models import Member
from members.services.changes import patch_own_profile


class LeaderboardsPage(MemberPage):
    """All leaderboards of the member."""

    template_name = "portal/leaderboards/page.html"
    section = "badges"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The boards, those that run first."""
        return {**super().get_context_data(**kwargs), "boards": board_cards(self.member, self.at)}


class LeaderboardPage(MemberPage):
    """One of them; a POST sets the name that others see."""

    template_name = "portal/leaderboards/board.html"
    section = "badges"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The first places, the member's own, and the nickname."""
        try:
            board = board_detail(self.member, kwargs["code"], self.at)
        except NotFound:
            raise Http404 from None
        return {
            **super().get_context_data(**kwargs),
            "board": board,
            "nickname": kwargs.get("wanted", self.member.identity.nickname),
            "frozen": self.member.status == Member.Status.FROZEN,
            "refused": kwargs.get("refused", ""),
        }

    def post(self, request: HttpRequest, *_args: Any, **kwargs: Any) -> HttpResponse:
        """Appear by a nickname, or no more."""
        wanted = "" if "hide" in request.POST else request.POST.get("nickname", "")
        try:
            patch_own_profile(member=self.member, changes={"nickname": wanted or None}, at=self.at)
        except Refusal as refusal:
            refused = next((error.detail for error in refusal.errors), str(refusal))
            return self.render_to_response(self.get_context_data(**kwargs, wanted=wanted, refused=refused), status=422)
        messages.success(request, _("Saved"))
        return redirect("portal:leaderboard", program=self.program.code, code=kwargs["code"])
