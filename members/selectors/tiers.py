"""The ladder as it is configured, and how members hold their tiers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.models import Market, Program
from core.services import prepared
from members.models import Member, Tier
from members.rules.facts import local_date
from members.rules.reviews import Holding, held_through
from members.rules.tiers import Ladder, Progress, Rung, Style, rung
from members.rules.windows import Sums
from members.selectors.grants import Running, running_grants
from members.selectors.windows import sum_windows


def read_rungs(program: Program) -> dict[int, Rung]:
    """Every tier by its id, those out of use too."""
    return {tier.pk: _rung(tier, program) for tier in Tier.objects.filter(program=program)}


def read_ladder(program: Program) -> Ladder:
    """A program's ladder, and how its tiers are held."""
    tiers = Tier.objects.filter(program=program, retired=False).order_by("rank")
    downgrade = program.tier_review.get("downgrade", {})
    return Ladder(
        rungs=tuple(_rung(tier, program) for tier in tiers),
        calendar_year=program.tier_review.get("window") == "calendar_year",
        style=Style(downgrade.get("style", Style.NEVER)),
        grace_days=downgrade.get("grace_days", 0),
    )


def _rung(tier: Tier, program: Program) -> Rung:
    return rung(tier_id=tier.pk, code=tier.code, rank=tier.rank, requires=tier.requires, currency=program.currency)


@dataclass(frozen=True, slots=True)
class Clock:
    """What day a moment is in each of some markets (by id)."""

    at: datetime
    zones: Mapping[int, ZoneInfo]
    days: Mapping[int, date]


def clock(markets: Collection[Market], at: datetime) -> Clock:
    """The local days of these markets."""
    zones = {market.pk: ZoneInfo(market.timezone) for market in markets}
    return Clock(at, zones, {pk: local_date(at, zone) for pk, zone in zones.items()})


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's tier (None: none) and how it is held, as stored; what counts in the window that ends with ``day``."""

    member_id: int
    tier_id: int | None
    since: datetime | None
    until: date | None
    grace_until: date | None
    market_id: int
    day: date
    progress: Progress
    grants: Sequence[Running] = ()


# The sums of a row that was rolled to another day are not those of this one: then the days themselves are added up.
STANDINGS = """
    SELECT m.id, m.tier_id, m.tier_since, m.tier_until, m.grace_until, m.market_id, k.day, f.rolled_on = k.day,
        {amount}, {events}, {status_points}
    FROM members_member m JOIN unnest(%(markets)s::bigint[], %(days)s::date[]) AS k(market_id, day) USING (market_id)
    LEFT JOIN members_memberfacts f ON f.member_id = m.id
    WHERE m.status <> 'erased' AND {which}
"""
ROLLING = {"amount": "f.amount_12m", "events": "f.events_12m", "status_points": "f.status_points_12m"}
YEARLY = {"amount": "f.amount_year", "events": "f.events_year", "status_points": "f.status_points_year"}
ID, DAY, FRESH = 0, 6, 7  # columns
EVERYBODY = "m.id > %(after)s ORDER BY m.id LIMIT %(limit)s"
# Those whose tier is judged: see ``members.rules.reviews.is_due``, which has the last word.
DUE = """
    (m.grace_until IS NOT NULL
        OR %(falls)s AND m.tier_id = ANY(%(above)s::bigint[]) AND (m.tier_until IS NULL OR m.tier_until < k.day)
        OR m.id IN (SELECT g.member_id FROM members_tiergrant g WHERE NOT g.over AND g.until < %(latest)s))
    AND m.id > %(after)s ORDER BY m.id LIMIT %(limit)s
"""
THESE = "m.id = ANY(%(ids)s::bigint[]) ORDER BY m.id"


def everybody(*, ladder: Ladder, clock: Clock, after: int, limit: int) -> list[Standing]:
    """How the next members (by id) stand."""
    return _standings(ladder, clock, EVERYBODY, {"after": after, "limit": limit})


def due(*, ladder: Ladder, clock: Clock, after: int, limit: int) -> list[Standing]:
    """How the next members (by id) stand whose tiers are to be judged."""
    above = [rung.tier_id for rung in ladder.rungs[1:]]
    falls, latest = ladder.style is not Style.NEVER, max(clock.days.values(), default=None)
    return _standings(
        ladder, clock, DUE, {"above": above, "falls": falls, "after": after, "limit": limit, "latest": latest}
    )


def standings_of(*, ladder: Ladder, clock: Clock, ids: Collection[int]) -> list[Standing]:
    """How these members stand; to act on it, lock their rows before, so that what was counted by then is seen."""
    return _standings(ladder, clock, THESE, {"ids": list(ids)})


def _standings(ladder: Ladder, clock: Clock, which: str, params: dict[str, Any]) -> list[Standing]:
    columns = YEARLY if ladder.calendar_year else ROLLING
    days: dict[str, Any] = {"markets": list(clock.days), "days": list(clock.days.values())}
    with prepared.cursor() as cursor:
        cursor.execute(STANDINGS.format(which=which, **columns), days | params)
        rows = cursor.fetchall()
    stale = sum_windows([(row[ID], row[DAY]) for row in rows if not row[FRESH]])
    grants = running_grants([row[ID] for row in rows])
    found = []
    for pk, tier, since, until, grace, market, day, is_fresh, *sums in rows:
        progress = Progress(*sums) if is_fresh else _progress(stale[pk, day], ladder)
        found.append(Standing(pk, tier, since, until, grace, market, day, progress, grants.get(pk, ())))
    return found


def _progress(sums: Sums, ladder: Ladder) -> Progress:
    return sums.progress(calendar_year=ladder.calendar_year)


def last_years(*, ladder: Ladder, standings: Sequence[Standing]) -> dict[int, Progress]:
    """What counted for these members in the year before, where calendar years count."""
    if not ladder.calendar_year:
        return {}
    ends = {one.member_id: date(one.day.year - 1, 12, 31) for one in standings}
    sums = sum_windows(list(ends.items()))
    return {member_id: _progress(sums[member_id, end], ladder) for member_id, end in ends.items()}


def held_until(*, member: Member, progress: Progress, day: date) -> date | None:
    """The last day on which a member certainly holds the tier; None where no day can be named.

    ``progress`` is what counts in the window that ends with ``day``, a local one. In a calendar year that earned the
    tier again already, it is the end of the next.
    """
    ladder = read_ladder(member.program)
    rung = ladder.rung(member.tier_id)
    if rung is None:
        return None
    return held_through(ladder, Holding(rung, None, member.tier_until, member.grace_until), progress, day)
