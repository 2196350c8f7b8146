"""Freeing the places that reversed awards took in limits."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from campaigns.rules.definitions import Per
from campaigns.rules.kinds import THING
from campaigns.rules.limits import TIMES, bucket, own_offer
from campaigns.rules.state import Program
from campaigns.rules.takebacks import Taken
from core.services import prepared

# Members' rows are guarded by the members' locks; rows of all members are taken in the one order of the product.
FREE = """
    WITH freed AS (
        SELECT c.{key} AS target, f.amount
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::bigint[],
            %s::bigint[]) AS f(member_id, campaign, rule, per, bucket, unit, offer_id, amount)
        JOIN campaigns_campaign k ON k.program_id = %s AND k.code = f.campaign
        JOIN {table} c ON c.campaign_id = k.id AND c.rule = f.rule AND c.per = f.per AND c.bucket = f.bucket
            AND c.unit = f.unit {mine}
        ORDER BY c.campaign_id, c.rule, c.per, c.bucket, c.unit FOR NO KEY UPDATE OF c
    )
    UPDATE {table} c SET used = greatest(0, c.used - freed.amount) FROM freed WHERE c.{key} = freed.target
"""
FREE_OWN = FREE.format(
    key="ctid", table="campaigns_membercounter", mine="AND c.member_id = f.member_id AND c.offer_id = f.offer_id"
)
FREE_TOTALS = FREE.format(key="id", table="campaigns_totalcounter", mine="")


@dataclass(frozen=True, slots=True)
class Freed:
    """What was taken of one event's awards: when the event was, and whether nothing remains."""

    member_id: int
    time: datetime
    day: date
    takings: Sequence[Taken]
    ghosts: Sequence[Taken]  # what a held-out member would have been given counts for the member alone
    is_full: bool
    stay: frozenset[tuple[str, str]] = frozenset()  # rules (campaign, rule) of which something cannot be taken


def free_counters(program: Program, freed: Sequence[Freed]) -> None:
    """Count less in every limit that counted these awards; two queries."""
    own: defaultdict[tuple[object, ...], int] = defaultdict(int)
    totals: defaultdict[tuple[object, ...], int] = defaultdict(int)
    for one in freed:
        program_day = one.time.astimezone(program.zone).date()
        for per in Per:
            for campaign, rule, unit, offer_id, amount in _parts([*one.takings, *one.ghosts], one):
                mine = (one.member_id, campaign, rule, per.value, bucket(per, one.day), unit)
                own[*mine, own_offer(per, offer_id)] += amount
            for campaign, rule, unit, _offer_id, amount in _parts(one.takings, one):
                totals[0, campaign, rule, per.value, bucket(per, program_day), unit, 0] += amount
    for sql, sums in ((FREE_OWN, own), (FREE_TOTALS, totals)):
        if sums:
            columns = zip(*((*key, amount) for key, amount in sums.items()), strict=True)
            with prepared.cursor() as cursor:
                cursor.execute(sql, [*map(list, columns), program.program_id])


def _parts(takings: Sequence[Taken], freed: Freed) -> Iterator[tuple[str, str, str, int, int]]:
    """Campaign, rule (and the whole campaign: empty), unit, offer and amount."""
    rules = {taking.whose for taking in takings if taking.whose[:2] not in freed.stay}
    for campaign, rule, offer_id in rules if freed.is_full else ():
        yield campaign, rule, TIMES, offer_id, 1
        yield campaign, "", TIMES, offer_id, 1
    for taking in takings:
        if taking.limited_unit != THING:
            campaign, rule, offer_id = taking.whose
            yield campaign, rule, taking.limited_unit, offer_id, taking.amount
            yield campaign, "", taking.limited_unit, offer_id, taking.amount
