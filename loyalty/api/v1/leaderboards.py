"""Leaderboards: who is first, and where a member stands."""

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.selectors.leaderboards import Standing, competitors, first_of
from campaigns.services.standings import find_own_standing, find_standing, member_standings
from core.rules.moments import show_moment
from loyalty.api.v1 import examples
from loyalty.api.v1.acting import MeView
from loyalty.api.v1.base import ApiView
from loyalty.api.v1.description import ACTING, PAGE, Success, described, path, query
from loyalty.api.v1.pages import read_page
from loyalty.api.v1.parameters import read_word
from loyalty.api.v1.schema import page, ref
from members.models import Member
from members.selectors.members import find_member

BOARD = path("code", "The leaderboard", "festive")
MARKET = query("market", "Whose members compete; else the member's own, or the only one")
TAG = "Leaderboards"
ME = "Member's app"


class LeaderboardView(ApiView):
    """One leaderboard."""

    scopes = {"GET": "rewards:read"}

    @described(
        "Read a leaderboard",
        tag=TAG,
        answers={200: Success("The first, and the member's own place", ref("Leaderboard"), examples.LEADERBOARD)},
        refusals=["not-found", "validation"],
        parameters=[BOARD, MARKET, query("member", "External id, or `uuid:…`: whose own place is answered in `me`")],
    )
    def get(self, request: Request, code: str) -> Response:
        """Read the first of a leaderboard, at most as many as it shows, and in `me` where a member stands.

        Whoever has no nickname appears without one (`null`).
        """
        reference = read_word(request, "member")
        member = find_member(program=self.program, reference=reference) if reference is not None else None
        market = read_word(request, "market")
        standing = find_standing(program=self.program, code=code, market=market, member=member, at=self.at)
        return Response(_document(standing, member))


class MeLeaderboardsView(MeView):
    """The leaderboards of the member's market."""

    @described(
        "List my leaderboards",
        tag=ME,
        answers={200: Success("A page", page(ref("LeaderboardPlace")), {"items": [examples.PLACE], "next": None})},
        refusals=["not-found", "malformed"],
        parameters=[ACTING, *PAGE],
        caller="member",
    )
    def get(self, request: Request) -> Response:
        """List the leaderboards that the member can compete on, or did, with the member's own place in `me`."""
        asked = read_page(request, f"leaderboards:{self.member.pk}")
        return Response(asked.of([_head(standing) for standing in member_standings(member=self.member, at=self.at)]))


class MeLeaderboardView(MeView):
    """One of the member's leaderboards."""

    @described(
        "Read one of my leaderboards",
        tag=ME,
        answers={200: Success("The first, and the member's own place", ref("Leaderboard"), examples.LEADERBOARD)},
        refusals=["not-found", "malformed"],
        parameters=[ACTING, BOARD],
        caller="member",
    )
    def get(self, _request: Request, code: str) -> Response:
        """Read the first of a leaderboard in the member's market, and in `me` where the member stands."""
        return Response(_document(find_own_standing(member=self.member, code=code, at=self.at), self.member))


def _document(standing: Standing, member: Member | None) -> dict[str, object]:
    """A leaderboard as JSON."""
    places = first_of(standing, limit=standing.board.top, member_id=member.pk if member else None)
    return {
        **_head(standing),
        "members": competitors(standing),
        "items": [place.document() for place in places],
        "next": None,
    }


def _head(standing: Standing) -> dict[str, object]:
    board, course = standing.board, standing.course
    return {
        "board": board.code,
        "name": standing.name,
        "campaign": board.campaign,
        "market": course.market or None,
        "score": standing.score or None,
        "state": standing.phase.value,
        "starts_at": show_moment(course.starts),
        "ends_at": course.ends and show_moment(course.ends),
        "closes_at": course.closes_at and show_moment(course.closes_at),
        "closed_at": standing.closed_at and show_moment(standing.closed_at),
        "top": board.top,
        "me": standing.mine and standing.mine.document(),
    }
