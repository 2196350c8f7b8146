"""The nightly review of tiers: who keeps one, who gets time, who comes down."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection, transaction

from core.models import Market, Program
from core.rules.arrays import columns
from core.rules.money import to_text
from members.models import Notice, TierChange, TierReview
from members.rules.facts import local_date
from members.rules.reviews import Grant, Holding, Outcome, Review, is_due, review
from members.rules.tiers import Ladder, Rung, missing
from members.selectors.locking import lock_members
from members.selectors.tiers import Clock, Standing, clock, due, last_years, read_ladder, standings_of
from members.services.grants import close_grants, close_idle_grants, hold_granted
from members.services.notices import News, tell
from members.services.tiers import Move, Moves, move_members, moves_as_json

BATCH = 5_000
HOLDINGS = """
    UPDATE members_member m SET tier_until = h.until, grace_until = h.grace_until
    FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS h(member_id, until, grace_until) WHERE m.id = h.member_id
"""


@dataclass(slots=True)
class Report:
    """What a review did, or would do: members judged, graces that began or ended well, moves by (from, to) codes."""

    judged: int = 0
    grace_started: int = 0
    grace_ended: int = 0
    moves: Moves = field(default_factory=Counter)

    def as_json(self) -> dict[str, object]:
        """As machines read it."""
        return {
            "judged": self.judged,
            "grace_started": self.grace_started,
            "grace_ended": self.grace_ended,
            "moves": moves_as_json(self.moves),
        }

    def add(self, judged: Sequence["Judged"]) -> None:
        """Count what was found."""
        self.judged += len(judged)
        found = Counter(one.review.outcome for one in judged)
        self.grace_started += found[Outcome.GRACE_STARTED]
        self.grace_ended += found[Outcome.GRACE_ENDED]
        self.moves.update((one.held.rung.code, one.review.after.rung.code) for one in judged if one.fell)


@dataclass(frozen=True, slots=True)
class Judged:
    """A member's tier, as it was held and as it was judged."""

    standing: Standing
    held: Holding
    review: Review

    @property
    def changes(self) -> bool:
        """Whether something is to be written."""
        return self.review.after != self.held or bool(self.held.lapsed(self.standing.day))

    @property
    def fell(self) -> bool:
        """Whether the member comes down."""
        return self.review.outcome is Outcome.FELL


def review_tonight(*, program: Program, at: datetime) -> Report | None:
    """Review the markets in which a day has begun since their last review; None when there is none."""
    markets = list(Market.objects.filter(program=program).order_by("pk"))
    days = clock(markets, at).days
    done = set(TierReview.objects.filter(market__in=markets, day__in=set(days.values())).values_list("market", "day"))
    fresh = [market for market in markets if (market.pk, days[market.pk]) not in done]
    return review_tiers(program=program, at=at, markets=fresh) if fresh else None


def review_tiers(
    *, program: Program, at: datetime, markets: Collection[Market] | None = None, plan_only: bool = False
) -> Report:
    """Judge the tiers of all members, or of those of some markets, on their local day; with ``plan_only`` only count.

    It works in short transactions with the members' rows locked, beside the engine. Again on the same day, also after
    it was stopped half-way, it does what is left and nothing twice.
    """
    ladder = read_ladder(program)
    reviewed = clock(Market.objects.filter(program=program) if markets is None else markets, at)
    report, last = Report(), 0
    while ladder.rungs and (found := due(ladder=ladder, clock=reviewed, after=last, limit=BATCH)):
        last = found[-1].member_id
        judged = _judge(ladder, reviewed, found)
        report.add(judged if plan_only else _act(program, ladder, reviewed, judged))
    if not plan_only:
        _remember(reviewed, report)
    return report


def _remember(reviewed: Clock, report: Report) -> None:
    close_idle_grants(list(reviewed.days.items()))
    for market_id, day in reviewed.days.items():
        TierReview.objects.get_or_create(
            market_id=market_id, day=day, defaults={"at": reviewed.at, "report": report.as_json()}
        )


