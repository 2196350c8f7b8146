"""The life of a campaign: what may follow what, and what a campaign is at a moment. Pure Python."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant

DRAFT, IN_REVIEW, SCHEDULED, LIVE, PAUSED, ENDED = "draft", "in_review", "scheduled", "live", "paused", "ended"
LAUNCHED = (SCHEDULED, LIVE, PAUSED)
SETTLING = timedelta(days=7)  # for events that come late, as long as reversals wait for theirs

# From where each act may be done.
FROM: Mapping[str, tuple[str, ...]] = {
    "submit": (DRAFT,),
    "approve": (IN_REVIEW,),
    "reject": (IN_REVIEW,),
    "pause": (SCHEDULED, LIVE),
    "resume": (PAUSED,),
    "end": LAUNCHED,
}


def acts_from(state: str) -> list[str]:
    """What may be done to a campaign in this state."""
    return [act for act, states in FROM.items() if state in states]


def shown_state(state: str, definition: Mapping[str, Any], zones: Collection[ZoneInfo], at: datetime) -> str:
    """What people read: a launched campaign is scheduled until it begins in its first market, and then live.

    It has ended when its end has come in the last one.
    """
    if state in LAUNCHED and _is_over(definition, zones, at):
        return ENDED
    if state in {SCHEDULED, LIVE}:
        return running_state(definition, zones, at)
    return state


def running_state(definition: Mapping[str, Any], zones: Collection[ZoneInfo], at: datetime) -> str:
    """Live from the moment on at which it begins in the first of its markets."""
    starts = moment(definition["starts"])
    return LIVE if any(instant(starts, zone) <= at for zone in zones) else SCHEDULED


def is_settled(definition: Mapping[str, Any], zones: Collection[ZoneInfo], at: datetime) -> bool:
    """Whether a campaign ended so long ago that what is left of its budget goes back."""
    return _is_over(definition, zones, at - SETTLING)


def _is_over(definition: Mapping[str, Any], zones: Collection[ZoneInfo], at: datetime) -> bool:
    if not definition.get("ends"):
        return False
    ends = moment(definition["ends"])
    return all(instant(ends, zone) <= at for zone in zones)
