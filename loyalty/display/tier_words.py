"""What a tier takes, in words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, ngettext

from core.models import Program
from loyalty.display import formats
from loyalty.display.value_words import listed
from members.models import Tier


def requirement(requires: Mapping[str, Any], *, currency: str, sells: bool = False) -> str:
    """``AED 4,000 of spending and 8 visits or purchases``; empty for the rung where everybody begins.

    Who ``sells`` (a merchant) is told of sales.
    """
    parts = []
    if amount := requires.get("amount"):
        text = gettext("%(amount)s of sales") if sells else gettext("%(amount)s of spending")
        parts.append(text % {"amount": formats.round_amount(Decimal(amount), currency)})
    if events := requires.get("events"):
        parts.append(_events(events, sells=sells))
    if points := requires.get("status_points"):
        text = ngettext("%(number)s status point", "%(number)s status points", points)
        parts.append(text % {"number": formats.number(points)})
    return listed(parts, style="or" if requires.get("match") == "any" else "standard")


def _events(number: int, *, sells: bool) -> str:
    text = (
        ngettext("%(number)s sale", "%(number)s sales", number)
        if sells
        else ngettext("%(number)s visit or purchase", "%(number)s visits or purchases", number)
    )
    return text % {"number": formats.number(number)}


def benefits(tier: Tier, *, program: Program, language: str) -> list[str]:
    """The names of what the tier brings."""
    return [benefit["name"].get(language) or benefit["name"][program.languages[0]] for benefit in tier.benefits]
