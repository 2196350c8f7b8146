"""Whom the calendar concerns on a local day of a market: birthdays, anniversaries of vehicles, long silence."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.rules.derived import INACTIVE_DAYS, Derived, day_start, month_days

MEMBERS = "m.market_id = %(market)s AND m.status <> 'erased' AND m.enrolled_at < %(start)s"
BIRTHDAYS = f"""
    SELECT m.id, m.uuid FROM members_memberidentity i JOIN members_member m ON m.id = i.member_id
    WHERE {MEMBERS} AND i.birth_date < %(day)s
        AND (extract(month FROM i.birth_date), extract(day FROM i.birth_date)) IN ({{month_days}}) ORDER BY m.id
"""
VEHICLES = f"""
    SELECT m.id, m.uuid, v.vin, %(year)s - extract(year FROM v.bought_on)::int
    FROM members_vehicle v JOIN members_member m ON m.id = v.member_id
    WHERE {MEMBERS} AND v.bought_on < %(day)s AND extract(year FROM v.bought_on) < %(year)s
        AND (extract(month FROM v.bought_on), extract(day FROM v.bought_on)) IN ({{month_days}}) ORDER BY m.id, v.vin
"""
# Without any activity the silence began with the enrolment.
INACTIVE = f"""
    SELECT m.id, m.uuid, %(day)s - s.since FROM members_member m
    LEFT JOIN members_memberfacts f ON f.member_id = m.id
    CROSS JOIN LATERAL (SELECT coalesce(f.last_active_on, (m.enrolled_at AT TIME ZONE %(zone)s)::date) AS since) s
    WHERE {MEMBERS} AND s.since = ANY(%(since)s::date[]) ORDER BY m.id
"""


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A day of a market, which begins at ``start``."""

    market_id: int
    zone: ZoneInfo
    day: date

    @property
    def start(self) -> datetime:
        """Its first moment: that of all its events."""
        return day_start(self.day, self.zone)

    def named(self) -> dict[str, Any]:
        """What the questions ask with."""
        return {
            "market": self.market_id,
            "start": self.start,
            "day": self.day,
            "year": self.day.year,
            "zone": self.zone.key,
            "since": [self.day - timedelta(days=days) for days in INACTIVE_DAYS],
        }


def _birthdays(local: LocalDay) -> Iterator[Derived]:
    for pk, uuid in _rows(BIRTHDAYS, local):
        yield Derived("member.birthday", f"birthday:{local.day.year}:{uuid}", pk, local.start, {})


def _vehicles(local: LocalDay) -> Iterator[Derived]:
    for pk, uuid, vin, years in _rows(VEHICLES, local):
        car = hashlib.sha256(vin.encode()).hexdigest()[:16]  # keys stay when a member is erased
        key = f"vehicle:{local.day.year}:{uuid}:{car}"
        yield Derived("vehicle.anniversary", key, pk, local.start, {"vin": vin, "years": years})


def _inactive(local: LocalDay) -> Iterator[Derived]:
    for pk, uuid, days in _rows(INACTIVE, local):
        yield Derived("member.inactive", f"inactive:{local.day}:{uuid}", pk, local.start, {"days": days})


# What the calendar causes, by type.
CALENDAR: Mapping[str, Callable[[LocalDay], Iterator[Derived]]] = {
    "member.birthday": _birthdays,
    "vehicle.anniversary": _vehicles,
    "member.inactive": _inactive,
}


def _rows(sql: str, local: LocalDay) -> list[tuple[Any, ...]]:
    pairs = ", ".join(f"({month}, {day})" for month, day in month_days(local.day))
    with connection.cursor() as cursor:
        cursor.execute(sql.format(month_days=pairs), local.named())
        return list(cursor.fetchall())
