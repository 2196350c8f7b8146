"""Challenges: goals that a member is on the way to, each with what is missing and by when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.rules.definitions import Goal, Kind, Period, Points
from campaigns.services.progress import MemberGoal, StreakPeriod
from loyalty.display import formats
from loyalty.display.fact_words import fact_name
from loyalty.portal.overview import Overview

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Challenge:
    """A goal: how far (``value`` of ``whole``), ``inside`` the ring in short, what is missing, what it gives."""

    code: str
    name: str
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
    """Those that are nearest to their next milestone, of what has begun first."""
    told = [_challenge(overview, goal) for goal in overview.goals]
    return sorted(told, key=lambda one: (one.done, not one.value, -one.value / one.whole))[:SHOWN]


def _challenge(overview: Overview, goal: MemberGoal) -> Challenge:
    progress, target = goal.standing.progress
    whole = target or progress or 1
    return Challenge(
        code=goal.campaign.code,
        name=goal.campaign.name,
        value=progress,
        whole=whole,
        inside=_inside(goal, progress, whole),
        text=capfirst(_text(overview, goal)),
        gives=_gives(goal, target),
    )


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
    if goal.streak:
        return _of_streak(goal.streak, goal.standing.goal)
    if target is None:
        return _("All done. Well done!")
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
    names = {"fact": fact_name(goal.fact, overview.names), "number": formats.number(missing)}
    return _("%(fact)s: %(number)s more") % names


def _level(_overview: Overview, _goal: Goal, missing: int) -> str:
    return _("%(number)s to go") % {"number": formats.number(missing)}


MISSING: Mapping[Kind, Callable[[Overview, Goal, int], str]] = {
    Kind.COUNT: _times,
    Kind.SUM: _money,
    Kind.DISTINCT: _different,
    Kind.LEVEL: _level,
}


def _of_streak(streak: StreakPeriod, goal: Goal) -> str:
    """A period that is done, or what it still needs; a freeze is a comfort."""
    left = max(streak.needs - streak.has, 0)
    if not left:
        told = PERIOD_DONE[streak.period]()
    else:
        missing = formats.amount(left, goal.currency) if goal.currency else formats.number(left)
        told = _until(_("%(missing)s more") % {"missing": missing}, streak.ends_at)
    freezes = ngettext("%(number)s break is free", "%(number)s breaks are free", streak.freezes)
    return f"{told} · {freezes % {'number': formats.number(streak.freezes)}}" if streak.freezes else told


PERIOD_DONE: Mapping[Period, Callable[[], str]] = {
    Period.DAY: lambda: _("Today is done"),
    Period.WEEK: lambda: _("This week is done"),
    Period.MONTH: lambda: _("This month is done"),
    Period.QUARTER: lambda: _("This quarter is done"),
    Period.YEAR: lambda: _("This year is done"),
}
