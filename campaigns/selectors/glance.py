"""What hangs on one member, in one statement: badges, used limits, list segments, counters of types, vehicles, news."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from campaigns.rules.limits import CounterKey
from campaigns.rules.state import TypeCount

# Each part is small: a member has a few of each. Dates and times come as ISO 8601 texts.
GLANCE = """
    SELECT
        (SELECT coalesce(json_agg(json_build_array(b.code, mb.earned_at) ORDER BY mb.id DESC), '[]')
           FROM campaigns_memberbadge mb JOIN campaigns_badge b ON b.id = mb.badge_id
          WHERE mb.member_id = %(member)s) AS badges,
        (SELECT coalesce(json_agg(json_build_array(campaign_id, rule, per, bucket, unit, used)), '[]')
           FROM campaigns_membercounter WHERE member_id = %(member)s) AS counters,
        (SELECT coalesce(json_agg(s.code), '[]')
           FROM members_segmentmember sm JOIN members_segment s ON s.id = sm.segment_id
          WHERE sm.member_id = %(member)s AND s.kind = 'list' AND NOT s.retired) AS segments,
        (SELECT coalesce(json_agg(json_build_array(t.code, c.occurrences, c.first_at, c.last_at)), '[]')
           FROM members_membertypecount c JOIN members_eventtype t ON t.id = c.event_type_id
          WHERE c.member_id = %(member)s) AS type_counts,
        (SELECT coalesce(json_agg(json_build_array(model, plate, bought_on, warranty_until) ORDER BY id), '[]')
           FROM members_vehicle WHERE member_id = %(member)s) AS vehicles,
        (SELECT json_build_array(category, partner_type, agent, preferred, trading_name, legal_name)
           FROM members_merchantprofile WHERE member_id = %(member)s) AS merchant,
        (SELECT min(day) FROM members_memberday
          WHERE member_id = %(member)s AND day >= %(since)s AND events > 0) AS first_counted_on,
        (SELECT coalesce(json_agg(DISTINCT outlet_id), '[]') FROM members_memberday
          WHERE member_id = %(member)s AND day >= %(since)s AND events > 0 AND outlet_id <> 0) AS outlets,
        (SELECT last_active_on FROM members_memberfacts WHERE member_id = %(member)s) AS last_active_on,
        (SELECT count(*) FROM members_notice WHERE member_id = %(member)s AND read_at IS NULL) AS unread
"""


@dataclass(frozen=True, slots=True)
class OwnedVehicle:
    """A vehicle as its owner knows it; days are local."""

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
    """``badges``: code and when, newest first. Since the day asked for: the first active day, and outlets by id."""

    badges: Mapping[str, datetime]
    counters: Mapping[CounterKey, int]
    segments: frozenset[str]
    type_counts: Mapping[str, TypeCount]
    vehicles: Sequence[OwnedVehicle]
    merchant: Merchant | None
    first_counted_on: date | None
    outlets: frozenset[int]
    last_active_on: date | None
    unread: int


def read_glance(*, member_id: int, since: date) -> Glance:
    """Everything that hangs on a member; one query."""
    with connection.cursor() as cursor:
        cursor.execute(GLANCE, {"member": member_id, "since": since})
        row = cursor.fetchone()
    badges, counters, segments, type_counts, vehicles, merchant, first_counted_on, outlets, last_active_on, unread = row
    return Glance(
        badges={code: datetime.fromisoformat(at) for code, at in badges},
        counters={_counter(member_id, row): row[-1] for row in counters},
        segments=frozenset(segments),
        type_counts={code: TypeCount(n, _moment(first), _moment(last)) for code, n, first, last in type_counts},
        vehicles=[OwnedVehicle(model, plate, _day(b), _day(w)) for model, plate, b, w in vehicles],
        merchant=Merchant(*merchant) if merchant else None,
        first_counted_on=first_counted_on,
        outlets=frozenset(outlets),
        last_active_on=last_active_on,
        unread=unread,
    )


def _counter(member_id: int, row: Sequence[Any]) -> CounterKey:
    campaign_id, rule, per, bucket, unit, _used = row
    return CounterKey(member_id, campaign_id, rule, per, date.fromisoformat(bucket), unit)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
