"""Campaigns that members take themselves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, Offer
from campaigns.rules.answers import Body, shown_reach
from campaigns.rules.definitions import CampaignRules, Kind
from campaigns.rules.event_facts import EventFacts
from campaigns.rules.gates import Gates
from campaigns.rules.state import MemberState, no_event
from campaigns.selectors.names import program_names
from campaigns.services.configuration import Configuration, current_configuration
from campaigns.services.offers import every_campaign
from campaigns.services.state import read_members, read_state
from members.models import Member


@dataclass(frozen=True, slots=True)
class OptIn:
    """A campaign that a member may take now."""

    campaign: Campaign
    rules: CampaignRules
    member: str

    def document(self, prefix: str) -> Body:
        """It as the API prints it, in the shape of an offer; texts in the language that is active."""
        return {
            "id": f"{prefix}{self.campaign.code}",
            "campaign": self.campaign.code,
            "name": self.campaign.name,
            "text": self.campaign.text or None,
            "member": self.member,
            "state": "available",
            "at": None,
            "until": None,
            **self._progress(),
            "completed_at": None,
            "reference": None,
        }

    def _progress(self) -> Body:
        """Nothing yet, of the first goal."""
        goal = next((rule.goal for rule in self.rules.rules if rule.goal), None)
        if goal is None:
            return {"progress": 0, "target": 1}
        body: Body = {"progress": shown_reach(goal, 0), "target": shown_reach(goal, goal.milestones[0].reach)}
        return body | ({"currency": goal.currency} if goal.kind is Kind.SUM else {})


def open_opt_ins(*, member: Member, at: datetime) -> list[OptIn]:
    """The campaigns that a member may take now and has not taken before; a fixed number of queries."""
    configuration = current_configuration(member.program_id)
    if not offered_to_take(configuration):
        return []
    state = read_members(configuration, [member.pk])[member.pk]
    moment = no_event(state, configuration.program.zone, at)
    read_state(configuration, {member.pk: state}, [moment], moment.program_day)
    taken = set(Offer.objects.filter(member=member).values_list("campaign_id", flat=True))
    return opt_ins_of(configuration=configuration, state=state, taken=taken, at=at)


def opt_ins_of(
    *, configuration: Configuration, state: MemberState, taken: Collection[int], at: datetime
) -> list[OptIn]:
    """The same for a member whose facts are known, less the campaigns that were ``taken``; reads no more."""
    offered = offered_to_take(configuration)
    if not offered:
        return []
    moment = no_event(state, configuration.program.zone, at)
    types = {name: kind for by_name in configuration.fact_types.values() for name, kind in by_name.items()}
    gates = Gates(moment, state, configuration.program, EventFacts(moment, state, configuration.program, types))
    named = program_names(configuration.row).campaigns
    return [
        OptIn(named[rules.campaign_id], rules, state.external_id)
        for rules in offered
        if rules.campaign_id not in taken and gates.invites(rules)
    ]


def offered_to_take(configuration: Configuration) -> list[CampaignRules]:
    """The campaigns in use that members take themselves."""
    return [one for one in every_campaign(configuration).values() if one.offer and one.offer.opt_in]
