"""What is judged before a rule's own condition: is the campaign live, for this member, now, and not held out."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.rules.definitions import CampaignRules, Moment, Schedule
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.state import JudgedEvent, MemberState, Program
from members.rules.evaluate import Failed

type Gate = tuple[str, Failed | None]  # why a campaign is closed, and the leaf of its audience that says so
PASSED: Gate = ("", None)
HELD_OUT = "held-out"
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


def is_in_schedule(schedule: Schedule, local: datetime, market: str) -> bool:
    """Whether wall time in the member's market falls on a day and hour of the schedule: 22 is out."""
    if schedule.festive is not None and local.date() not in schedule.festive.get(market, ()):
        return False
    if schedule.weekdays is not None and local.isoweekday() not in schedule.weekdays:
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


def covers(campaign: CampaignRules, member: MemberState) -> bool:
    """Whether a campaign runs in the member's market and region."""
    if campaign.markets is not None and member.market.code not in campaign.markets:
        return False
    return campaign.regions is None or member.region in campaign.regions


class Gates:
    """Whether campaigns are open to an event of a member; each is judged once."""

    def __init__(self, event: JudgedEvent, member: MemberState, program: Program, facts: EventFacts) -> None:
        self.event, self.member, self.program, self.facts = event, member, program, facts
        self.known: dict[int, Gate] = {}

    def __call__(self, campaign: CampaignRules) -> Gate:
        """The first gate that is closed, in their order."""
        if (gate := self.known.get(campaign.campaign_id)) is None:
            gate = self.known[campaign.campaign_id] = self._judge(campaign)
        return gate

    def _judge(self, campaign: CampaignRules) -> Gate:
        member = self.member
        if not campaign.running or not is_live(campaign, self.event.time, member.market.zone):
            return ("not-live", None)
        if not covers(campaign, member):
            return ("other-market", None)
        if not is_in_schedule(campaign.schedule, self.event.local, member.market.code):
            return ("outside-schedule", None)
        failed = self._audience(campaign)
        if failed is not None:
            return ("not-in-audience", failed or None)
        if self._is_held_out(campaign):
            return (HELD_OUT, None)
        return ("no-open-offer", None) if campaign.needs_offer else PASSED

    def shows(self, campaign: CampaignRules) -> bool:
        """Whether a member may see a campaign now, also outside of its hours."""
        is_open = campaign.running and is_live(campaign, self.event.time, self.member.market.zone)
        is_mine = is_open and covers(campaign, self.member) and self._audience(campaign) is None
        return is_mine and not campaign.needs_offer and not self._is_held_out(campaign)

    def _audience(self, campaign: CampaignRules) -> Failed | tuple[()] | None:
        """The leaf that keeps a member out, an empty tuple for a segment, None when the member is in."""
        audience = campaign.audience
        if audience is None:
            return None
        if audience.check is not None:
            return audience.check(self.facts)
        return None if audience.segment in self.member.segments else ()

    def _is_held_out(self, campaign: CampaignRules) -> bool:
        """Fixed by a hash, and remembered for the batch."""
        known, program = self.member.held_out, self.program
        if campaign.campaign_id not in known:
            known[campaign.campaign_id] = holds_out(
                campaign, program=program.code, percent=program.holdout, member=self.member.uuid
            )
        return known[campaign.campaign_id]
