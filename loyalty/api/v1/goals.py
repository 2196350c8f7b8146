"""The goals of a member."""

from datetime import datetime

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.services.progress import member_goals
from loyalty.api.v1 import examples
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import MEMBER, PAGE, Success, described
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.schema import page, ref
from members.models import Member
from members.selectors.members import find_member


class GoalsView(ApiView):
    """A member's goals."""

    scopes = {"GET": "members:read"}

    @described(
        "List goals",
        tag="Wallets",
        answers={200: Success("A page of goals", page(ref("Goal")), {"items": [examples.GOAL], "next": None})},
        refusals=["not-found", "malformed"],
        parameters=[MEMBER, *PAGE],
    )
    def get(self, request: Request, member: str) -> Response:
        """List the goals that are open to a member now, with how far each of them is."""
        return Response(goals_page(request, find_member(program=self.program, reference=member), self.at))


def goals_page(request: Request, member: Member, at: datetime) -> dict[str, object]:
    """A page of a member's goals."""
    asked = read_page(request, f"goals:{member.pk}")
    return asked.of([goal.document() for goal in member_goals(member=member, at=at)])
