"""Notices in words: what the portal shows and what goes out by e-mail, in the language that is spoken now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.lists import format_list
from django.utils.translation import gettext, ngettext

from core.models import Program
from loyalty.display import formats
from members.models import Notice, Tier, TierChange

type Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """A notice as a person reads it."""

    notice: Notice
    title: str
    body: str


def in_words(*, program: Program, notices: Iterable[Notice], tiers: Mapping[str, str] | None = None) -> list[Words]:
    """Put notices of one program's members into words; one query, or none where the names of tiers are known."""
    known = tiers or {tier.code: tier.name for tier in Tier.objects.filter(program=program)}
    return [_words(notice, program, known) for notice in notices]


def _words(notice: Notice, program: Program, tiers: Mapping[str, str]) -> Words:
    values: Values = notice.values
    names = {"program": program.name, **{name: tiers.get(values.get(name, ""), "") for name in ("tier", "before")}}
    title, body = WORDS[Notice.Kind(notice.kind)](values, names)
    return Words(notice, title % names, body % names)


def missing_in_words(missing: Values, *, match: str, currency: str, sells: bool = False) -> str:
    """``SGD 879.50 and 12 visits``, of the missing amount (decimal text), events and status points.

    Who ``sells`` (a merchant) is told of sales.
    """
    parts = []
    if amount := missing.get("amount"):
        text = gettext("%(amount)s of sales") if sells else gettext("%(amount)s of spending")
        parts.append(text % {"amount": formats.amount(amount, currency)})
    if events := missing.get("events"):
        parts.append(_events(events, sells=sells))
    if points := missing.get("status_points"):
        text = ngettext("%(number)s more status point", "%(number)s more status points", points)
        parts.append(text % {"number": formats.number(points)})
    return format_list(parts, style="or" if match == "any" else "standard", locale=formats.current())


def _events(number: int, *, sells: bool) -> str:
    text = (
        ngettext("%(number)s more sale", "%(number)s more sales", number)
        if sells
        else ngettext("%(number)s more visit or purchase", "%(number)s more visits or purchases", number)
    )
    return text % {"number": formats.number(number)}


def _welcome(_values: Values, _names: dict[str, str]) -> tuple[str, str]:
    return (
        gettext("Welcome to %(program)s"),
        gettext("It is good to have you with us. Here you see what you earn, and what it brings you."),
    )


def _up(values: Values, _names: dict[str, str]) -> tuple[str, str]:
    if values.get("reason") == TierChange.Reason.LADDER:
        return gettext("You are now %(tier)s"), gettext("Our tiers have changed, and you have moved up to %(tier)s.")
    return gettext("You are now %(tier)s"), gettext("Congratulations! You have earned %(tier)s. Enjoy what it brings.")


def _down(values: Values, _names: dict[str, str]) -> tuple[str, str]:
    title = gettext("Your tier is now %(tier)s")
    match values.get("reason"):
        case TierChange.Reason.LADDER:
            return title, gettext("Our tiers have changed, and yours is now %(tier)s. Your points stay yours.")
        case TierChange.Reason.UNDONE:
            return title, gettext("Something that counted toward %(before)s was taken back.")
    return title, gettext("%(before)s was not earned again in time. Your points stay yours, and the way back is open.")


def _grace(values: Values, names: dict[str, str]) -> tuple[str, str]:
    names["until"] = formats.day(date.fromisoformat(values["until"]))
    names["missing"] = missing_in_words(values["missing"], match=values["match"], currency=values["currency"])
    return (
        gettext("%(tier)s is yours until %(until)s"),
        gettext("To stay %(tier)s after that day you need: %(missing)s."),
    )


def _kept(_values: Values, _names: dict[str, str]) -> tuple[str, str]:
    return gettext("You stay %(tier)s"), gettext("Well done: you have earned %(tier)s again.")


WORDS: Mapping[Notice.Kind, Callable[[Values, dict[str, str]], tuple[str, str]]] = {
    Notice.Kind.WELCOME: _welcome,
    Notice.Kind.TIER_UP: _up,
    Notice.Kind.TIER_DOWN: _down,
    Notice.Kind.TIER_GRACE: _grace,
    Notice.Kind.TIER_KEPT: _kept,
}
