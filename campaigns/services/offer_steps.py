"""What becomes of offers: seen, activated, taken by the member herself."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Offer
from campaigns.rules.definitions import CampaignRules
from campaigns.rules.offers import EXPIRED, end_of, state_shown
from campaigns.services.offers import OfferJudge, every_campaign, held, store, terms_of
from core.models import Program
from core.refusals import Frozen, NotAvailable, NotFound
from members.models import Member
from members.selectors.locking import lock_members


@transaction.atomic
def see_offer(*, program: Program, offer_id: int, member: Member | None = None, at: datetime) -> Offer:
    """Note that the member has seen an offer; again changes nothing. ``member``: who may name it, None for partners.

    Raises NotFound, NotAvailable (the offer has ended, or its member is held out).
    """
    offer = _locked(program, offer_id, member, at)
    if offer.state == Offer.State.ASSIGNED:
        offer.state, offer.seen_at = Offer.State.SEEN, at
        offer.save(update_fields=["state", "seen_at"])
    return offer


@transaction.atomic
def activate_offer(*, program: Program, offer_id: int, member: Member | None = None, at: datetime) -> Offer:
    """Note that the member has taken up an offer; again changes nothing. ``member`` as in ``see_offer``.

    Raises NotFound, NotAvailable (the offer has ended, or its member is held out), Frozen.
    """
    offer = _locked(program, offer_id, member, at)
    if member is not None:
        _demand_active(member)
    return _activated(offer, at)


def _activated(offer: Offer, at: datetime) -> Offer:
    if offer.state in {Offer.State.ASSIGNED, Offer.State.SEEN}:
        offer.state, offer.activated_at, offer.seen_at = Offer.State.ACTIVATED, at, offer.seen_at or at
        offer.save(update_fields=["state", "activated_at", "seen_at"])
    return offer


def _locked(program: Program, offer_id: int, member: Member | None, at: datetime) -> Offer:
    """The offer with its member's row held; members do not learn of those they are held out of."""
    offers = Offer.objects.filter(program=program).select_related("member__market")
    if member is not None:
        offers = offers.filter(member=member).exclude(state=Offer.State.HELD_OUT)
    found = offers.filter(pk=offer_id).first()
    if found is None or not lock_members([found.member_id]):
        raise NotFound(_("There is no such offer"))
    offer = offers.get(pk=offer_id)
    if offer.state == Offer.State.HELD_OUT:
        raise NotAvailable(_("The member is held out, to measure what the campaign changes: do not show the offer."))
    closed, completed = offer.is_closed, offer.completed_at is not None
    if state_shown(offer.state, completed=completed, closed=closed, until=offer.until, at=at) == EXPIRED:
        raise NotAvailable(_("The offer has ended."))
    return offer


def _demand_active(member: Member) -> None:
    if member.status == Member.Status.FROZEN:
        raise Frozen(_("Your membership is on hold."))


def see_offers(*, member: Member, offer_ids: Collection[int], at: datetime) -> None:
    """Note that the member was shown these offers; those that were seen before stay as they are."""
    if offer_ids:
        with transaction.atomic():
            lock_members([member.pk])
            new = Offer.objects.filter(pk__in=offer_ids, member=member, state=Offer.State.ASSIGNED, is_closed=False)
            new.update(state=Offer.State.SEEN, seen_at=at)


@transaction.atomic
def opt_in(*, program: Program, member: Member, campaign: str, at: datetime) -> Offer:
    """Let a member take part in a campaign with ``delivery: opt_in``, by herself once; an open offer is activated.

    Raises NotFound (there is none that she may see), NotAvailable (it was taken before), Frozen.
    """
    _demand_active(member)
    configuration, members = held(program.pk, {member.pk})
    rules = next((one for one in every_campaign(configuration).values() if one.code == campaign), None)
    if rules is None or member.pk not in members:
        raise NotFound(_("There is no such offer"))
    before = list(Offer.objects.filter(member=member, campaign=rules.campaign_id).select_related("member__market"))
    for offer in before:
        if not offer.is_closed and offer.at <= at <= offer.until and offer.state != Offer.State.HELD_OUT:
            return _activated(offer, at)
    judge = OfferJudge(configuration, members, [(member.pk, at)])
    if not judge.gates(members[member.pk], at).invites(rules):
        raise NotFound(_("There is no such offer"))
    if before:
        raise NotAvailable(_("You have taken this offer already."))
    offer = _taken(program, member, rules, at)
    store(program, "", {0: offer})
    return offer


def _taken(program: Program, member: Member, rules: CampaignRules, at: datetime) -> Offer:
    return Offer(
        program=program,
        member=member,
        campaign_id=rules.campaign_id,
        state=Offer.State.ACTIVATED,
        at=at,
        until=end_of(at, terms_of(rules).days),
        activated_at=at,
    )
