"""Budgets in words: what staff are told of them, in the language that is spoken now."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.rules.budget_levels import FULL
from campaigns.rules.pace import BAND, Pace
from core.rules.money import to_text
from ledger.models import POINTS
from loyalty.display import formats
from loyalty.display.effect_words import points

type Values = Mapping[str, Any]


def budget_amount(value: int | str, unit: str) -> str:
    """An amount of a budget's unit: 1,200 points, SGD 12.00. Smallest units, or decimal text as messages have it."""
    if unit == POINTS:
        return points(int(value))
    return formats.amount(value, unit)


def plain_amount(value: int, unit: str) -> str:
    """An amount for programs: digits, and decimals of the currency."""
    return str(value) if unit == POINTS else to_text(value, unit)


def budget_low_words(values: Values, name: str) -> tuple[str, str]:
    """Title and text of the notice that a budget reached a level; ``name``: what people call it."""
    unit = values["unit"]
    words = {
        "name": name,
        "level": formats.percent(values["level"] / FULL),
        "granted": budget_amount(values["granted"], unit),
        "used": budget_amount(values["used"], unit),
        "left": budget_amount(values["left"], unit),
    }
    if values["level"] >= FULL:
        return (
            _("Budget used up: %(name)s") % words,
            _(
                "Of %(granted)s, %(used)s were used; what is left (%(left)s) does not pay the next award. "
                "Awards are refused until the budget is filled up."
            )
            % words,
        )
    title = _("%(level)s used: budget of %(name)s") % words
    return title, _("Of %(granted)s, %(used)s were used and %(left)s are left.") % words


def verdict_words(pace: Pace) -> str:
    """What the pace comes to, as the title of its chart."""
    early = pace.days_early
    return {
        "empty": _("Nothing was put into this budget yet"),
        "exhausted": _("The budget is used up"),
        "unused": _("Nothing was used yet"),
        "too-early": _("Too early to tell how long it lasts"),
        "ends-early": ngettext("The budget ends %(count)s day early", "The budget ends %(count)s days early", early),
        "lasts": _("The budget lasts"),
    }[pace.verdict] % {"count": formats.number(early)}


def plan_words(pace: Pace) -> str:
    """What was to last from when to when."""
    return _("%(granted)s for %(first)s to %(last)s · the band is the plan ± %(band)s") % {
        "granted": budget_amount(pace.filled, pace.unit),
        "first": formats.day(pace.plan.first),
        "last": formats.day(pace.plan.last),
        "band": formats.percent(BAND / 100),
    }


def speed_words(pace: Pace) -> str:
    """At which speed it is used, and when it ends by that; empty where there is none."""
    speed = pace.a_day
    if speed is None:
        return ""
    words = {
        "mean": budget_amount(round(speed.value), pace.unit),
        "low": budget_amount(round(max(speed.low, 0)), pace.unit),
        "high": budget_amount(round(speed.high), pace.unit),
        "end": formats.day(pace.ends_on) if pace.ends_on else "",
        "earliest": formats.day(pace.earliest) if pace.earliest else "",
        "latest": formats.day(pace.latest) if pace.latest else "",
    }
    if pace.ends_on is None:
        return _("Used by the day: %(mean)s, between %(low)s and %(high)s. Its end is not in sight.") % words
    if pace.latest is None:
        return (
            _(
                "Used by the day: %(mean)s, between %(low)s and %(high)s. "
                "At this speed it ends on %(end)s, not before %(earliest)s."
            )
            % words
        )
    return (
        _(
            "Used by the day: %(mean)s, between %(low)s and %(high)s. "
            "At this speed it ends on %(end)s, between %(earliest)s and %(latest)s."
        )
        % words
    )
