"""What a goal loses when events are taken back: milestones that are no longer reached, the highest first."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from campaigns.rules.definitions import Goal, Kind
from campaigns.rules.goal_state import GoalState
from campaigns.rules.goal_windows import firing_days, window_days
from campaigns.rules.goals import due, owner
from campaigns.rules.takebacks import Cut

type Lost = dict[tuple[date, str, int], int]  # how often, by the window it was reached in, whose progress, and reach


def left(goal: Goal, value: int, cut: Cut) -> int:
    """What remains of a contribution: sums lose the amount, other goals the event when nothing of it remains."""
    if cut.is_full:
        return 0
    return round(Fraction(value * cut.after, cut.before)) if goal.kind is Kind.SUM else value


def affected(goal: Goal, start: date) -> tuple[date, date]:
    """First and last day (both in) of windows that what is kept under ``start`` counts in."""
    return (start, firing_days(goal.window, start)[1])


def lose(goal: Goal, state: GoalState, start: date, after: Mapping[str, int]) -> Lost:
    """Set tallies under ``start`` to less than they were, and give up the milestones that this leaves unreached.

    A milestone goes only if this loss is the reason: not because the goal asks for more since.
    """
    first, last = affected(goal, start)
    windows = sorted((day for day in state.reached if first <= day <= last), reverse=True)
    owners = {owner(goal, key) for key in after}
    before = {(day, by): _due(goal, state, day, by) for day in windows for by in owners}
    state.tallies.setdefault(start, {}).update(after)
    lost: Lost = {}
    for (day, by), times in before.items():
        now = _due(goal, state, day, by)
        for reach in sorted(times, reverse=True):
            counted = state.times(by, reach, *window_days(goal.window, day))
            gone = min(times[reach] - now[reach], counted - now[reach], state.reached[day][by, reach])
            if gone > 0:
                lost[day, by, reach] = gone
                state.reached[day][by, reach] -= gone
    return lost


def _due(goal: Goal, state: GoalState, day: date, by: str) -> dict[int, int]:
    return due(goal, state.gathered(goal, day), by, _reaches(state, day, by))


def _reaches(state: GoalState, day: date, by: str) -> Iterable[int]:
    """The milestones that were reached in a window, whether the goal still has them or not."""
    return [reach for whose, reach in state.reached[day] if whose == by]
