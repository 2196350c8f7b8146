"""Offers of members, newest first."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import QuerySet

from campaigns.models import Offer
from campaigns.rules.offers import OpenOffer
from campaigns.rules.replay_offers import PastOffer
from members.models import Member


def shown_offers(member: Member) -> QuerySet[Offer]:
    """A member's offers that anybody may be shown: not those of which the member is held out."""
    return Offer.objects.filter(member=member).exclude(state=Offer.State.HELD_OUT)


def member_offers(*, member: Member, limit: int, before: int | None = None) -> list[Offer]:
    """A page of a member's offers, newest first, those that come after ``before``; one query."""
    rows = shown_offers(member).order_by("-pk")
    page = list((rows.filter(pk__lt=before) if before else rows)[:limit])
    for offer in page:
        offer.member = member
    return page


def past_offers(members: Collection[int]) -> dict[int, list[PastOffer]]:
    """Every offer that members ever had, by member, as it was when it was recorded; one query."""
    found: defaultdict[int, list[PastOffer]] = defaultdict(list)
    for row in Offer.objects.filter(member__in=members).defer("fingerprint").order_by("pk"):
        held_out = row.state == Offer.State.HELD_OUT
        offer = OpenOffer(row.pk, row.campaign_id, row.at, row.until, held_out=held_out)
        found[row.member_id].append(PastOffer(offer, row.recorded_at, row.seen_at, row.activated_at))
    return found
