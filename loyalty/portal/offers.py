"""Offers that a member was given or may take: what is missing, until when, and a button where it needs one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from campaigns.rules.definitions import CampaignRules
from campaigns.rules.gates import instant
from campaigns.rules.judgement import GoalStanding
from campaigns.rules.offers import ACTIVATED, COMPLETED
from campaigns.services.offer_records import OfferRecord
from campaigns.services.offer_steps import activate_offer, opt_in, see_offers
from campaigns.services.opt_ins import OptIn
from campaigns.services.progress import MemberGoal
from core.refusals import NotFound
from loyalty.portal.challenges import Challenge, challenge_of
from loyalty.portal.gives import gives_of
from loyalty.portal.overview import Overview
from members.models import Member

OPT_IN = "opt-in:"
LONGEST = 18  # digits of a number


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer as a member reads it.

    ``key`` is what activating names, empty where nothing is to be done. ``ends`` is its last moment, of one that may
    be taken the campaign's end, if any; ``days`` how long it will run once taken. ``ways`` are what it gives.
    """

    number: int
    code: str
    name: str
    text: str
    terms: str
    key: str
    is_new: bool
    is_done: bool
    is_taken: bool
    ends: datetime | None
    days: int
    challenge: Challenge | None
    ways: Sequence[str]


def offer_cards(overview: Overview) -> list[OfferCard]:
    """What is open ends first, then what may be taken, then what is done and still within its time."""
    held = [_held(overview, record) for record in overview.offers]
    cards = [*held, *(_takeable(overview, one) for one in overview.opt_ins)]
    return sorted(cards, key=lambda card: (card.is_done, not card.is_taken, card.ends is None, card.ends))


def mark_shown(overview: Overview, cards: Sequence[OfferCard]) -> None:
    """Note that the member was shown these."""
    see_offers(member=overview.member, offer_ids=[card.number for card in cards if card.is_new], at=overview.at)


def _held(overview: Overview, record: OfferRecord) -> OfferCard:
    offer, terms = record.offer, record.rules.offer
    is_done = record.state == COMPLETED
    waits = terms is not None and terms.require == ACTIVATED and not offer.activated_at and not is_done
    return OfferCard(
        number=offer.pk,
        code=record.campaign.code,
        name=record.campaign.name,
        text=record.campaign.text,
        terms=record.campaign.terms,
        key=str(offer.pk) if waits else "",
        is_new=offer.seen_at is None and not is_done,
        is_done=is_done,
        is_taken=True,
        ends=_end(overview, record.rules, offer.until),
        days=0,
        challenge=_challenge(overview, record),
        ways=_ways(overview, record.rules),
    )


def _takeable(overview: Overview, one: OptIn) -> OfferCard:
    return OfferCard(
        number=0,
        code=one.campaign.code,
        name=one.campaign.name,
        text=one.campaign.text,
        terms=one.campaign.terms,
        key=f"{OPT_IN}{one.campaign.code}",
        is_new=False,
        is_done=False,
        is_taken=False,
        ends=_end(overview, one.rules, None),
        days=one.rules.offer.days if one.rules.offer else 0,
        challenge=None,
        ways=_ways(overview, one.rules),
    )


def _end(overview: Overview, rules: CampaignRules, until: datetime | None) -> datetime | None:
    """The offer's end or the campaign's, whichever comes first."""
    ends = [instant(rules.ends, overview.zone)] if rules.ends else []
    return min([*ends, *([until] if until else [])], default=None)


def _challenge(overview: Overview, record: OfferRecord) -> Challenge | None:
    """How far its first goal is; None where one time is enough."""
    if not record.goals:
        return None
    first = record.goals[0]
    standing = GoalStanding(record.rules, first.rule, first.goal, "", first.progress, first.ends_at, record.offer.pk)
    return challenge_of(overview, MemberGoal(record.campaign, standing, frozenset(), first.streak))


def _ways(overview: Overview, rules: CampaignRules) -> list[str]:
    """What it gives: at once, and at each milestone."""
    found: list[str] = []
    for rule in rules.rules:
        gives, steps = gives_of(overview, rules.version_id, rule.index)
        found += [capfirst(text) for text in ([gives] if gives else steps)]
    return found


def take_offer(*, member: Member, key: str, at: datetime) -> None:
    """Activate an offer, or take part in a campaign, as a card's ``key`` says. Raises NotFound and other refusals."""
    if key.startswith(OPT_IN):
        opt_in(program=member.program, member=member, campaign=key.removeprefix(OPT_IN), at=at)
    elif key.isascii() and key.isdigit() and len(key) <= LONGEST:
        activate_offer(program=member.program, offer_id=int(key), member=member, at=at)
    else:
        raise NotFound(_("There is no such offer"))
