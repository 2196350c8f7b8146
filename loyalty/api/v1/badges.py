"""The badges of a member."""

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.selectors.badges import EarnedBadge, earned_badges
from core.rules.moments import show_moment
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import MEMBER, PAGE, Success, described
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.schema import page, ref
from members.models import Member
from members.selectors.members import find_member


class BadgesView(ApiView):
    """A member's badges."""

    scopes = {"GET": "members:read"}

    @described(
        "List badges",
        tag="Wallets",
        answers={200: Success("A page of badges", page(ref("Badge")), {"items": [examples.BADGE], "next": None})},
        refusals=["not-found"],
        parameters=[MEMBER, *PAGE],
    )
    def get(self, request: Request, member: str) -> Response:
        """List the badges that a member earned, newest first."""
        return Response(badges_page(request, find_member(program=self.program, reference=member)))


def badges_page(request: Request, member: Member) -> dict[str, object]:
    """A page of a member's badges."""
    asked = read_page(request, f"badges:{member.pk}")
    before = asked.after if isinstance(asked.after, int) else None
    rows = earned_badges(member=member, limit=asked.limit + 1, before=before)
    shown = rows[: asked.limit]
    ended = shown[-1].id if len(rows) > asked.limit else None
    return asked.document([_badge(row) for row in shown], ended)


def _badge(badge: EarnedBadge) -> dict[str, object]:
    source, key = badge.event
    return {
        "badge": badge.code,
        "name": badge.name,
        "icon": badge.icon,
        "earned_at": show_moment(badge.earned_at),
        "event": {"source": source, "id": key},
    }
