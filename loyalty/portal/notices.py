"""Notices: what a member was told."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from loyalty.display.notices import in_words
from loyalty.portal.base import MemberPage
from members.selectors.notices import read_notices
from members.services.notices import mark_read

NEWEST = 2**63 - 1


class NoticesPage(MemberPage):
    """All notices, newest first; a POST marks them as read."""

    template_name = "portal/notices/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of notices in words."""
        asked = self.request.GET.get("before", "")
        before = min(int(asked), NEWEST) if asked.isascii() and asked.isdigit() else None
        page = read_notices(member=self.member, before=before)
        return {
            **super().get_context_data(**kwargs),
            "notices": in_words(member=self.member, notices=page.items),
            "older": page.older,
            "unread": sum(notice.read_at is None for notice in page.items),
        }

    def post(self, _request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Mark everything as read."""
        mark_read(member=self.member, at=self.at)
        return redirect("portal:notices", program=self.program.code)
