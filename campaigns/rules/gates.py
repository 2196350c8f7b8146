"""What is judged before a rule's own condition: is the campaign live, for this member, now, and not held out."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.rules.definitions import CampaignRules, Moment, Schedule

HUNDREDTHS = 100
BUCKETS = 10_000


@lru_cache(maxsize=4096)
def instant(moment: Moment, zone: ZoneInfo) -> datetime:
    """The instant that a start or end means for members of a market."""
    if moment.wall is not None:
        return moment.wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.instant is None:
        msg = "a moment is an instant or wall time"
        raise ValueError(msg)
    return moment.instant


def is_live(campaign: CampaignRules, time: datetime, zone: ZoneInfo) -> bool:
    """``starts`` is in, ``ends`` is out."""
    return instant(campaign.starts, zone) <= time and (campaign.ends is None or time < instant(campaign.ends, zone))


def is_in_schedule(schedule: Schedule, local: datetime) -> bool:
    """Whether wall time in the member's market falls on a day and hour of the schedule: 22 is out."""
    if schedule.never or (schedule.weekdays is not None and local.isoweekday() not in schedule.weekdays):
        return False
    return schedule.hours is None or schedule.hours[0] <= local.hour < schedule.hours[1]


def is_held_out(name: str, member: UUID, percent: Decimal) -> bool:
    """Whether chance, fixed for ever by a hash, keeps a member out: ``name`` is ``PROGRAM/CAMPAIGN`` or ``PROGRAM``."""
    if not percent:
        return False
    digest = hashlib.sha256(f"{name}/{member}".encode()).digest()
    return int.from_bytes(digest[:8]) % BUCKETS < _threshold(percent)


@lru_cache(maxsize=1024)
def _threshold(percent: Decimal) -> Decimal:
    return percent * HUNDREDTHS


def holds_out(campaign: CampaignRules, *, program: str, percent: Decimal, member: UUID) -> bool:
    """Whether a campaign, or its program, keeps a member out; base earning is promised to everybody."""
    if campaign.promise:
        return False
    return is_held_out(f"{program}/{campaign.code}", member, campaign.holdout) or is_held_out(program, member, percent)
