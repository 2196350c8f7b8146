"""What is judged before a rule's own condition: is the campaign live, for this member, now, and not held out."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.rules.definitions import CampaignRules, Moment, Schedule
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.offers import NO_OFFER, OpenOffer
from campaigns.rules.state import PROGRAM_WIDE, Exposed, JudgedEvent, MemberState, Program
from members.rules.evaluate import Failed


class Gate(NamedTuple):
    """Why a campaign is closed, empty where it is open, and the leaf of its audience that says so."""

    reason: str = ""
    failed: Failed | None = None


PASSED = Gate()
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


def expose(campaign: CampaignRules, member: MemberState, program: Program, day: date) -> None:
    """Note on which side of the holdouts a member stands whom only these may keep out of a campaign.

    Whom the program keeps out of everything is compared for the program alone: those members miss other campaigns too.
    """
    known, everything = member.exposed, program.holdout
    if everything and PROGRAM_WIDE not in known:
        known[PROGRAM_WIDE] = _exposed(program.code, member, everything, day)
    if not campaign.holdout or campaign.campaign_id in known or (everything and known[PROGRAM_WIDE].held_out):
        return
    known[campaign.campaign_id] = _exposed(f"{program.code}/{campaign.code}", member, campaign.holdout, day)


def _exposed(name: str, member: MemberState, percent: Decimal, day: date) -> Exposed:
    return Exposed(is_held_out(name, member.uuid, percent), int(_threshold(percent)), day)


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
            return Gate("not-live")
        offers = self.offers(campaign)
        if not offers and not covers(campaign, member):
            return Gate("other-market")
        if not is_in_schedule(campaign.schedule, self.event.local, member.market.code):
            return Gate("outside-schedule")
        if offers:  # the rest was judged when they were assigned
            self._compare(campaign)
            return Gate(HELD_OUT) if all(offer.held_out for offer in offers) else PASSED
        return self._without_offer(campaign)

    def _without_offer(self, campaign: CampaignRules) -> Gate:
        failed = self._audience(campaign)
        if failed is not None:
            return Gate("not-in-audience", failed or None)
        self._compare(campaign)
        if self.holds_out(campaign):
            return Gate(HELD_OUT)
        return Gate(NO_OFFER) if campaign.offer else PASSED

    def _compare(self, campaign: CampaignRules) -> None:
        """Note the sides of a holdout. What is only given compares those whom it is given to, when it is."""
        if not campaign.promise and (campaign.offer is None or campaign.offer.opt_in):
            expose(campaign, self.member, self.program, self.event.day)

    def offers(self, campaign: CampaignRules) -> list[OpenOffer]:
        """The member's offers of a campaign for which an event of this moment counts."""
        return [one for one in self.member.offers.get(campaign.campaign_id, ()) if one.counts(self.event.time)]

    def shows(self, campaign: CampaignRules) -> bool:
        """Whether a member may see a campaign now, also outside of its hours."""
        return campaign.offer is None and self._is_open(campaign)

    def invites(self, campaign: CampaignRules) -> bool:
        """Whether a member may take a campaign herself now."""
        return campaign.offer is not None and campaign.offer.opt_in and self._is_open(campaign)

    def _is_open(self, campaign: CampaignRules) -> bool:
        is_open = campaign.running and is_live(campaign, self.event.time, self.member.market.zone)
        return is_open and self.admits(campaign) and not self.holds_out(campaign)

    def admits(self, campaign: CampaignRules) -> bool:
        """Whether the member is in a campaign's market and audience."""
        return covers(campaign, self.member) and self._audience(campaign) is None

    def _audience(self, campaign: CampaignRules) -> Failed | tuple[()] | None:
        """The leaf that keeps a member out, an empty tuple for a segment, None when the member is in."""
        audience = campaign.audience
        if audience is None:
            return None
        if audience.check is not None:
            return audience.check(self.facts)
        return None if audience.segment in self.member.segments else ()

    def holds_out(self, campaign: CampaignRules) -> bool:
        """Whether the member is held out of a campaign: fixed by a hash, and remembered for the batch."""
        known = self.member.held_out
        if campaign.campaign_id not in known:
            known[campaign.campaign_id] = self._judge_holdout(campaign)
        return known[campaign.campaign_id]

    def _judge_holdout(self, campaign: CampaignRules) -> bool:
        """The hash of a campaign that was just noted as exposed is not asked again."""
        program, member = self.program, self.member
        if program.holdout or (noted := member.exposed.get(campaign.campaign_id)) is None:
            return holds_out(campaign, program=program.code, percent=program.holdout, member=member.uuid)
        return noted.held_out
