"""Earn: the campaigns that are open to a member, how each pays, and how far the member is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from campaigns.rules.definitions import Rule
from campaigns.rules.openings import Opening
from campaigns.selectors.definitions import known_version
from core.refusals import Refusal
from loyalty.display.condition_words import ConditionWords
from loyalty.display.explanations import PRIVATE
from loyalty.display.fact_words import type_name
from loyalty.display.schedule_words import schedule_words
from loyalty.display.value_words import is_coded
from loyalty.portal.base import MemberPage
from loyalty.portal.challenges import challenges
from loyalty.portal.gives import gives_of
from loyalty.portal.offers import mark_shown, offer_cards, take_offer
from loyalty.portal.overview import Overview
from members.rules.conditions import All, Condition, Leaf, Op, shown_value

MOMENT = timedelta(microseconds=1)  # the end itself is out: what ends at midnight ends on the day before


@dataclass(frozen=True, slots=True)
class RuleWords:
    """One way in: what it takes, and what it gives."""

    event: str
    conditions: Sequence[str]
    gives: str
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class Offer:
    """A campaign as a member reads it; ``ends`` is its last moment."""

    code: str
    name: str
    text: str
    terms: str
    schedule: str
    ends: datetime | None
    needs_kyc: bool
    promise: bool
    rules: Sequence[RuleWords]


class EarnPage(MemberPage):
    """What brings points now."""

    template_name = "portal/earn/page.html"
    section = "earn"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Offers that end first stand first; what always pays stands last."""
        overview = Overview(self.program, self.member, self.at)
        offers = [_offer(overview, opening) for opening in overview.openings]
        offers.sort(key=lambda offer: (offer.needs_kyc, offer.ends is None, offer.ends or self.at))
        mine = offer_cards(overview)
        mark_shown(overview, mine)
        return {
            **super().get_context_data(**kwargs),
            "offers": offers,
            "mine": mine,
            "challenges": challenges(overview),
            "told": {offer.code for offer in offers},
            "invites": overview.configuration.referral is not None,
        }

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Take up an offer, and come back."""
        try:
            take_offer(member=self.member, key=request.POST.get("offer", ""), at=self.at)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You are in. It counts from now on."))
        return redirect("portal:earn", program=self.program.code)


def _offer(overview: Overview, opening: Opening) -> Offer:
    campaign = overview.names.campaigns[opening.campaign.campaign_id]
    definition: Mapping[str, Any] = known_version(opening.campaign.version_id).definition
    rules = [_rule(overview, opening.campaign.version_id, rule) for rule in opening.rules]
    return Offer(
        code=campaign.code,
        name=campaign.name,
        text=campaign.text,
        terms=campaign.terms,
        schedule=schedule_words(definition.get("schedule") or {}),
        ends=opening.ends - MOMENT if opening.ends else None,
        needs_kyc=opening.needs_kyc,
        promise=opening.campaign.promise,
        rules=[rule for rule in rules if rule.gives or rule.steps],
    )


def _rule(overview: Overview, version_id: int, rule: Rule) -> RuleWords:
    words = ConditionWords(overview.names, base=overview.program.currency, currency=overview.member.market.currency)
    conditions = [
        words.wanted(leaf.fact, leaf.op.value, shown_value(leaf))
        for leaf in _plain_leaves(rule.condition)
        if leaf.fact not in PRIVATE and leaf.op is not Op.EXISTS and not is_coded(leaf.fact)
    ]
    gives, steps = gives_of(overview, version_id, rule.index)
    return RuleWords(type_name(rule.event_type, overview.names), conditions, gives, steps)


def _plain_leaves(condition: Condition | None) -> list[Leaf]:
    """What must hold all together; alternatives are left to the campaign's own text."""
    match condition:
        case Leaf():
            return [condition]
        case All(parts):
            return [leaf for part in parts for leaf in _plain_leaves(part)]
    return []
