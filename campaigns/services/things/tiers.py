"""Tiers for a time: the moves are written with all others (``campaigns.services.apply``), here stands for how long."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from campaigns.services.configuration import Configuration
from campaigns.services.things.keeping import Given, Gone
from members.services.grants import GrantRow, give_grants, take_grants


def give(_configuration: Configuration, given: Sequence[Given], _at: datetime, /) -> None:
    """Write for how long tiers are held."""
    give_grants([row for one in given if (row := _row(one))])


def _row(one: Given) -> GrantRow | None:
    judgement, wish = one.judgement, one.award.wish
    before, event = judgement.tier or judgement.tier_before, judgement.event
    if wish.rung is None or wish.expires_on is None:
        return None
    before_id = before.tier_id if before else None
    return GrantRow(event.member_id, wish.rung.tier_id, before_id, event.event_id, one.place, wish.expires_on)


def take(_configuration: Configuration, gone: Sequence[Gone], _at: datetime, /) -> Sequence[Gone]:
    """Take the grants back; whether the tier falls is judged with all other upgrades."""
    take_grants([(one.event_id, one.taking.place) for one in gone])
    return []


def told(_effect: Mapping[str, object], /, *, stays: bool) -> Mapping[str, object]:  # noqa: ARG001  # none stays
    """Nothing more."""
    return {}
