"""Which campaigns a member can earn with now, and which of their rules are within reach."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from campaigns.rules.definitions import CampaignRules, Rule
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.gates import Gates, instant
from campaigns.rules.limits import CounterKey, limited_keys
from campaigns.rules.state import JudgedEvent, MemberState, Program
from members.rules.catalogue import FactType
from members.rules.conditions import All, AnyOf, Condition, Leaf, Not, leaves
from members.rules.evaluate import compile_python
from members.rules.values import FactValue

KNOWN_OF_EVENT = {"event.ordinal"}  # what is known of the next event before it happens
VERIFIED: Mapping[str, FactValue] = {"member.kyc": "verified", "member.hours_since_kyc": Decimal(0)}


@dataclass(frozen=True, slots=True)
class Opening:
    """A campaign that is open to a member, with the rules that can still pay; ``ends`` None = for good.

    ``needs_kyc``: only once the member's identity is verified.
    """

    campaign: CampaignRules
    rules: tuple[Rule, ...]
    ends: datetime | None
    needs_kyc: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """A member looking ahead from a moment: ``event`` stands for whatever happens next."""

    program: Program
    member: MemberState
    event: JudgedEvent
    types: Mapping[str, Mapping[str, FactType]]  # of declared attributes, by event type
    counters: Mapping[CounterKey, int]

    def openings(self) -> list[Opening]:
        """Campaigns in order of judgement; those in which nothing is left to get are not there."""
        campaigns = {campaign.campaign_id: campaign for rules in self.program.rules.values() for campaign, _ in rules}
        return [opening for campaign in campaigns.values() if (opening := self._opening(campaign)) is not None]

    def _opening(self, campaign: CampaignRules) -> Opening | None:
        ends = instant(campaign.ends, self.member.market.zone) if campaign.ends else None
        for needs_kyc in (False, True):
            rules = tuple(self._within_reach(campaign, VERIFIED if needs_kyc else {}))
            if rules:
                return Opening(campaign, rules, ends, needs_kyc)
        return None

    def _within_reach(self, campaign: CampaignRules, assumed: Mapping[str, FactValue]) -> Iterator[Rule]:
        for rule in campaign.rules:
            facts = self._facts(rule, assumed)
            shown = Gates(self.event, self.member, self.program, facts).shows(campaign)
            if shown and is_possible(rule.condition, facts) and self._has_room(campaign, rule):
                yield rule

    def _facts(self, rule: Rule, assumed: Mapping[str, FactValue]) -> EventFacts:
        event = replace(self.event, type_code=rule.event_type)
        facts = EventFacts(event, self.member, self.program, self.types.get(rule.event_type, {}))
        facts.known.update(assumed)
        return facts

    def _has_room(self, campaign: CampaignRules, rule: Rule) -> bool:
        keys = limited_keys(
            campaign,
            rule,
            member_id=self.member.member_id,
            member_day=self.event.day,
            program_day=self.event.program_day,
        )
        return all(self.counters.get(key, 0) < most for key, most in keys if key.member_id)


def is_possible(condition: Condition | None, facts: Callable[[str], FactValue]) -> bool:
    """Whether some next event could meet a condition: of events it is open what they will be, of members not."""
    match condition:
        case None:
            return True
        case All(parts):
            return all(is_possible(part, facts) for part in parts)
        case AnyOf(parts):
            return any(is_possible(part, facts) for part in parts)
        case Not() | Leaf():
            is_open = any(_is_open(leaf) for leaf in leaves(condition))
            return is_open or compile_python(condition)(facts) is None
    return True


def _is_open(leaf: Leaf) -> bool:
    return leaf.fact.startswith("event.") and leaf.fact not in KNOWN_OF_EVENT
