"""What hangs on one member, in one statement: badges, used limits, segments, counters, offers, vehicles, news."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from campaigns.models import Offer
from campaigns.rules.goals import Tallies
from campaigns.rules.limits import CounterKey
from campaigns.rules.state import TypeCount
from core.rules.arrays import array
from core.services import prepared
from members.models import Member, Notice
from members.rules.windows import Sums

NEWEST = 2  # notices that are looked at for news
OFFERS = 200  # that a page reads at most

# Each part is small: a member has a few of each. Dates and times come as ISO 8601 texts.
GLANCE = """
    SELECT
        (SELECT coalesce(json_agg(json_build_array(b.code, mb.earned_at) ORDER BY mb.id DESC), '[]')
           FROM campaigns_memberbadge mb JOIN campaigns_badge b ON b.id = mb.badge_id
          WHERE mb.member_id = %(member)s) AS badges,
        (SELECT coalesce(json_agg(json_build_array(campaign_id, rule, per, bucket, unit, offer_id, used)), '[]')
           FROM campaigns_membercounter WHERE member_id = %(member)s) AS counters,
        (SELECT coalesce(json_agg(s.code), '[]')
           FROM members_segmentmember sm JOIN members_segment s ON s.id = sm.segment_id
          WHERE sm.member_id = %(member)s AND s.kind = 'list' AND NOT s.retired) AS segments,
        (SELECT coalesce(json_agg(json_build_array(t.code, c.occurrences, c.first_at, c.last_at)), '[]')
           FROM members_membertypecount c JOIN members_eventtype t ON t.id = c.event_type_id
          WHERE c.member_id = %(member)s) AS type_counts,
        (SELECT coalesce(json_agg(json_build_array(vin, model, plate, bought_on, warranty_until) ORDER BY id), '[]')
           FROM members_vehicle WHERE member_id = %(member)s) AS vehicles,
        (SELECT json_build_array(category, partner_type, agent, preferred, trading_name, legal_name)
           FROM members_merchantprofile WHERE member_id = %(member)s) AS merchant,
        (SELECT min(day) FROM members_memberday
          WHERE member_id = %(member)s AND day >= %(since)s AND events > 0) AS first_counted_on,
        (SELECT coalesce(json_agg(DISTINCT outlet_id), '[]') FROM members_memberday
          WHERE member_id = %(member)s AND day >= %(since)s AND events > 0 AND outlet_id <> 0) AS outlets,
        (SELECT json_build_array(last_active_on, rolled_on, events_30d, events_90d, events_12m, events_year, amount_30d,
            amount_90d, amount_12m, amount_year, status_points_12m, status_points_year)
           FROM members_memberfacts WHERE member_id = %(member)s) AS facts,
        (SELECT coalesce(json_agg(json_build_array(id, kind, "values", at) ORDER BY id DESC), '[]')
           FROM (SELECT * FROM members_notice WHERE member_id = %(member)s ORDER BY id DESC LIMIT %(newest)s) AS n
          WHERE read_at IS NULL) AS news,
        (SELECT count(*) FROM members_notice WHERE member_id = %(member)s AND read_at IS NULL) AS unread,
        EXISTS (SELECT FROM rewards_voucher WHERE member_id = %(member)s AND state = 'ready') AS holds_vouchers,
        (SELECT coalesce(json_agg(json_build_array(id, campaign_id, state, at, until, seen_at, activated_at,
            completed_at, is_closed) ORDER BY until, id), '[]')
           FROM (SELECT * FROM campaigns_offer
                  WHERE member_id = %(member)s AND (until >= %(at)s OR campaign_id = ANY(%(opt_ins)s::bigint[]))
                  ORDER BY until, id LIMIT %(offers)s) AS o) AS offers,
        (SELECT coalesce(json_agg(json_build_array(p.offer_id, p.goal_id, p.start, p.key, p.value)), '[]')
           FROM campaigns_offer o JOIN campaigns_progress p ON p.member_id = o.member_id AND p.offer_id = o.id
          WHERE o.member_id = %(member)s AND o.until >= %(at)s) AS tallies
