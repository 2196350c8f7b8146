"""For which of a member's offers an event counts, rule by rule."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from campaigns.rules.definitions import CampaignRules, Rule
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.gates import HELD_OUT, Gates
from campaigns.rules.judgement import Judgement
from campaigns.rules.offers import OpenOffer, Terms, first_in_group, unmet
from campaigns.rules.state import JudgedEvent, Program
from members.rules.evaluate import Failed

CONDITION, OUTBID = "condition", "outbid"


class Taken(NamedTuple):
    """The offers that an event counts for, or why there is none; held out: all of them are."""

    offers: Sequence[OpenOffer]
    reason: str = ""
    failed: Failed | None = None


class OfferTakers:
    """Judges one event; the gates of the campaigns that it is asked about are open."""

    def __init__(self, event: JudgedEvent, program: Program, gates: Gates, facts: EventFacts) -> None:
        self.event, self.program, self.gates, self.facts = event, program, gates, facts
        self.groups: dict[str, frozenset[int]] = {}

    def __call__(self, campaign: CampaignRules, rule: Rule, terms: Terms) -> Taken:
        """Those of the campaign that meet what it requires and count the event for a rule."""
        offers = self.gates.offers(campaign)
        if not offers:
            return Taken((), HELD_OUT)
        ready = [offer for offer in offers if unmet(terms, offer) is None]
        failed = (rule.when(self.facts) if rule.when else None) if ready else unmet(terms, offers[0])
        if failed:
            held_out = all(offer.held_out for offer in offers)
            return Taken((), HELD_OUT) if held_out else Taken((), CONDITION, failed)
        if campaign.stack:
            ready = [offer for offer in ready if offer.offer_id in self._winners(campaign.stack)]
        if not ready:
            return Taken((), OUTBID)
        return Taken(ready, HELD_OUT if all(offer.held_out for offer in ready) else "")

    def _winners(self, group: str) -> frozenset[int]:
        """The offers of a stack group that count the event, by id; judged once."""
        if group not in self.groups:
            self.groups[group] = first_in_group(self._candidates(group))
        return self.groups[group]

    def _candidates(self, group: str) -> Iterator[tuple[int, OpenOffer]]:
        """The offers of a group that could count the event, each with its priority."""
        for campaign, rule in self.program.rules.get(self.event.type_code, ()):
            if campaign.stack != group or campaign.offer is None or self.gates(campaign).reason not in {"", HELD_OUT}:
                continue
            if rule.when is None or rule.when(self.facts) is None:
                terms, offers = campaign.offer, self.gates.offers(campaign)
                yield from ((campaign.priority, offer) for offer in offers if unmet(terms, offer) is None)


def complete_offers(result: Judgement) -> None:
    """Complete the offers of which a rule without a goal gave something, or a goal's last milestone was reached."""
    firings = [firing for line in result.lines for firing in line.firings if firing.offer]
    done: list[tuple[OpenOffer | None, CampaignRules, int | None]] = [
        (one.offer, one.line.campaign, None) for one in firings if one.given and not one.reached
    ]
    last = [one for one in result.reached if one.offer and one.milestone is one.goal.milestones[-1]]
    done += [(one.offer, one.campaign, one.goal.goal_id) for one in last]
    for offer, campaign, goal_id in done:
        if offer and campaign.offer and offer.complete(result.event.event_id, goal_id, campaign.offer):
            result.completed.append(offer)
