"""A member's goals as an event moves them: progress is added, and the milestones that this reaches come out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from campaigns.rules.definitions import Goal, Milestone
from campaigns.rules.goal_windows import firing_days
from campaigns.rules.goals import Tallies, due, gathered, owner, plus

MOST_AT_ONCE = 100  # firings of one milestone by one event; further laps stay due for the events that follow

type Times = dict[tuple[str, int], int]  # how often milestones were reached, by whose progress and reach


@dataclass(slots=True)
class GoalState:
    """What a member has of one goal, under the first days of windows; of rolling windows under each day."""

    tallies: dict[date, dict[str, int]] = field(default_factory=dict)
    reached: dict[date, Times] = field(default_factory=dict)

    def add(self, goal: Goal, start: date, parts: Mapping[str, int]) -> None:
        """Let progress grow."""
        tallies = self.tallies.setdefault(start, {})
        for key, value in parts.items():
            tallies[key] = plus(goal, tallies.get(key, 0), value)

    def times(self, by: str, reach: int, first: date, last: date) -> int:
        """How often a milestone was reached in the windows that begin from ``first`` to ``last``, both in."""
        if first == last:
            return self.reached[first].get((by, reach), 0) if first in self.reached else 0
        return sum(times.get((by, reach), 0) for day, times in self.reached.items() if first <= day <= last)

    def gathered(self, goal: Goal, start: date) -> Tallies:
        """The tallies that count in the window of ``start``."""
        return gathered(goal, self.tallies, start)


def advance(goal: Goal, start: date, parts: Mapping[str, int], state: GoalState) -> list[tuple[str, Milestone]]:
    """Add to a goal; whose progress reached which milestones, lap by lap and the lowest first."""
    state.add(goal, start, parts)
    owners = dict.fromkeys(owner(goal, key) for key in parts)
    return [(by, milestone) for by in owners for milestone in _reach(goal, start, by, state)]


def _reach(goal: Goal, start: date, by: str, state: GoalState) -> Iterator[Milestone]:
    """The milestones that are due and were not reached yet; they are from now on."""
    wanted = due(goal, state.gathered(goal, start), by)
    days = firing_days(goal.window, start)
    left = {reach: times - state.times(by, reach, *days) for reach, times in wanted.items() if times}
    if not left:
        return
    times = state.reached.setdefault(start, {})
    for _ in range(min(MOST_AT_ONCE, max(left.values()))):
        for milestone in _open(goal.milestones, left):
            left[milestone.reach] -= 1
            times[by, milestone.reach] = times.get((by, milestone.reach), 0) + 1
            yield milestone


def _open(milestones: Iterable[Milestone], left: Mapping[int, int]) -> list[Milestone]:
    return [milestone for milestone in milestones if left.get(milestone.reach, 0) > 0]
