"""Referrals as they stand: their states follow from facts and from what was paid for them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.services import prepared
from members.rules.facts import local_date

# Paid is what a rule gave for the event that tells of it, as long as neither was taken back.
ROWS = """
    SELECT r.id, r.uuid, r.verdict, r.reason, r.evidence, r.joined_at, r.met_at, r.due_at, r.qualified_at,
        f.id AS friend, f.external_id AS friend_name, f.status = 'erased' AS friend_erased, f.enrolled_at, k.timezone,
        coalesce(nullif(g.trading_name, ''), i.name, '') AS name,
        CASE WHEN f.kyc = 'verified' THEN f.kyc_at END AS kyc_at,
        b.id AS referrer, b.external_id AS referrer_name, b.status = 'erased' AS referrer_erased,
        (SELECT o.answer -> 'effects' FROM campaigns_derivedevent d JOIN campaigns_outcome o ON o.event_id = d.event_id
            WHERE r.qualified_at IS NOT NULL AND d.program_id = r.program_id
                AND d.key = 'qualified:' || r.uuid || ':' || r.round AND NOT EXISTS (
                    SELECT FROM campaigns_eventreversal v WHERE v.original_id = d.event_id AND v."full")) AS paid
    FROM members_referral r
    JOIN members_member f ON f.id = r.friend_id
    JOIN members_member b ON b.id = r.referrer_id
    JOIN core_market k ON k.id = f.market_id
    LEFT JOIN members_memberidentity i ON i.member_id = f.id
    LEFT JOIN members_merchantprofile g ON g.member_id = f.id
    WHERE {which} ORDER BY r.id DESC LIMIT %(limit)s
"""
STATES = ("joined", "verified", "qualified", "rewarded", "held", "refused")


@dataclass(frozen=True, slots=True)
class Person:
    """A member at one end: its number and external id; ``name`` as known, empty for who was erased."""

    member_id: int
    external_id: str
    name: str = ""
    erased: bool = False


@dataclass(frozen=True, slots=True)
class ReferralView:
    """One referral. ``reason``: why it is held or refused, or ``cooling`` while time must pass; ``paid`` = effects.

    ``enrolled_on``: the friend's local day, from which the days for qualifying count.
    """

    id: int
    uuid: UUID
    friend: Person
    referrer: Person
    state: str
    reason: str
    enrolled_on: date
    joined_at: datetime
    verified_at: datetime | None
    met_at: datetime | None
    due_at: datetime | None
    qualified_at: datetime | None
    evidence: Sequence[Mapping[str, Any]]
    paid: Sequence[Mapping[str, Any]]


def referrals_of(*, referrer_id: int, limit: int, before: int | None = None) -> list[ReferralView]:
    """Those whom a member brought, the newest first, beginning before an id; one query."""
    which = "r.referrer_id = %(referrer)s AND (%(before)s::bigint IS NULL OR r.id < %(before)s)"
    return _read(which, {"referrer": referrer_id, "before": before, "limit": limit})


def referral_of(*, friend_id: int) -> ReferralView | None:
    """How a member was brought, if it was."""
    return next(iter(_read("r.friend_id = %(friend)s", {"friend": friend_id, "limit": 1})), None)


def referral_views(ids: Sequence[int]) -> list[ReferralView]:
    """These referrals, the newest first; one query."""
    return _read("r.id = ANY(%(ids)s)", {"ids": list(ids), "limit": len(ids)})


def _read(which: str, named: Mapping[str, Any]) -> list[ReferralView]:
    with prepared.cursor() as cursor:
        cursor.execute(ROWS.replace("{which}", which), named)
        names = [column.name for column in cursor.description]
        return [_view(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _view(row: Mapping[str, Any]) -> ReferralView:
    paid = _json(row["paid"])
    state = _state(row["verdict"], row["qualified_at"], row["kyc_at"], paid=bool(paid))
    waits = state in {"joined", "verified"} and row["due_at"] is not None
    held_back = state in {"held", "refused"}
    return ReferralView(
        id=row["id"],
        uuid=row["uuid"],
        friend=Person(row["friend"], row["friend_name"], row["name"], row["friend_erased"]),
        referrer=Person(row["referrer"], row["referrer_name"], "", row["referrer_erased"]),
        state=state,
        reason="cooling" if waits else row["reason"] if held_back else "",
        enrolled_on=local_date(row["enrolled_at"], ZoneInfo(row["timezone"])),
        joined_at=row["joined_at"],
        verified_at=row["kyc_at"],
        met_at=row["met_at"],
        due_at=row["due_at"],
        qualified_at=row["qualified_at"],
        evidence=_json(row["evidence"]),
        paid=paid,
    )


def _json(value: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(value) if value else []
    return found


def _state(verdict: str, qualified_at: datetime | None, verified_at: datetime | None, *, paid: bool) -> str:
    if verdict in {"held", "refused"}:
        return verdict
    if qualified_at:
        return "rewarded" if paid else "qualified"
    return "verified" if verified_at else "joined"
