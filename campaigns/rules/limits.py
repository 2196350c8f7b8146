"""Limits: which counter a limit reads, and how much it still allows."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from campaigns.rules.definitions import EPOCH, CampaignRules, Per, Rule

TIMES = "times"
POINTS = "points"


class CounterKey(NamedTuple):
    """A counter: ``member_id`` 0 = of all members, ``rule`` empty = of the whole campaign, ``offer_id`` 0 = of none."""

    member_id: int
    campaign_id: int
    rule: str
    per: str
    bucket: date
    unit: str
    offer_id: int = 0


class LimitedKey(NamedTuple):
    """A counter and the most it may reach."""

    key: CounterKey
    most: int


type Counters = MutableMapping[CounterKey, int]


@dataclass(slots=True)
class Tally:
    """Counters as they stand, by how much a batch moved them, and the most that each may reach."""

    counters: Counters = field(default_factory=dict)
    moved: Counters = field(default_factory=dict)
    most: Counters = field(default_factory=dict)


def bucket(per: Per, day: date) -> date:
    """The first day of the period in which a day falls."""
    match per:
        case Per.DAY:
            return day
        case Per.WEEK:
            return day - timedelta(days=day.weekday())
        case Per.MONTH:
            return day.replace(day=1)
    return EPOCH


def limited_keys(
    campaign: CampaignRules, rule: Rule, *, member_id: int, member_day: date, program_day: date, offer_id: int = 0
) -> list[LimitedKey]:
    """The counters that a rule's award moves: limits of the rule, then of the campaign; the narrowest of each.

    A member's limits by the day, week and month are those of each offer, the others are one for all its offers.
    """
    most_by_key: dict[CounterKey, int] = {}
    for name, limits in ((rule.code, rule.limits), ("", campaign.limits)):
        for limit in limits:
            for unit, most in limit.units.items():
                owner, day = (0, program_day) if limit.total else (member_id, member_day)
                offer = 0 if limit.total else own_offer(limit.per, offer_id)
                key = CounterKey(owner, campaign.campaign_id, name, limit.per, bucket(limit.per, day), unit, offer)
                most_by_key[key] = min(most, most_by_key.get(key, most))
    return [LimitedKey(key, most) for key, most in most_by_key.items()]


def own_offer(per: Per, offer_id: int) -> int:
    """The offer whose counter a member's limit moves: 0 where all offers of a campaign share one."""
    return 0 if per in {Per.CAMPAIGN, Per.LIFETIME} else offer_id


def room(keys: Iterable[LimitedKey], tally: Tally, unit: str) -> int | None:
    """What the counters of a unit still allow; None = no limit."""
    left = [most - tally.counters.get(key, 0) for key, most in keys if key.unit == unit]
    return max(0, min(left)) if left else None


def count(keys: Iterable[LimitedKey], tally: Tally, unit: str, amount: int) -> None:
    """Move the counters of a unit, and remember by how much."""
    for key, most in keys:
        if key.unit == unit:
            tally.counters[key] = tally.counters.get(key, 0) + amount
            tally.moved[key] = tally.moved.get(key, 0) + amount
            tally.most[key] = min(most, tally.most.get(key, most))
