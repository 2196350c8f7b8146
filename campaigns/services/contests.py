"""Contests: opened with the program file, read with the configuration, closed once when their time has come."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import connection, transaction
from django.db.models import Max

from campaigns.models import Campaign, CampaignStep, Contest, ContestResult, Leaderboard
from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant
from campaigns.rules.leaderboards import EVERYWHERE, Board, Course, Span
from campaigns.rules.life import ENDED, LAUNCHED
from campaigns.selectors.versions import newest_versions, zones_of
from campaigns.services.publishing import effects_of
from core.models import Market, Program
from core.rules.moments import show_moment
from core.services.outbox import Message, publish
from members.models.keeping import ClockTimestamp

log = structlog.get_logger(__name__)

RESULTS = """
    INSERT INTO campaigns_contestresult (contest_id, rank, member_id, score, reached_at)
    SELECT contest_id, row_number() OVER (ORDER BY score DESC, reached_at, member_id), member_id, score, reached_at
    FROM campaigns_contestscore WHERE contest_id = %s ORDER BY score DESC, reached_at, member_id LIMIT %s
"""
COUNTING = {Campaign.State.LIVE, Campaign.State.SCHEDULED, Campaign.State.ENDED}  # until its end, in its spans
STARTED = {Campaign.State(state) for state in (*LAUNCHED, ENDED)}


def open_contests(*, program: Program, at: datetime) -> None:
    """Give every board of a program its contests: one a market, or one for all."""
    markets = list(Market.objects.filter(program=program, retired=False).values_list("pk", flat=True))
    boards = Leaderboard.objects.filter(program=program, retired=False)
    wanted = {(board.pk, market) for board in boards for market in (markets if board.by_market else [None])}
    missing = wanted - set(Contest.objects.filter(board__program=program).values_list("board", "market"))
    rows = [Contest(board_id=board, market_id=market, opened_at=at) for board, market in missing]
    Contest.objects.bulk_create(rows, ignore_conflicts=True)


# -- as the engine reads them -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """What boards are read against; ``contests`` by board and market."""

    zones: Mapping[str, ZoneInfo]
    definitions: Mapping[int, Mapping[str, Any]]  # by campaign
    ended: Mapping[int, datetime]  # campaigns that people ended, by campaign
    contests: Mapping[tuple[int, str], Contest]
    scores: Mapping[str, set[str]]


def read_boards(program: Program) -> dict[str, Board]:
    """The boards of a program by code, also those whose campaign is over; a fixed number of queries."""
    rows = list(Leaderboard.objects.filter(program=program, retired=False).select_related("campaign"))
    if not rows:
        return {}
    versions = list(newest_versions(program, *Campaign.State))
    contests = Contest.objects.filter(board__in=rows).select_related("market")
    over = [row.campaign_id for row in rows if row.campaign.state == Campaign.State.ENDED]
    steps = CampaignStep.objects.filter(campaign__in=over, to_state=Campaign.State.ENDED)
    ground = _Ground(
        zones=zones_of(program),
        definitions={version.campaign_id: version.definition for version in versions},
        ended=dict(steps.values_list("campaign").annotate(last=Max("at"))),
        contests={(one.board_id, one.market.code if one.market else EVERYWHERE): one for one in contests},
        scores=_scores([v.definition for v in versions if v.campaign.state in STARTED]),
    )
    return {row.code: _board(row, ground) for row in rows if row.campaign_id in ground.definitions}


def _scores(definitions: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for definition in definitions:
        for _, effect in effects_of(definition):
            if entry := effect.get("entry"):
                found[entry["board"]].add(entry["score"])
    return found


def _board(row: Leaderboard, ground: _Ground) -> Board:
    spans = _spans(ground.definitions[row.campaign_id], ground.zones, ground.ended.get(row.campaign_id))
    return Board(
        code=row.code,
        campaign=row.campaign.code,
        by_market=row.by_market,
        top=row.top,
        launched=row.campaign.state in STARTED,
        running=row.campaign.state in COUNTING,
        spans=spans,
        courses={course.market: course for course in _courses(row, spans, ground)},
        scores=frozenset(ground.scores.get(row.code, ())),
    )


def _spans(definition: Mapping[str, Any], zones: Mapping[str, ZoneInfo], ended: datetime | None) -> dict[str, Span]:
    """From when to when a campaign runs in each of its markets, by their wall time; no longer than people let it."""
    starts, ends = moment(definition["starts"]), definition.get("ends")
    mine = definition.get("markets") or zones
    return {
        code: (
            instant(starts, zone),
            min(filter(None, (instant(moment(ends), zone) if ends else None, ended)), default=None),
        )
        for code, zone in zones.items()
        if code in mine
    }


def _courses(row: Leaderboard, spans: Mapping[str, Span], ground: _Ground) -> Iterator[Course]:
    groups = {code: [span] for code, span in spans.items()} if row.by_market else {EVERYWHERE: list(spans.values())}
    for market, group in groups.items():
        contest = ground.contests.get((row.pk, market))
        if contest is None or not group:
            continue
        last = None if any(ends is None for _, ends in group) else max(ends for _, ends in group if ends)
        # What came into the program when it was over already waits for its events from then on.
        closes_at = max(last, contest.opened_at) + timedelta(hours=row.settle_hours) if last else None
        yield Course(contest.pk, market, min(starts for starts, _ in group), last, closes_at)


# -- closing ----------------------------------------------------------------------------------


def close_contests(*, program: Program, at: datetime) -> int:
    """Close the contests of a program whose time has come; how many there were. Each in a transaction of its own.

    Who is among the first is kept and told, once: a second scheduler finds the contest closed.
    """
    due = [
        (board, course)
        for board in read_boards(program).values()
        for course in board.courses.values()
        if board.launched and course.closes_at and course.closes_at <= at
    ]
    still = Contest.objects.filter(pk__in=[course.contest_id for _, course in due], closed_at=None)
    open_ids = set(still.values_list("pk", flat=True)) if due else set()
    return sum(_close(program, board, course, at) for board, course in due if course.contest_id in open_ids)


@transaction.atomic
def _close(program: Program, board: Board, course: Course, at: datetime) -> bool:
    """Engine transactions that enter something hold the contest's row; those that come later see it closed."""
    contest = Contest.objects.select_for_update().filter(pk=course.contest_id, closed_at=None).first()
    if contest is None:
        return False
    contest.closed_at, contest.members = at, contest.scores.count()
    contest.closing_recorded_at = ClockTimestamp()
    contest.save(update_fields=["closed_at", "closing_recorded_at", "members"])
    with connection.cursor() as cursor:
        cursor.execute(RESULTS, [contest.pk, board.top])
    results = ContestResult.objects.filter(contest=contest).order_by("rank")
    publish([_told(program, board, course, contest, result) for result in results])
    log.info("contest_closed", program=program.code, board=board.code, market=course.market, members=contest.members)
    return True


def _told(program: Program, board: Board, course: Course, contest: Contest, result: ContestResult) -> Message:
    """What one of the first hears; ``time`` is that of the plan, whenever a scheduler came to it."""
    payload = {
        "member": result.member_id,
        "time": show_moment(course.closes_at or contest.opened_at),
        "board": board.code,
        "market": course.market or None,
        "rank": result.rank,
        "score": result.score,
        "of": contest.members,
    }
    return Message("leaderboard.closed", program.pk, payload)
