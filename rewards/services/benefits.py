"""Benefits of tiers become vouchers: when a tier is reached, each year that it is held, and not longer."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction

from core.models import Market, Program
from core.rules.arrays import columns
from core.services import prepared
from members.rules.facts import local_date
from members.selectors.locking import lock_members
from rewards.rules.benefits import Benefit, Entitled, Step, steps
from rewards.rules.vouchers import GivenReward
from rewards.selectors.benefits import Standing, benefits_by_tier, latest_entitlements, members_due, standings
from rewards.selectors.given import given_rewards
from rewards.services.vouchers import Issue, hold_stock, issue

log = structlog.get_logger(__name__)
BATCH = 1_000
ENTITLE = """
    INSERT INTO rewards_entitlement (member_id, code, reward_id, starts_on, expires_on)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::date[]) AS e
    RETURNING id, member_id, code
"""
# The youngest vouchers of an entitlement, so many of them.
TAKE = """
    UPDATE rewards_voucher SET state = 'void', voided_at = %s WHERE id IN (
        SELECT v.id FROM unnest(%s::bigint[], %s::bigint[]) AS t(entitlement_id, fewer) CROSS JOIN LATERAL (
            SELECT id FROM rewards_voucher v
            WHERE v.entitlement_id = t.entitlement_id AND v.state = 'ready' ORDER BY id DESC LIMIT t.fewer
        ) v
    )
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What a member is to be given."""

    member_id: int
    step: Step
    reward: GivenReward


type Fewer = list[tuple[int, int]]  # entitlements, and how many of their vouchers end


@transaction.atomic
def settle_benefits(*, program: Program, member_ids: Collection[int], at: datetime) -> int:
    """Bring what members hold by their tiers in line with them; how many vouchers were issued.

    Unused vouchers of benefits that the tier does not have end. Again, it changes nothing; queries do not grow with
    members. What cannot be given now (no codes in stock) is tried again each night.
    """
    benefits = benefits_by_tier(program.pk)
    held = lock_members(member_ids)
    latest = latest_entitlements(held)
    if not benefits and not latest:
        return 0
    rewards = given_rewards(program_id=program.pk, codes={one.reward for mine in benefits.values() for one in mine})
    due: list[Due] = []
    fewer: Fewer = []
    for standing in standings(held):
        mine, known = benefits.get(standing.tier_id or 0, []), latest.get(standing.member_id, {})
        codes = {one.code for one in mine}
        fewer += [(one.entitlement_id, one.ready) for one in known.values() if one.ready and one.code not in codes]
        _plan(standing, _steps(standing, mine, known, at), rewards, due, fewer)
    _void(fewer, at)
    return _issue(program, _in_stock(due), at)


def _steps(
    standing: Standing, benefits: Sequence[Benefit], known: Mapping[str, Entitled], at: datetime
) -> Iterable[Step]:
    zone = ZoneInfo(standing.timezone)
    since = local_date(standing.since or at, zone)
    return steps(benefits, known, since, local_date(at, zone))


def _plan(
    standing: Standing,
    found: Iterable[Step],
    rewards: Mapping[str, GivenReward],
    due: list[Due],
    fewer: Fewer,
) -> None:
    """Sort what is to be given from what is to end; what the member's market does not have is neither."""
    for step in found:
        reward = rewards.get(step.benefit.reward)
        if step.more < 0 and step.entitlement_id:
            fewer.append((step.entitlement_id, -step.more))
        elif reward and reward.available and standing.market in reward.markets:
            due.append(Due(standing.member_id, step, reward))


def _in_stock(due: Sequence[Due]) -> list[Due]:
    """Those for which there are codes enough, where codes come from stock; the codes are held."""
    needs: Counter[int] = Counter()
    for one in due:
        needs[one.reward.reward_id] += one.step.more if one.reward.from_stock else 0
    left = hold_stock({pk: most for pk, most in needs.items() if most}) if needs.total() else Counter[int]()
    found = []
    for one in due:
        if one.reward.from_stock and left[one.reward.reward_id] < one.step.more:
            log.warning("benefit_out_of_stock", member=one.member_id, reward=one.reward.code)
            continue
        left[one.reward.reward_id] -= one.step.more
        found.append(one)
    return found


def _void(fewer: Fewer, at: datetime) -> None:
    if fewer:
        with prepared.cursor() as cursor:
            cursor.execute(TAKE, [at, *columns(fewer)])


def _issue(program: Program, due: Sequence[Due], at: datetime) -> int:
    """Write new years, and issue their vouchers and those that were added to a year that runs."""
    names = {(one.member_id, one.step.benefit.code): one for one in due if one.step.entitlement_id is None}
    years: dict[tuple[int, str], int] = {}
    if names:
        rows = [
            (*name, one.reward.reward_id, one.step.year.starts_on, one.step.year.expires_on)
            for name, one in names.items()
        ]
        with prepared.cursor() as cursor:
            cursor.execute(ENTITLE, columns(rows))
            years = {(member_id, code): pk for pk, member_id, code in cursor.fetchall()}
    issues = [
        Issue(
            uuid=uuid4(),
            reward_id=one.reward.reward_id,
            member_id=one.member_id,
            issued_at=at,
            expires_on=one.step.year.expires_on,
            from_stock=one.reward.from_stock,
            entitlement_id=one.step.entitlement_id or years[one.member_id, one.step.benefit.code],
        )
        for one in due
        for _time in range(one.step.more)
    ]
    issue(program_id=program.pk, issues=issues)
    return len(issues)


def renew_benefits(*, program: Program, at: datetime) -> int:
    """Begin the next year of benefits whose year is over, and what was missed; how many vouchers were issued.

    In short transactions beside the engine. Again on the same day, also after it was stopped half-way, it does what
    is left and nothing twice.
    """
    benefits = benefits_by_tier(program.pk)
    markets = Market.objects.filter(program=program)
    days: dict[int, date] = {one.pk: local_date(at, ZoneInfo(one.timezone)) for one in markets}
    issued, last = 0, 0
    while benefits and (ids := members_due(benefits=benefits, days=days, after=last, limit=BATCH)):
        last = ids[-1]
        issued += settle_benefits(program=program, member_ids=ids, at=at)
    return issued
