"""Leaderboards in tests: a program with a board, scores, and the clock that closes it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from campaigns.models import Contest, ContestResult
from campaigns.selectors.leaderboards import first_of
from campaigns.services.contests import close_contests
from campaigns.services.standings import find_standing
from tests.campaigns.world import World, campaign, make_world, rule

ENDS = "2026-07-01T00:00:00"  # wall time of each market
SG_END = datetime(2026, 6, 30, 16, tzinfo=UTC)
ID_END = datetime(2026, 6, 30, 17, tzinfo=UTC)


def board(code: str = "race", **more: Any) -> dict[str, Any]:
    """A board of the campaign ``race``."""
    usual = {"campaign": "race", "by_market": True, "top": 3, "settle_hours": 24}
    return {"code": code, "name": {"en": "Race"}, **usual, **more}


def entry(score: str = "amount", to: str = "race") -> dict[str, Any]:
    """An effect that enters a score."""
    return {"entry": {"board": to, "score": score}}


def race(*then: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The campaign of the board."""
    return campaign("race", rule("enter", *(then or (entry(),))), **{"ends": ENDS, **more})


def board_world(*campaigns: Mapping[str, Any], boards: Any = None, **sections: Any) -> World:
    """A world with the board."""
    return make_world(*(campaigns or (race(),)), leaderboards=boards or [board()], **sections)


def places(world: World, market: str | None = "SG", code: str = "race", at: datetime | None = None) -> list[Any]:
    """Who stands where: rank, external id and score."""
    standing = find_standing(program=world.program, code=code, market=market, at=at or SG_END)
    names = dict(world.program.members.values_list("pk", "external_id"))
    return [(one.rank, names[one.member_id], one.score) for one in first_of(standing, limit=1000)]


def close(world: World, at: datetime) -> int:
    """What the clock does."""
    return close_contests(program=world.program, at=at)


def results() -> list[tuple[str, int, str, int]]:
    """Frozen results: market, rank, member, score."""
    rows = ContestResult.objects.order_by("contest__market__code", "rank")
    return list(rows.values_list("contest__market__code", "rank", "member__external_id", "score"))


def closed() -> dict[str, int | None]:
    """Closed contests by market, with how many competed."""
    rows = Contest.objects.filter(closed_at__isnull=False)
    return {str(market): members for market, members in rows.values_list("market__code", "members")}