def _judge(ladder: Ladder, reviewed: Clock, standings: Sequence[Standing]) -> list[Judged]:
    """Judge those of these members whose tier is due."""
    holdings = [(one, _holding(ladder, reviewed, one)) for one in standings]
    dues = [(one, held) for one, held in holdings if held is not None and is_due(ladder, held, one.day)]
    before = last_years(ladder=ladder, standings=[one for one, _ in dues])
    return [
        Judged(one, held, review(ladder, held, one.progress, before.get(one.member_id), one.day)) for one, held in dues
    ]


def _holding(ladder: Ladder, reviewed: Clock, standing: Standing) -> Holding | None:
    rung = ladder.rung(standing.tier_id)
    if rung is None:
        return None
    since = standing.since and local_date(standing.since, reviewed.zones[standing.market_id])
    return Holding(rung, since, standing.until, standing.grace_until, _grants(ladder, standing))


def _grants(ladder: Ladder, standing: Standing) -> tuple[Grant, ...]:
    found = [(ladder.rung(one.tier_id), one) for one in standing.grants]
    return tuple(Grant(given, one.until, ladder.rung(one.before_id)) for given, one in found if given)


def _act(program: Program, ladder: Ladder, reviewed: Clock, judged: Sequence[Judged]) -> list[Judged]:
    """Judge those again whose tier is not simply kept, with their rows held, and write what follows."""
    ids = [one.standing.member_id for one in judged if one.changes]
    if not ids:
        return list(judged)
    with transaction.atomic():
        standings = standings_of(ladder=ladder, clock=reviewed, ids=lock_members(ids))
        again = _judge(ladder, reviewed, standings)
        _write(program, again, reviewed.at)
    untouched = [one for one in judged if not one.changes]
    return [*untouched, *again]


def _write(program: Program, judged: Sequence[Judged], at: datetime) -> None:
    moves = [_move(one, at) for one in judged if one.fell]
    move_members(program_id=program.pk, moves=moves, at=at)
    holdings = [_row(one) for one in judged if not one.fell and one.review.after != one.held]
    if holdings:
        with connection.cursor() as cursor:
            cursor.execute(HOLDINGS, columns(holdings))
    close_grants([(one.standing.member_id, one.standing.day) for one in judged if one.held.lapsed(one.standing.day)])
    if fallen := {one.standing.member_id for one in judged if one.fell and one.standing.grants}:
        hold_granted(fallen)
    tell(program_id=program.pk, news=[news for one in judged if (news := _news(program, one))], at=at)


def _row(one: Judged) -> tuple[int, date | None, date | None]:
    return one.standing.member_id, one.review.after.until, one.review.after.grace_until


def _move(one: Judged, at: datetime) -> Move:
    return Move(
        member_id=one.standing.member_id,
        before=one.held.rung,
        after=one.review.after.rung,
        reason=TierChange.Reason.REVIEW,
        time=at,
        until=one.review.after.until,
    )


def _news(program: Program, one: Judged) -> News | None:
    member_id, rung = one.standing.member_id, one.held.rung
    if one.review.outcome is Outcome.GRACE_STARTED:
        until = str(one.review.after.grace_until)
        values = _wanting(program, rung, one.standing) | {"tier": rung.code, "until": until}
        return News(member_id, Notice.Kind.TIER_GRACE, f"grace:{rung.code}:{until}", values)
    if one.review.outcome is Outcome.GRACE_ENDED:
        key = f"kept:{rung.code}:{one.held.grace_until}"
        return News(member_id, Notice.Kind.TIER_KEPT, key, {"tier": rung.code})
    return None


def _wanting(program: Program, rung: Rung, standing: Standing) -> dict[str, object]:
    wanting: dict[str, object] = dict(missing(rung, standing.progress))
    if "amount" in wanting:
        wanting["amount"] = to_text(int(str(wanting["amount"])), program.currency)
    return {"missing": wanting, "match": "any" if rung.match_any else "all", "currency": program.currency}
