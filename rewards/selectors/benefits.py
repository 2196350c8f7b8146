"""What members are entitled to by their tiers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from core.models import Program
from core.rules.arrays import array
from members.models import Member, Tier
from members.rules.facts import local_date
from rewards.rules.benefits import Benefit, Entitled, counted

LATEST = """
    SELECT e.member_id, e.id, e.code, e.starts_on, e.expires_on, coalesce(v.used, 0), coalesce(v.ready, 0)
    FROM (
        SELECT DISTINCT ON (member_id, code) id, member_id, code, starts_on, expires_on FROM rewards_entitlement
        WHERE member_id = ANY(%s::bigint[]) ORDER BY member_id, code, starts_on DESC
    ) e
    LEFT JOIN (
        SELECT entitlement_id, count(*) FILTER (WHERE state = 'used') AS used,
            count(*) FILTER (WHERE state = 'ready') AS ready
        FROM rewards_voucher WHERE member_id = ANY(%s::bigint[]) AND entitlement_id IS NOT NULL GROUP BY 1
    ) v ON v.entitlement_id = e.id
"""
STANDING = """
    SELECT m.id, m.tier_id, m.tier_since, k.code, k.timezone
    FROM members_member m JOIN core_market k ON k.id = m.market_id
    WHERE m.id = ANY(%s::bigint[]) AND m.status <> 'erased' ORDER BY m.id
"""
# Members whose tier has a benefit for which no year runs on their local day.
DUE = """
    SELECT DISTINCT m.id FROM members_member m
    JOIN unnest(%s::bigint[], %s::text[]) AS b(tier_id, code) ON b.tier_id = m.tier_id
    JOIN unnest(%s::bigint[], %s::date[]) AS k(market_id, day) ON k.market_id = m.market_id
    WHERE m.status <> 'erased' AND m.id > %s AND NOT EXISTS (
        SELECT FROM rewards_entitlement e
        WHERE e.member_id = m.id AND e.code = b.code AND e.starts_on <= k.day AND e.expires_on >= k.day
    )
    ORDER BY m.id LIMIT %s
"""


class Standing(NamedTuple):
    """On which tier a member stands, since when, and in which market."""

    member_id: int
    tier_id: int | None
    since: datetime | None
    market: str
    timezone: str


@dataclass(frozen=True, slots=True)
class ShownBenefit:
    """A benefit of the member's tier: ``left`` None = it is not counted, or its vouchers are on their way."""

    code: str
    name: str
    left: int | None
    expires_on: date | None


def benefits_by_tier(program_id: int) -> dict[int, list[Benefit]]:
    """The counted benefits of tiers in use."""
    rows = Tier.objects.filter(program=program_id, retired=False).values_list("pk", "benefits")
    return {pk: found for pk, written in rows if (found := counted(written))}


def standings(member_ids: Collection[int]) -> list[Standing]:
    """Where members stand; those that were erased are not among them."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [array(list(member_ids))])
        return [Standing(*row) for row in cursor.fetchall()]


def latest_entitlements(member_ids: Collection[int]) -> dict[int, dict[str, Entitled]]:
    """The latest year of every benefit, by member and benefit; one query."""
    found: defaultdict[int, dict[str, Entitled]] = defaultdict(dict)
    ids = array(list(member_ids))
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [ids, ids])
        for member_id, *row in cursor.fetchall():
            one = Entitled(*row)
            found[member_id][one.code] = one
    return found


def members_due(
    *, benefits: Mapping[int, Sequence[Benefit]], days: Mapping[int, date], after: int, limit: int
) -> list[int]:
    """The next members (by id) with a benefit for which no year runs; ``days`` are the markets' local ones."""
    pairs = [(tier_id, one.code) for tier_id, mine in benefits.items() for one in mine]
    tiers, codes = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(DUE, [*map(array, (tiers, codes, list(days), list(days.values()))), after, limit])
        return [member_id for (member_id,) in cursor.fetchall()]


def member_benefits(*, member: Member, at: datetime, language: str) -> list[ShownBenefit]:
    """The benefits of a member's tier with how often each can still be used; one query, none without any."""
    written = member.tier.benefits if member.tier else []
    latest = latest_entitlements([member.pk]).get(member.pk, {}) if counted(written) else {}
    today = local_date(at, ZoneInfo(member.market.timezone))
    shown = []
    for one in written:
        known = latest.get(one["code"])
        runs = known is not None and known.expires_on >= today
        name = _name(one["name"], language, member.program)
        shown.append(
            ShownBenefit(
                one["code"], name, known.ready if known and runs else None, known.expires_on if known and runs else None
            )
        )
    return shown


def _name(name: str | Mapping[str, str], language: str, program: Program) -> str:
    return name if isinstance(name, str) else name.get(language) or name[program.languages[0]]
