"""Challenges: goals that a member is on the way to, each with what is missing and by when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.rules.definitions import Goal, Kind, Period, Points
from campaigns.rules.judgement import GoalStanding
from campaigns.services.progress import MemberGoal, StreakPeriod
from loyalty.display import formats
from loyalty.display.fact_words import fact_name, measured
from loyalty.portal.gives import DECLARED
from loyalty.portal.overview import Overview


@dataclass(frozen=True, slots=True)
class Challenge:
    """A goal: how far (``value`` of ``whole``), ``inside`` the ring in short, what is missing, what it gives.

    ``whose`` names the vehicle that a level is about.
    """

    code: str
    name: str
    whose: str
    value: int
    whole: int
    inside: str
    text: str
    gives: str

    @property
    def done(self) -> bool:
        """Everything is reached."""
        return self.value >= self.whole


def challenges(overview: Overview) -> Sequence[Challenge]:
    """All of a member's: what is nearest to its next milestone first, what has not begun and what is done last.

    The goals of offers are not among them: they stand in the offers' cards.
    """
    told = [challenge_of(overview, goal) for goal in overview.goals]
    return sorted(told, key=lambda one: (one.done, not one.value, -one.value / one.whole))


def challenge_of(overview: Overview, goal: MemberGoal) -> Challenge:
    """One goal as a challenge."""
    progress, target = goal.standing.progress
    whole = target or goal.standing.goal.milestones[-1].reach or 1  # all done: as far as there is to go
    value = whole if target is None else min(progress, whole)  # a streak may have broken off since
    return Challenge(
        code=goal.campaign.code,
        name=goal.campaign.name,
        whose=_whose(overview, goal.standing.by),
        value=value,
        whole=whole,
        inside=_inside(goal, value, whole),
        text=capfirst(_text(overview, goal)),
        gives=_gives(goal, target),
    )


def _whose(overview: Overview, by: str) -> str:
    """A vehicle by its plate, as its owner knows it; other things as the goal tells them apart."""
    names = {car.vin: car.plate or car.model for car in overview.glance.vehicles} if by else {}
    return names.get(by) or by


def _inside(goal: MemberGoal, progress: int, whole: int) -> str:
    """Two numbers that fit, else a share."""
    if goal.standing.goal.kind in {Kind.SUM, Kind.LEVEL}:
        return formats.percent(min(progress / whole, 1))
    return f"{formats.number(progress)}/{formats.number(whole)}"


def _gives(goal: MemberGoal, target: int | None) -> str:
    """The points of the next milestone."""
    effects = [e for m in goal.standing.goal.milestones if m.reach == target for e in m.effects]
    points = sum(effect.fixed or 0 for effect in effects if isinstance(effect, Points))
    return formats.signed(points) if points else ""


def _text(overview: Overview, goal: MemberGoal) -> str:
    """What is missing, by when."""
    progress, target = goal.standing.progress
    if target is None:
        return _("All done. Well done!")
    if goal.streak:
        return _of_streak(overview, goal.streak, goal.standing)
    missing = MISSING[goal.standing.goal.kind](overview, goal.standing.goal, target - progress)
    return _until(missing, goal.standing.ends_at)


def _until(missing: str, ends_at: datetime | None) -> str:
    if ends_at is None:
        return missing
    last = formats.day(ends_at - timedelta(seconds=1))
    return _("%(missing)s by %(day)s") % {"missing": missing, "day": last}


def _times(_overview: Overview, _goal: Goal, missing: int) -> str:
    return ngettext("%(number)s more time", "%(number)s more times", missing) % {"number": formats.number(missing)}


def _money(_overview: Overview, goal: Goal, missing: int) -> str:
    return _("%(amount)s more") % {"amount": formats.amount(missing, goal.currency)}


def _different(overview: Overview, goal: Goal, missing: int) -> str:
    number = formats.number(missing)
    if goal.fact.startswith(DECLARED):
        return ngettext("%(number)s more kind", "%(number)s more kinds", missing) % {"number": number}
    return _("%(fact)s: %(number)s more") % {"fact": fact_name(goal.fact, overview.names), "number": number}


def _level(_overview: Overview, goal: Goal, missing: int) -> str:
    return _("%(number)s to go") % {"number": measured(goal.fact, missing)}


MISSING: Mapping[Kind, Callable[[Overview, Goal, int], str]] = {
    Kind.COUNT: _times,
    Kind.SUM: _money,
    Kind.DISTINCT: _different,
    Kind.LEVEL: _level,
}


def _needs(streak: StreakPeriod, standing: GoalStanding, missing: str) -> str:
    """What a period that runs still needs, and which of how many in a row it is."""
    progress, target = standing.progress
    number, whole = formats.number(progress + 1), formats.number(target or progress + 1)
    return PERIOD_RUNS[streak.period]() % {"number": number, "whole": whole, "missing": missing}


def _of_streak(overview: Overview, streak: StreakPeriod, standing: GoalStanding) -> str:
    """A period that is done, or what it still needs while it lasts; a freeze is a comfort."""
    left, goal = max(streak.needs - streak.has, 0), standing.goal
    if not left:
        told = PERIOD_DONE[streak.period]()
    else:
        missing = (_money if goal.currency else _times)(overview, goal, left)
        until = _until(missing, min(streak.ends_at, standing.ends_at or streak.ends_at))
        told = _needs(streak, standing, until)
    freezes = ngettext("%(number)s break is free", "%(number)s breaks are free", streak.freezes)
    return f"{told} · {freezes % {'number': formats.number(streak.freezes)}}" if streak.freezes else told


PERIOD_RUNS: Mapping[Period, Callable[[], str]] = {
    Period.DAY: lambda: _("Day %(number)s of %(whole)s: %(missing)s"),
    Period.WEEK: lambda: _("Week %(number)s of %(whole)s: %(missing)s"),
    Period.MONTH: lambda: _("Month %(number)s of %(whole)s: %(missing)s"),
    Period.QUARTER: lambda: _("Quarter %(number)s of %(whole)s: %(missing)s"),
    Period.YEAR: lambda: _("Year %(number)s of %(whole)s: %(missing)s"),
}
PERIOD_DONE: Mapping[Period, Callable[[], str]] = {
    Period.DAY: lambda: _("Today is done"),
    Period.WEEK: lambda: _("This week is done"),
    Period.MONTH: lambda: _("This month is done"),
    Period.QUARTER: lambda: _("This quarter is done"),
    Period.YEAR: lambda: _("This year is done"),
}
