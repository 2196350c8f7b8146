"""What a campaign changes, by those who were kept out of it. Pure Python.

Effect = mean of the exposed less mean of the held out, a member, over the same number of days from the member's first
day on; interval by Welch's t (see ``estimates``). Everybody who came up counts on the side of the hash, whatever
happened later: who was to be treated is compared, not who was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.rules.estimates import Estimate, Sample, detectable, difference
from campaigns.rules.ratio import BLOCKED_BELOW, Split, ratio_p

DAYS = 28  # from a member's first day on, that day included
LEAST = 50  # members with whole windows, on each side
EVENTS, AMOUNT = "events", "amount"
MEASURES = (EVENTS, AMOUNT)


@dataclass(frozen=True, slots=True)
class Side:
    """One side: all members that came up, and of those whose days are over, their samples by measure."""

    members: int
    whole: int
    samples: Mapping[str, Sample]


@dataclass(frozen=True, slots=True)
class Effect:
    """Of one measure: means of both sides, how much more the exposed have, the least that could have been seen."""

    measure: str
    exposed: float
    held_out: float
    difference: Estimate
    detectable: float

    @property
    def verdict(self) -> str:
        """``works``, ``harms`` or ``no-evidence``."""
        if self.difference.low > 0:
            return "works"
        return "harms" if self.difference.high < 0 else "no-evidence"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A campaign's holdout as it stands. ``effects`` are there in state ``ready`` alone.

    ``state``: ``not-randomised`` (nobody is held out), ``blocked`` (the split is not the promised one), ``too-early``
    (a side has fewer than ``LEAST`` members whose days are over) or ``ready``.
    """

    state: str
    exposed: Side
    held_out: Side
    splits: Sequence[Split]
    ratio_p: float
    effects: Sequence[Effect] = ()


NOBODY = Side(0, 0, {})


def compare(*, exposed: Side, held_out: Side, splits: Sequence[Split], randomised: bool) -> Comparison:
    """What can be said of a holdout."""
    if not randomised and not held_out.members:
        return Comparison("not-randomised", exposed, held_out, (), 1.0)
    p = ratio_p(splits)
    if p < BLOCKED_BELOW:
        return Comparison("blocked", exposed, held_out, splits, p)
    if min(exposed.whole, held_out.whole) < LEAST:
        return Comparison("too-early", exposed, held_out, splits, p)
    effects = [_effect(measure, exposed.samples[measure], held_out.samples[measure]) for measure in MEASURES]
    return Comparison("ready", exposed, held_out, splits, p, effects)


def _effect(measure: str, exposed: Sample, held_out: Sample) -> Effect:
    return Effect(measure, exposed.mean, held_out.mean, difference(exposed, held_out), detectable(exposed, held_out))
