"""How many pieces of rewards are left, and how many a member has taken."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.rules.arrays import columns
from core.services import prepared
from members.models import Member
from rewards.models import Reward
from rewards.models.categories import Stock
from rewards.rules.availability import period
from rewards.rules.prices import Value, value_of
from rewards.selectors.stock import GOOD

COUNTED = 100  # pieces; more are as good as so many
PIECES = f"""
    SELECT r.id,
           CASE WHEN r.listed THEN (SELECT count(*) FROM (
               SELECT FROM rewards_voucher s WHERE s.reward_id = r.id AND s.state = 'stock' AND {GOOD} LIMIT %s) s) END,
           CASE WHEN r.limited THEN (
               SELECT sum(d.quantity) FROM rewards_redemption d WHERE d.member_id = %s AND d.reward_id = r.id
                  AND d.state <> 'cancelled' AND (d.at >= r.since AND d.at < r.until OR r.since IS NULL)) END
      FROM unnest(%s::bigint[], %s::boolean[], %s::boolean[], %s::timestamptz[], %s::timestamptz[])
           AS r(id, listed, limited, since, until)
"""

VALUES = f"""
    SELECT n.reward_id, n.value, n.unit, (SELECT count(*) FROM (
        SELECT FROM rewards_voucher s WHERE s.reward_id = n.reward_id AND s.state = 'stock' AND {GOOD}
            AND s.value_minor = n.value AND s.currency = n.unit LIMIT %s) s)
      FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS n(reward_id, value, unit)
"""
NEXT_END = f"""
    SELECT min(k.expires_on) FROM (
        SELECT s.expires_on FROM rewards_voucher s WHERE s.reward_id = %s AND s.state = 'stock' AND {GOOD} {{of_value}}
        ORDER BY s.id LIMIT %s
    ) k
"""
OF_VALUE = "AND s.value_minor = %s AND s.currency = %s"


@dataclass(frozen=True, slots=True)
class Pieces:
    """``left``: codes in stock, at most ``COUNTED``, None = not counted. ``taken``: bought in the running period.

    ``of_value``: the same for each value of a reward whose codes have values; then ``left`` says nothing.
    """

    left: int | None = None
    taken: int = 0
    of_value: Mapping[Value, int] = field(default_factory=dict)


def count_pieces(rewards: Sequence[Reward], *, member: Member | None, at: datetime) -> dict[int, Pieces]:
    """Pieces of those rewards whose pieces are counted: lists of codes, and for a member (with market) limited ones.

    What a member bought are redemptions, less cancelled ones, in the period of ``at``. One query, none where nothing is
    counted, and one for all values of lists of codes.
    """
    asked, of_value = list(_asked(rewards, member, at)), _count_values(rewards)
    found = {pk: Pieces(of_value=counted) for pk, counted in of_value.items()}
    if not asked:
        return found
    with prepared.cursor() as cursor:
        cursor.execute(PIECES, [COUNTED, member.pk if member else None, *columns(asked)])
        rows = cursor.fetchall()
    return found | {pk: Pieces(left, taken or 0, of_value.get(pk, {})) for pk, left, taken in rows}


def _count_values(rewards: Sequence[Reward]) -> Mapping[int, Mapping[Value, int]]:
    asked = [(one.pk, *value_of(part)) for one in rewards if one.stock == Stock.CODES for part in one.denominations]
    found: defaultdict[int, dict[Value, int]] = defaultdict(dict)
    if asked:
        with prepared.cursor() as cursor:
            cursor.execute(VALUES, [COUNTED, *columns(asked)])
            for pk, minor, currency, left in cursor.fetchall():
                found[pk][minor, currency] = left
    return found


def next_end(reward: Reward, *, pieces: int, value: Value | None = None) -> date | None:
    """The earliest last day that the codes say which so many pieces would be given now; None: they say none.

    ``value``: of codes of that value.
    """
    with prepared.cursor() as cursor:
        cursor.execute(NEXT_END.format(of_value=OF_VALUE if value else ""), [reward.pk, *(value or ()), pieces])
        end: date | None = cursor.fetchone()[0]
        return end


def _asked(
    rewards: Sequence[Reward], member: Member | None, at: datetime
) -> Iterator[tuple[int, bool, bool, datetime | None, datetime | None]]:
    for reward in rewards:
        listed = reward.stock == Stock.CODES and not reward.denominations
        limited = bool(member and reward.limit_times)
        if listed or limited:
            zone = ZoneInfo(member.market.timezone) if member and limited else None
            yield reward.pk, listed, limited, *(period(reward.limit_per, at, zone) if zone else (None, None))
