"""A member's offers as events are worked again: open from when they were recorded, seen and activated as they were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.rules.offers import OpenOffer
from campaigns.rules.state import MemberState


@dataclass(frozen=True, slots=True)
class PastOffer:
    """An offer, when it was recorded, and when it was seen and activated, if ever."""

    offer: OpenOffer
    recorded_at: datetime
    seen_at: datetime | None
    activated_at: datetime | None


def offers_as_of(state: MemberState, past: Sequence[PastOffer], at: datetime) -> None:
    """Let a member have the offers that there were when something was recorded."""
    for one in past:
        if one.recorded_at > at:
            continue
        mine = state.offers.setdefault(one.offer.campaign_id, [])
        if one.offer not in mine:
            mine.append(one.offer)
            mine.sort(key=lambda offer: (offer.until, offer.offer_id))
        one.offer.is_seen = one.seen_at is not None and one.seen_at <= at
        one.offer.is_activated = one.activated_at is not None and one.activated_at <= at


def reopen(state: MemberState, losses: Iterable[tuple[int, int, int]]) -> None:
    """Open offers again that were completed by what is taken back: event, goal and offer, 0 = the event as a whole."""
    gone = set(losses)
    for offers in state.offers.values():
        for offer in offers:
            whole = (offer.completed_by, offer.completed_goal or 0, 0)
            if whole in gone or (offer.completed_by, offer.completed_goal or 0, offer.offer_id) in gone:
                offer.completed_by, offer.completed_goal, offer.is_closed = None, None, False
