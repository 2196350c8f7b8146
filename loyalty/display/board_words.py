"""Leaderboards in words: scores, places, and where a contest stands."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.rules.leaderboards import Phase, Score
from campaigns.selectors.leaderboards import Standing
from loyalty.display import formats
from loyalty.display.effect_words import points

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def score_words(score: int, kind: str, currency: str) -> str:
    """A score: money of the program, points, how often, or where a board mixes them a plain number."""
    if kind == Score.AMOUNT:
        return formats.amount(score, currency)
    if kind == Score.POINTS:
        return points(score)
    if kind == Score.COUNT:
        return ngettext("%(count)s time", "%(count)s times", score) % {"count": formats.number(score)}
    return formats.number(score)


def phase_words(standing: Standing, at: datetime) -> str:
    """Where a contest stands, with the time that is left; times are in the zone that is in force."""
    course = standing.course
    if standing.phase is Phase.CLOSED:
        return _("Final result")
    if standing.phase is Phase.UPCOMING:
        return _("Begins on %(moment)s") % {"moment": formats.moment(course.starts)}
    if standing.phase is Phase.RUNNING:
        return _left(course.ends - at) if course.ends else pgettext("contest", "Open")
    if course.closes_at and course.closes_at > at:
        return _("Over; the result is final on %(moment)s") % {"moment": formats.moment(course.closes_at)}
    return _("Over; the result comes soon")


def _left(left: timedelta) -> str:
    if left >= DAY:
        return ngettext("%(count)s day left", "%(count)s days left", left.days) % {"count": formats.number(left.days)}
    hours = max(1, -(-left // HOUR))
    return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": formats.number(hours)}
