"""What a rule gives a member, in words: at once, and step by step toward a goal."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.selectors.definitions import known_version
from loyalty.display import formats
from loyalty.display.effect_words import EffectWords
from loyalty.display.fact_words import fact_name
from loyalty.display.value_words import listed
from loyalty.portal.overview import Overview

DECLARED = "event.data."


def gives_of(overview: Overview, version_id: int, index: int) -> tuple[str, list[str]]:
    """What one rule of a version gives at once, and what at each milestone of its goal."""
    rule: Mapping[str, Any] = known_version(version_id).definition["rules"][index]
    words = EffectWords(overview.names, currency=overview.member.market.currency)
    steps = [
        _("%(reach)s: %(gives)s") % {"reach": _reach(overview, rule["goal"], step["reach"]), "gives": given}
        for step in rule.get("milestones") or ()
        if (given := listed(words.all_of(step["then"])))
    ]
    return listed(words.all_of(rule.get("then") or ())), steps


def _reach(overview: Overview, goal: Mapping[str, Any], reach: int | str) -> str:
    """A milestone with its unit: times, an amount, periods in a row, or what is counted or read off."""
    if of := goal.get("sum"):
        return formats.amount(str(reach), overview.program.currency if of == "base" else of["currency"])
    number = {"number": formats.number(int(reach))}
    if streak := goal.get("streak"):
        return IN_A_ROW[streak["period"]](int(reach)) % number
    if fact := goal.get("distinct"):
        return different(fact, int(reach), overview)
    if "level" in goal:
        return _("At %(number)s") % number
    return ngettext("%(number)s time", "%(number)s times", int(reach)) % number


def different(fact: str, number: int, overview: Overview) -> str:
    """So many different values of a fact, by its name where people know one."""
    shown = formats.number(number)
    if fact.startswith(DECLARED):  # has no name but its code
        return ngettext("%(number)s of one kind", "%(number)s of different kinds", number) % {"number": shown}
    return _("%(fact)s: %(number)s") % {"fact": fact_name(fact, overview.names), "number": shown}


IN_A_ROW: Mapping[str, Callable[[int], str]] = {
    "day": lambda n: ngettext("%(number)s day in a row", "%(number)s days in a row", n),
    "week": lambda n: ngettext("%(number)s week in a row", "%(number)s weeks in a row", n),
    "month": lambda n: ngettext("%(number)s month in a row", "%(number)s months in a row", n),
    "quarter": lambda n: ngettext("%(number)s quarter in a row", "%(number)s quarters in a row", n),
    "year": lambda n: ngettext("%(number)s year in a row", "%(number)s years in a row", n),
}


def first_gift(overview: Overview, version_id: int, index: int) -> str:
    """What a rule gives first, for a sentence."""
    gives, steps = gives_of(overview, version_id, index)
    return gives or next(iter(steps), "")
