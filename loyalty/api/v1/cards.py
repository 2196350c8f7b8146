"""The member card in an app."""

from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.api.v1 import examples
from loyalty.api.v1.acting import MeView
from loyalty.api.v1.description import ACTING, Success, described
from loyalty.api.v1.schema import ref
from members.services.cards import show_card


class MeCardView(MeView):
    """The member's card."""

    @described(
        "Read my card",
        tag="Member's app",
        answers={200: Success("What the QR code says now", ref("Card"), examples.CARD)},
        refusals=["not-found", "malformed"],
        parameters=[ACTING],
        caller="member",
    )
    def get(self, _request: Request) -> Response:
        """Read what the QR code of the member card says now. Draw it, and ask again when `seconds_left` are over."""
        token, seconds_left = show_card(member=self.member, at=self.at)
        return Response({"token": token, "seconds_left": seconds_left})