"""

type Kept = Mapping[tuple[int, int], Mapping[date, Tallies]]  # tallies of offers' goals, by offer and goal


@dataclass(frozen=True, slots=True)
class OwnedVehicle:
    """A vehicle as its owner knows it; days are local."""

    vin: str
    model: str
    plate: str
    bought_on: date | None
    warranty_until: date | None


@dataclass(frozen=True, slots=True)
class Merchant:
    """What is known of a member that is a business."""

    category: str
    partner_type: str
    agent: str
    preferred: bool
    trading_name: str
    legal_name: str


@dataclass(frozen=True, slots=True)
class Glance:
    """``badges``: code and when, newest first. Since the day asked for: the first active day, and outlets by id.

    ``sums`` are those of the day on which they were counted last; ``news`` the unread ones of the newest notices.
    ``offers`` are those whose time is not over, what ends first in front, with their ``tallies``; ``taken`` are the
    campaigns that were taken of those asked about, by id.
    """

    badges: Mapping[str, datetime]
    counters: Mapping[CounterKey, int]
    segments: frozenset[str]
    type_counts: Mapping[str, TypeCount]
    vehicles: Sequence[OwnedVehicle]
    merchant: Merchant | None
    first_counted_on: date | None
    outlets: frozenset[int]
    last_active_on: date | None
    sums: Sums | None
    news: Sequence[Notice]
    unread: int
    holds_vouchers: bool  # unused ones, some of which may have expired
    offers: Sequence[Offer]
    taken: frozenset[int]
    tallies: Kept


def read_glance(*, member: Member, since: date, opt_ins: Collection[int], at: datetime) -> Glance:
    """Everything that hangs on a member; one query. ``opt_ins`` are campaigns that members take themselves, by id."""
    asked: dict[str, Any] = {"member": member.pk, "since": since, "at": at, "opt_ins": array(list(opt_ins))}
    with prepared.cursor() as cursor:
        cursor.execute(GLANCE, asked | {"newest": NEWEST, "offers": OFFERS})
        row = cursor.fetchone()
    badges, counters, segments, type_counts, vehicles, merchant, first_counted_on, outlets, facts, *rest = row
    last_active_on, rolled_on, *sums = facts or (None, None)
    news, unread, holds_vouchers, offers, tallies = rest
    return Glance(
        badges={code: datetime.fromisoformat(at) for code, at in badges},
        counters={_counter(member.pk, row): row[-1] for row in counters},
        segments=frozenset(segments),
        type_counts={code: TypeCount(n, _moment(first), _moment(last)) for code, n, first, last in type_counts},
        vehicles=[OwnedVehicle(vin, model, plate, _day(b), _day(w)) for vin, model, plate, b, w in vehicles],
        merchant=Merchant(*merchant) if merchant else None,
        first_counted_on=first_counted_on,
        outlets=frozenset(outlets),
        last_active_on=_day(last_active_on),
        sums=Sums(date.fromisoformat(rolled_on), *sums) if rolled_on else None,
        news=[_notice(member.pk, *notice) for notice in news],
        unread=unread,
        holds_vouchers=holds_vouchers,
        offers=[offer for row in offers if (offer := _offer(member, row)).until >= at and _is_shown(offer)],
        taken=frozenset(campaign_id for _pk, campaign_id, *_rest in offers),
        tallies=_tallies(tallies),
    )


def _counter(member_id: int, row: Sequence[Any]) -> CounterKey:
    campaign_id, rule, per, bucket, unit, offer_id, _used = row
    return CounterKey(member_id, campaign_id, rule, per, date.fromisoformat(bucket), unit, offer_id)


def _offer(member: Member, row: Sequence[Any]) -> Offer:
    pk, campaign_id, state, at, until, seen_at, activated_at, completed_at, is_closed = row
    return Offer(
        pk=pk,
        member=member,
        campaign_id=campaign_id,
        state=state,
        at=datetime.fromisoformat(at),
        until=datetime.fromisoformat(until),
        seen_at=_moment(seen_at),
        activated_at=_moment(activated_at),
        completed_at=_moment(completed_at),
        is_closed=is_closed,
    )


def _is_shown(offer: Offer) -> bool:
    return offer.state != Offer.State.HELD_OUT


def _tallies(rows: Sequence[Sequence[Any]]) -> Kept:
    found: defaultdict[tuple[int, int], defaultdict[date, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for offer_id, goal_id, start, key, value in rows:
        found[offer_id, goal_id][date.fromisoformat(start)][key] = value
    return found


def _notice(member_id: int, pk: int, kind: str, values: dict[str, Any], at: str) -> Notice:
    return Notice(pk=pk, member_id=member_id, kind=kind, values=values, at=datetime.fromisoformat(at))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
