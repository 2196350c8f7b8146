"""Leaderboards: who stands where in each contest, when it closes, and the result as a file."""

from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext

from campaigns.models import Leaderboard
from campaigns.selectors.leaderboards import Place, Standing, competitors, first_of, standings
from campaigns.selectors.versions import zones_of
from campaigns.services.configuration import current_configuration
from loyalty.backoffice.base import Texts
from loyalty.backoffice.budgets import csv_file
from loyalty.backoffice.finding import external_ids
from loyalty.display import formats
from loyalty.display.board_words import phase_words, score_words
from loyalty.operations.reports.tables import csv_text
from members.models import Member

SHOWN = 10


@admin.register(Leaderboard)
class LeaderboardAdmin(Texts):
    """Leaderboards come from the program file; their page shows the standing."""

    list_display = ("code", "name", "campaign", "by_market", "top", "settle_hours", "program", "retired")
    list_filter = ("program", "retired")
    list_select_related = ("campaign", "program")
    search_fields = ("code", "name")
    change_form_outer_before_template = "backoffice/leaderboard.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page with the standing of each contest, or one of them as a file."""
        board = self.get_object(request, object_id)
        found = _standings(board) if isinstance(board, Leaderboard) else []
        zones = zones_of(board.program) if isinstance(board, Leaderboard) else {}
        if request.GET.get("format") == "csv" and isinstance(board, Leaderboard):
            return _file(request, board, found)
        currency = board.program.currency if isinstance(board, Leaderboard) else ""
        context = {"contests": [_shown(request, one, currency, zones) for one in found], **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


def _standings(row: Leaderboard) -> list[Standing]:
    board = current_configuration(row.program_id).program.boards.get(row.code)
    courses = [(board, course) for course in board.courses.values()] if board else []
    return standings(courses, names={row.code: row.name}, at=timezone.now())


def _shown(request: HttpRequest, standing: Standing, currency: str, zones: Mapping[str, ZoneInfo]) -> dict[str, Any]:
    """A contest with its first places; times are its market's."""
    course = standing.course
    places = first_of(standing, limit=SHOWN)
    visible = _visible(request, places)
    with timezone.override(zones.get(course.market)):
        when = phase_words(standing, timezone.now())
        closes = formats.moment(course.closes_at) if course.closes_at and not standing.closed_at else ""
        closed = formats.moment(standing.closed_at) if standing.closed_at else ""
    return {
        "title": course.market or gettext("All markets"),
        "market": course.market,
        "when": when,
        "closes": closes,
        "closed": closed,
        "members": formats.number(competitors(standing)),
        "table": {
            "headers": [gettext("Rank"), gettext("Member"), gettext("Nickname"), gettext("Score")],
            "rows": [
                [
                    formats.number(place.rank),
                    _member(place, visible),
                    place.nickname or "–",
                    score_words(place.score, standing.score, currency),
                ]
                for place in places
            ],
        },
    }


def _visible(request: HttpRequest, places: Collection[Place]) -> dict[int, str]:
    """External ids of those members whom the reader may see."""
    return external_ids(request.user, Member.objects.filter(pk__in=[place.member_id for place in places]))


def _member(place: Place, visible: dict[int, str]) -> str:
    if place.member_id not in visible:
        return "–"
    address = reverse("admin:members_member_change", args=[place.member_id])
    return format_html('<a href="{}">{}</a>', address, visible[place.member_id])


def _file(request: HttpRequest, board: Leaderboard, found: list[Standing]) -> HttpResponse:
    """The first of a contest for spreadsheets."""
    market = request.GET.get("market", "")
    standing = next((one for one in found if one.course.market == market), None)
    if standing is None:
        raise Http404
    places = first_of(standing, limit=board.top)
    visible = _visible(request, places)
    lines = [[place.rank, visible.get(place.member_id, ""), place.nickname, place.score] for place in places]
    name = "-".join(filter(None, ("leaderboard", board.code, market.lower())))
    return csv_file(name, csv_text(("rank", "member", "nickname", "score"), lines))
