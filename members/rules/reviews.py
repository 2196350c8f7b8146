"""The review of one member: whether the tier still stands, and what follows when it does not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from members.rules.tiers import Ladder, Progress, Rung, Style, is_met


@dataclass(frozen=True, slots=True)
class Grant:
    """A tier that was given through a local day, to whom stood on ``before`` (None = a tier that is no more)."""

    rung: Rung
    until: date
    before: Rung | None


@dataclass(frozen=True, slots=True)
class Holding:
    """How a member holds a tier. Days are the member's local ones; ``since`` None = nobody knows.

    ``until``: the tier is not judged before that day is over. ``grace_until``: it is not earned any more and holds
    through this day. ``grants`` are those that no review has closed yet.
    """

    rung: Rung
    since: date | None
    until: date | None = None
    grace_until: date | None = None
    grants: tuple[Grant, ...] = ()

    def granted(self, day: date) -> list[Grant]:
        """Those that run."""
        return [grant for grant in self.grants if grant.until >= day]

    def lapsed(self, day: date) -> list[Grant]:
        """Those that have run out."""
        return [grant for grant in self.grants if grant.until < day]


class Outcome(StrEnum):
    """What a review found."""

    KEPT = "kept"
    WAITS = "waits"  # not earned, and nothing is to be done today
    GRACE_STARTED = "grace_started"
    GRACE_ENDED = "grace_ended"  # earned again
    FELL = "fell"


@dataclass(frozen=True, slots=True)
class Review:
    """What a review found, and how the member holds a tier after it."""

    outcome: Outcome
    after: Holding


def is_due(ladder: Ladder, held: Holding, day: date) -> bool:
    """Whether there is anything to judge: a grace that runs, or a tier that is not held through this day anyway."""
    if held.grace_until:
        return True
    falls = ladder.style is not Style.NEVER or any(grant.rung is held.rung for grant in held.lapsed(day))
    return falls and held.rung is not ladder.rungs[0] and not _is_held(held, day)


def review(ladder: Ladder, held: Holding, progress: Progress, last_year: Progress | None, day: date) -> Review:
    """Judge a tier that is due.

    ``progress`` is what counts in the window that ends with ``day``: twelve months, or the year so far. ``last_year``
    is what counted in the year before, where calendar years count. A tier that was only given ends at once, whatever
    the ladder's style and grace: the member goes where it would stand without.
    """
    windows = [progress] if last_year is None else [progress, last_year]
    earned = _highest([ladder.earned(windows), *(grant.rung for grant in held.granted(day))])
    ends = [grant.before or ladder.rungs[0] for grant in held.lapsed(day) if grant.rung is held.rung]
    without = _highest([earned, *ends])
    if ends and without.rank < held.rung.rank:
        return Review(Outcome.FELL, Holding(without, day, _until(ladder, without, progress, day)))
    if ladder.style is Style.NEVER or earned.rank >= held.rung.rank:
        outcome = Outcome.GRACE_ENDED if held.grace_until else Outcome.KEPT
        return Review(outcome, replace(held, until=_until(ladder, held.rung, progress, day), grace_until=None))
    if (held.grace_until and day <= held.grace_until) or (held.since and held.since >= day):
        return Review(Outcome.WAITS, held)
    if ladder.grace_days and not held.grace_until:
        grace = replace(held, grace_until=day + timedelta(days=ladder.grace_days))
        return Review(Outcome.GRACE_STARTED, grace)
    lower = ladder.below(held.rung) if ladder.style is Style.ONE_STEP else earned
    return Review(Outcome.FELL, Holding(lower, day, _until(ladder, lower, progress, day)))


def held_through(ladder: Ladder, held: Holding, progress: Progress, day: date) -> date | None:
    """The last day on which a member certainly holds a tier, as far as it can be told; None = no day can be named."""
    if held.grace_until:
        return held.grace_until
    known = [end for end in (_until(ladder, held.rung, progress, day), held.until) if end and end >= day]
    return max(known, default=None)


def rung_after_edit(
    before: Ladder, after: Ladder, tier_id: int | None, progress: Progress, last_year: Progress | None
) -> Rung | None:
    """Where a member goes when the ladder is edited; None = nowhere.

    Up to what is earned now. Down only who earned the tier before the edit and does not after it: who did not earn it
    anyway is the nightly review's. A tier that is gone from the ladder leaves nobody on it.
    """
    windows = [progress] if last_year is None else [progress, last_year]
    earned, held, old = after.earned(windows), after.rung(tier_id), before.rung(tier_id)
    if held is None or earned.rank > held.rank:
        return earned
    if earned is held or old is None or after.style is Style.NEVER or before.calendar_year != after.calendar_year:
        return None
    return earned if before.earned(windows).rank >= old.rank else None


def _highest(rungs: Sequence[Rung]) -> Rung:
    return max(rungs, key=lambda rung: rung.rank)


def _is_held(held: Holding, day: date) -> bool:
    return held.until is not None and held.until >= day


def _until(ladder: Ladder, rung: Rung, progress: Progress, day: date) -> date | None:
    """Calendar years: earned in a year holds through the next, and nobody is judged within a year."""
    if not ladder.calendar_year or ladder.style is Style.NEVER or rung is ladder.rungs[0]:
        return None
    return date(day.year + is_met(rung, progress), 12, 31)
