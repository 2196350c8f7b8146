"""Goals as arithmetic: how far tallies lead, and how often each milestone is due.

Progress is kept as *tallies*: whole numbers by key. The key is empty for counts and sums, the value of a distinct
goal, the first day of a streak's period, the vehicle (or what else ``by`` says) of a level. How often a milestone is
due follows from the tallies alone, whatever the order in which they came about.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from campaigns.rules.definitions import Goal, Kind, Period, Streak
from campaigns.rules.goal_windows import period_number, window_days

type Tallies = Mapping[str, int]


class Progress(NamedTuple):
    """How far a goal is, in the running lap or streak, and the next milestone: None when all are reached."""

    progress: int
    target: int | None


class Run(NamedTuple):
    """Periods in a row that reached what they need, and the freezes that are left; the last one by number."""

    length: int
    last: int
    freezes: int


def streak_of(goal: Goal) -> Streak:
    """The periods of a streak."""
    if goal.streak is None:
        msg = "only a streak has periods"
        raise ValueError(msg)
    return goal.streak


def plus(goal: Goal, before: int, value: int) -> int:
    """A tally after something is added: levels keep the highest."""
    return max(before, value) if goal.kind is Kind.LEVEL else before + value


def gathered(goal: Goal, kept: Mapping[date, Tallies], start: date) -> Tallies:
    """The tallies of the window of ``start``, out of all that are kept by the day they count under."""
    if not goal.window.rolling_days:
        return kept.get(start, {})
    first, last = window_days(goal.window, start)
    total: dict[str, int] = {}
    for day, tallies in kept.items():
        if first <= day <= last:
            for key, value in tallies.items():
                total[key] = plus(goal, total.get(key, 0), value)
    return total


def owner(goal: Goal, key: str) -> str:
    """Whose progress a tally belongs to: a level has one for each value of ``by``, other goals have one."""
    return key if goal.kind is Kind.LEVEL else ""


def due(goal: Goal, tallies: Tallies, by: str, reaches: Iterable[int] | None = None) -> dict[int, int]:
    """How often each milestone is reached, by its reach: once at most, or once in every lap."""
    lengths = _lengths(goal, tallies, by)
    wanted = [m.reach for m in goal.milestones] if reaches is None else reaches
    if goal.repeat:
        return {reach: sum(_laps(length, reach, goal.lap) for length in lengths) for reach in wanted}
    best = max(lengths, default=0)
    return {reach: int(best >= reach) for reach in wanted}


def _laps(length: int, reach: int, lap: int) -> int:
    return length // lap + int(length % lap >= reach)


def _lengths(goal: Goal, tallies: Tallies, by: str) -> list[int]:
    """How far the goal got; a streak got somewhere with each of its runs."""
    match goal.kind:
        case Kind.DISTINCT:
            return [sum(value > 0 for value in tallies.values())]
        case Kind.STREAK:
            return [run.length for run in runs(streak_of(goal), tallies)]
    return [tallies.get(by, 0)]


def runs(streak: Streak, tallies: Tallies) -> list[Run]:
    """The runs of a streak, the earliest first. A missed period uses a freeze of its run, or ends it."""
    found: list[Run] = []
    for number in sorted(_reached(streak, tallies)):
        length, last, freezes = found[-1] if found else (0, number, 0)
        missed = number - last - 1
        if length and missed <= freezes:
            found[-1] = Run(length + 1, number, freezes - missed)
        else:
            found.append(Run(1, number, streak.freezes))
    return found


def _reached(streak: Streak, tallies: Tallies) -> Iterable[int]:
    """The periods, by number, in which enough was done."""
    return [_number(streak.period, key) for key, value in tallies.items() if value >= streak.need]


@lru_cache(maxsize=4096)
def _number(period: Period, key: str) -> int:
    return period_number(period, date.fromisoformat(key))


def progress(goal: Goal, tallies: Tallies, by: str, day: date) -> Progress:
    """How far a goal is on a local day, and what comes next."""
    if goal.streak:
        found = runs(goal.streak, tallies)
        run = alive(goal.streak, found, day)
        best, length = max((one.length for one in found), default=0), run.length if run else 0
    else:
        (best,) = (length,) = _lengths(goal, tallies, by)
    if goal.repeat:
        best = length = length % goal.lap
    return Progress(length, next((m.reach for m in goal.milestones if m.reach > best), None))


def alive(streak: Streak, found: Sequence[Run], day: date) -> Run | None:
    """The last run, unless periods that were missed before that of ``day`` ended it; the running one may yet come."""
    if not found:
        return None
    length, last, freezes = found[-1]
    missed = max(0, period_number(streak.period, day) - last - 1)
    return Run(length, last, freezes - missed) if missed <= freezes else None
