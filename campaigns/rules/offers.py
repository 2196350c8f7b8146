"""Offers as the rules see them: which of a member's open offers an event counts for.

An offer is open from ``at`` to ``until``, both in, until something closes it. Market, audience and holdout were judged
when it was assigned.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from members.rules.evaluate import Failed

SEEN, ACTIVATED = "seen", "activated"
REQUIRED = "offer.require"  # where a campaign says it
STATE = "offer.state"  # the fact behind it
REQUIRE_LEAF = -1  # in traces: no leaf of a condition, but what the offer requires
NO_OFFER = "no-open-offer"

ASSIGNED, COMPLETED, EXPIRED, HELD_OUT = "assigned", "completed", "expired", "held_out"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a campaign is offered: for so many days of 24 hours, to whom it was seen or activated by, if it matters.

    With ``closes`` its first firing or last milestone closes an offer; with ``opt_in`` the member takes it.
    """

    days: int
    require: str = ""
    closes: bool = True
    opt_in: bool = False


@dataclass(slots=True)
class OpenOffer:
    """A member's open offer, moved while a batch is judged.

    ``completed_by`` is the event that completed it first, ``completed_goal`` the goal whose last milestone that was,
    None for a rule without a goal.
    """

    offer_id: int
    campaign_id: int
    at: datetime
    until: datetime
    held_out: bool = False
    is_seen: bool = False
    is_activated: bool = False
    completed_by: int | None = None
    completed_goal: int | None = None
    is_closed: bool = False

    def counts(self, time: datetime) -> bool:
        """Whether events of a moment count for it."""
        return not self.is_closed and self.at <= time <= self.until

    @property
    def state(self) -> str:
        """What the member did with it so far."""
        if self.is_activated:
            return ACTIVATED
        return SEEN if self.is_seen else ASSIGNED

    def complete(self, event_id: int, goal_id: int | None, terms: Terms) -> bool:
        """Note what completed it and close it, unless it stays open; whether it was not complete before."""
        self.is_closed = terms.closes
        if self.completed_by is not None:
            return False
        self.completed_by, self.completed_goal = event_id, goal_id
        return True


def unmet(terms: Terms, offer: OpenOffer) -> Failed | None:
    """What an offer still requires of its member."""
    if not terms.require or offer.is_activated or (terms.require == SEEN and offer.is_seen):
        return None
    return Failed(REQUIRED, STATE, "eq", terms.require, offer.state, REQUIRE_LEAF)


def required(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What a stored campaign requires of its offers, as a trace names it."""
    require = ACTIVATED if definition.get("delivery") == "opt_in" else definition["offer"]["require"]
    return {"path": REQUIRED, "fact": STATE, "op": "eq", "value": require}


def end_of(at: datetime, days: int) -> datetime:
    """The last moment of an offer: days of 24 hours, whatever the clocks do."""
    return at + timedelta(days=days)


def state_shown(state: str, *, completed: bool, closed: bool, until: datetime, at: datetime) -> str:
    """What an offer is at a moment, from what happened to it: one that stays open is completed in the end."""
    if state == HELD_OUT or (completed and closed):
        return state
    if at <= until:
        return state
    return COMPLETED if completed else EXPIRED


def first_in_group(candidates: Iterable[tuple[int, OpenOffer]]) -> frozenset[int]:
    """The offers of a stack group that count an event, by id, out of those that could, each with its priority.

    It is the first by priority, end and id. One that is held out is asked what it would have done among the others,
    and takes nobody's place.
    """
    ranked = sorted(candidates, key=lambda one: (-one[0], one[1].until, one[1].offer_id))
    first = next((offer.offer_id for _, offer in ranked if not offer.held_out), None)
    ghosts = {offer.offer_id for _, offer in ranked[:1] if offer.held_out}
    return frozenset(ghosts if first is None else {first, *ghosts})
