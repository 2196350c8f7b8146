"""Writing the things that effects give, and taking them back: one keeper a kind.

A new kind plugs in with a module here that has ``give`` and ``take`` (see ``Keeper``), its entry in ``KEEPERS``, its
rules in ``campaigns.rules.things``, and its name in ``campaigns.rules.kinds``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from campaigns.rules.judgement import Judgement
from campaigns.rules.kinds import THING
from campaigns.rules.takebacks import Taken
from campaigns.services.configuration import Configuration
from campaigns.services.things import badges, entries, rewards, tiers
from campaigns.services.things.keeping import Given, Gone, Keeper

__all__ = ["Gone", "give_things", "take_things", "told_of"]
KEEPERS: Mapping[str, Keeper] = {"badge": badges, "reward": rewards, "tier": tiers, "entry": entries}


def give_things(configuration: Configuration, judgements: Sequence[Judgement], at: datetime) -> None:
    """Write every thing that was awarded, kind by kind; no query for kinds of which there is nothing."""
    given: dict[str, list[Given]] = {}
    for judgement in judgements:
        for place, award in enumerate(judgement.awards):
            if award.wish.unit == THING:
                given.setdefault(award.wish.kind, []).append(Given(judgement, place, award))
    for kind, keeper in KEEPERS.items():
        if kind in given:
            keeper.give(configuration, given[kind], at)


def take_things(configuration: Configuration, gone: Sequence[Gone], at: datetime) -> list[Gone]:
    """Take things back, kind by kind, and return those that cannot be taken any more."""
    stay: list[Gone] = []
    for kind, keeper in KEEPERS.items():
        if mine := [one for one in gone if one.taking.effect["kind"] == kind]:
            stay += keeper.take(configuration, mine, at)
    return stay


def told_of(taking: Taken, *, stays: bool) -> Mapping[str, object]:
    """What a reversal says of a thing that it takes, or cannot take."""
    return KEEPERS[taking.effect["kind"]].told(taking.effect, stays=stays)
