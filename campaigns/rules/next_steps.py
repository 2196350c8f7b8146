"""The one thing that a member should do next, by rules that anybody can follow: the first that applies.

1. The tier is about to be lost: keep it. 2. An identity check opens offers. 3. A vehicle's service is due.
4. A bonus for the first time of something is still to be had. 5. An offer ends soon. 6. The extra that gives most.
7. What always pays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from campaigns.rules.definitions import Multiply, Points, Rule
from campaigns.rules.openings import Opening
from members.rules.conditions import leaves
from members.rules.facts import SERVICE_PREFIX

SERVICE_EVERY = timedelta(days=365)
SERVICE_AHEAD = timedelta(days=45)
ENDING_SOON = timedelta(days=60)


class Step(StrEnum):
    """What to do."""

    KEEP_TIER = "keep-tier"
    VERIFY = "verify"
    SERVICE = "service"
    FIRST_TIME = "first-time"
    ENDING = "ending"
    BONUS = "bonus"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle for which a service may be due; ``since``: its last service or its purchase."""

    name: str
    since: date | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step with what it brings: the campaign and rule that pay, the day it concerns, how many offers it opens."""

    step: Step
    opening: Opening | None = None
    rule: Rule | None = None
    day: date | None = None
    vehicle: str = ""
    offers: int = 0


def next_step(
    *, openings: Sequence[Opening], verified: bool, grace_until: date | None, vehicles: Sequence[Vehicle], today: date
) -> NextStep | None:
    """The first step that applies; None where no campaign is open."""
    if grace_until and grace_until >= today:
        return NextStep(Step.KEEP_TIER, day=grace_until)
    open_now = [opening for opening in openings if not opening.needs_kyc]
    waiting = [opening for opening in openings if opening.needs_kyc]
    if waiting and not verified:
        return NextStep(Step.VERIFY, waiting[0], waiting[0].rules[0], offers=len(waiting))
    return (
        _service(open_now, vehicles, today)
        or _first_time(open_now)
        or _ending(open_now, today)
        or _bonus(open_now)
        or _always(open_now)
    )


def _service(openings: Sequence[Opening], vehicles: Sequence[Vehicle], today: date) -> NextStep | None:
    """The vehicle that waits longest, a little before its year is over."""
    due = sorted((car.since + SERVICE_EVERY, car.name) for car in vehicles if car.since)
    paying = [(o, rule) for o in openings for rule in o.rules if rule.event_type.startswith(SERVICE_PREFIX)]
    if not due or not paying or due[0][0] > today + SERVICE_AHEAD:
        return None
    (day, vehicle), (opening, rule) = due[0], paying[0]
    return NextStep(Step.SERVICE, opening, rule, day, vehicle)


def _first_time(openings: Sequence[Opening]) -> NextStep | None:
    """The bonus with the most points among those for doing something for the first time."""
    found = [(_fixed(rule), o, rule) for o in openings for rule in o.rules if _is_first_time(rule)]
    if not found:
        return None
    _, opening, rule = max(found, key=lambda one: one[0])
    return NextStep(Step.FIRST_TIME, opening, rule)


def _is_first_time(rule: Rule) -> bool:
    if rule.condition is None or not rule.effects:
        return False
    asked = {(leaf.fact, leaf.op.value, leaf.value) for leaf in leaves(rule.condition)}
    return bool(asked & {("event.ordinal", "eq", 1), (f"member.count.{rule.event_type}", "eq", 0)})


def _fixed(rule: Rule) -> int:
    return sum(effect.fixed or 0 for effect in rule.effects if isinstance(effect, Points))


def _ending(openings: Sequence[Opening], today: date) -> NextStep | None:
    """What ends first."""
    found = [(o.ends.date(), o) for o in openings if o.ends and o.ends.date() <= today + ENDING_SOON]
    if not found:
        return None
    day, opening = min(found, key=lambda one: one[0])
    return NextStep(Step.ENDING, opening, opening.rules[0], day)


def _bonus(openings: Sequence[Opening]) -> NextStep | None:
    """The largest fixed award, else a multiplier."""
    extras = [(o, rule) for o in openings for rule in o.rules if not o.campaign.promise]
    paying = [(_fixed(rule), o, rule) for o, rule in extras if _fixed(rule)]
    more = [(0, o, rule) for o, rule in extras if any(isinstance(e, Multiply) for e in rule.effects)]
    found = paying or more
    if not found:
        return None
    _, opening, rule = max(found, key=lambda one: one[0])
    return NextStep(Step.BONUS, opening, rule)


def _always(openings: Sequence[Opening]) -> NextStep | None:
    promised = [o for o in openings if o.campaign.promise]
    found = promised or openings
    return NextStep(Step.ALWAYS, found[0], found[0].rules[0]) if found else None
