"""What a rule gives a member, in words: at once, and step by step toward a goal."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from campaigns.selectors.definitions import known_version
from loyalty.display import formats
from loyalty.display.effect_words import EffectWords
from loyalty.display.value_words import listed
from loyalty.portal.overview import Overview


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
    """A milestone as a number, or as an amount where amounts are added up."""
    of = goal.get("sum")
    if of is None:
        return formats.number(int(reach))
    return formats.amount(str(reach), overview.program.currency if of == "base" else of["currency"])


def first_gift(overview: Overview, version_id: int, index: int) -> str:
    """What a rule gives first, for a sentence."""
    gives, steps = gives_of(overview, version_id, index)
    return gives or next(iter(steps), "")
