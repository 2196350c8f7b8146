"""The goals of a member."""

from datetime import datetime

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.services.progress import member_goals
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import MEMBER, Success, described
from loyalty.api.v1.shapes import page, ref
from members.models import Member
from members.selectors.members import find_member


class GoalsView(ApiView):
    """A member's goals."""

    scopes = {"GET": "members:read"}

    @described(
        "List goals",
        tag="Wallets",
        answers={200: Success("All of them", page(ref("Goal")), {"items": [examples.GOAL], "next": None})},
        refusals=["not-found"],
        parameters=[MEMBER],
    )
    def get(self, _request: Request, member: str) -> Response:
        """List the goals that are open to a member now, with how far each of them is."""
        return Response(goals_document(find_member(program=self.program, reference=member), self.at))


def goals_document(member: Member, at: datetime) -> dict[str, object]:
    """All goals of a member on one page."""
    return {"items": [goal.document() for goal in member_goals(member=member, at=at)], "next": None}
