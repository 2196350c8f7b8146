"""Notices in words: what the portal shows and what goes out by e-mail, in the language that is spoken now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.lists import format_list
from django.utils.translation import gettext, ngettext

from dealers.models import Outlet
from loyalty.display import formats
from members.models import Member, Notice, Tier, TierChange
from rewards.models import Redemption, Reward

type Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """A notice as a person reads it; ``receipt``: the redemption that it is about, if there is one."""

    notice: Notice
    title: str
    body: str

    @property
    def receipt(self) -> str:
        """The name of that redemption."""
        return str(self.notice.values.get("redemption", ""))


def in_words(*, member: Member, notices: Iterable[Notice], tiers: Mapping[str, str] | None = None) -> list[Words]:
    """Put notices of a member into words; a query for names of tiers that are not known, one each for other names."""
    told = list(notices)
    known = tiers or {tier.code: tier.name for tier in Tier.objects.filter(program=member.program)}
    codes = {notice.values["reward"] for notice in told if "reward" in notice.values}
    rows = Reward.objects.filter(program=member.program, code__in=codes) if codes else []
    rewards = {reward.code: reward.name for reward in rows}
    places = {notice.values["outlet"] for notice in told if "outlet" in notice.values}
    found = Outlet.objects.filter(program=member.program, code__in=places) if places else []
    outlets = {outlet.code: outlet.name for outlet in found}
    return [_words(notice, member, Names(known, rewards, outlets)) for notice in told]


@dataclass(frozen=True, slots=True)
class Names:
    """What tiers, rewards and outlets are called, by code."""

    tiers: Mapping[str, str]
    rewards: Mapping[str, str]
    outlets: Mapping[str, str]


def _words(notice: Notice, member: Member, known: Names) -> Words:
    values: Values = notice.values
    names = {
        "program": member.program.name,
        **{name: known.tiers.get(values.get(name, ""), "") for name in ("tier", "before")},
        "reward": known.rewards.get(values.get("reward", ""), values.get("reward", "")),
        "outlet": known.outlets.get(values.get("outlet", ""), values.get("outlet", "")),
    }
    title, body = WORDS[Notice.Kind(notice.kind)](values, names, member)
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


def _welcome(_values: Values, _names: dict[str, str], _member: Member) -> tuple[str, str]:
    return (
        gettext("Welcome to %(program)s"),
        gettext("It is good to have you with us. Here you see what you earn, and what it brings you."),
    )


def _up(values: Values, _names: dict[str, str], _member: Member) -> tuple[str, str]:
    if values.get("reason") == TierChange.Reason.LADDER:
        return gettext("You are now %(tier)s"), gettext("Our tiers have changed, and you have moved up to %(tier)s.")
    if values.get("reason") == TierChange.Reason.GIVEN:
        return gettext("You are now %(tier)s"), gettext("A gift from us: you are %(tier)s for a while. Enjoy it.")
    return gettext("You are now %(tier)s"), gettext("Congratulations! You have earned %(tier)s. Enjoy what it brings.")


def _down(values: Values, _names: dict[str, str], _member: Member) -> tuple[str, str]:
    title = gettext("Your tier is now %(tier)s")
    match values.get("reason"):
        case TierChange.Reason.LADDER:
            return title, gettext("Our tiers have changed, and yours is now %(tier)s. Your points stay yours.")
        case TierChange.Reason.UNDONE:
            return title, gettext("Something that counted toward %(before)s was taken back.")
    return title, gettext("%(before)s was not earned again in time. Your points stay yours, and the way back is open.")


def _grace(values: Values, names: dict[str, str], member: Member) -> tuple[str, str]:
    names["until"] = formats.day(date.fromisoformat(values["until"]))
    names["missing"] = missing_in_words(
        values["missing"],
        match=values["match"],
        currency=values["currency"],
        sells=member.kind == Member.Kind.MERCHANT,
    )
    return (
        gettext("%(tier)s is yours until %(until)s"),
        gettext("To stay %(tier)s after that day you need: %(missing)s."),
    )


def _kept(_values: Values, _names: dict[str, str], _member: Member) -> tuple[str, str]:
    return gettext("You stay %(tier)s"), gettext("Well done: you have earned %(tier)s again.")


def _corrected(values: Values, names: dict[str, str], _member: Member) -> tuple[str, str]:
    """Awards that were wrong: what was added, or taken."""
    unit, amount = values["unit"], values["amount"]
    names["amount"] = (
        _points(abs(int(amount))) if unit in {"points", "status"} else formats.amount(amount.lstrip("-"), unit)
    )
    if str(amount).startswith("-"):
        return gettext("We have corrected what you earned"), gettext(
            "We took back %(amount)s that was given by mistake."
        )
    return gettext("We have corrected what you earned"), gettext("We added %(amount)s that was missing.")


def _points(number: int) -> str:
    return ngettext("%(number)s point", "%(number)s points", number) % {"number": formats.number(number)}


def _back(values: Values, names: dict[str, str], _member: Member) -> tuple[str, str]:
    """Points of a redemption that came back, though the member did not ask; some may have repaid what was owed."""
    names["points"] = _points(values["points"])
    title, body = gettext("Your points are back: %(reward)s"), _came_back(values["because"])
    if repaid := values.get("repaid"):
        body = f"{body} {repaid_words(repaid)}"
    return title, body


def repaid_words(points: int) -> str:
    """That some of the points that came back are gone again."""
    return gettext("%(number)s of these paid back points that you owed.") % {"number": formats.number(points)}


def _came_back(because: str) -> str:
    match because:
        case Redemption.Because.REFUSED:
            return gettext(
                "%(reward)s was not approved. %(points)s are in your wallet again, good for thirty days at least."
            )
        case Redemption.Because.OFFICE:
            return gettext(
                "We have cancelled %(reward)s. %(points)s are in your wallet again, good for thirty days at least."
            )
        case Redemption.Because.NUMBER:
            return gettext(
                "Your phone number has changed since, so %(reward)s was not sent."
                " %(points)s are in your wallet again, good for thirty days at least."
            )
    return gettext(
        "%(reward)s could not be delivered. %(points)s are in your wallet again, good for thirty days at least."
    )


def _ready(_values: Values, _names: dict[str, str], _member: Member) -> tuple[str, str]:
    return gettext("Ready for you: %(reward)s"), gettext(
        "What was on its way is there now. You find it on its receipt."
    )


def _voided(_values: Values, _names: dict[str, str], _member: Member) -> tuple[str, str]:
    """A voucher that an outlet took out of use."""
    return gettext("Your voucher was taken out of use: %(reward)s"), gettext(
        "%(outlet)s did this; the voucher was not used for anything. Please ask us if it surprises you."
    )


WORDS: Mapping[Notice.Kind, Callable[[Values, dict[str, str], Member], tuple[str, str]]] = {
    Notice.Kind.WELCOME: _welcome,
    Notice.Kind.TIER_UP: _up,
    Notice.Kind.TIER_DOWN: _down,
    Notice.Kind.TIER_GRACE: _grace,
    Notice.Kind.TIER_KEPT: _kept,
    Notice.Kind.CORRECTED: _corrected,
    Notice.Kind.REDEMPTION_BACK: _back,
    Notice.Kind.REDEMPTION_READY: _ready,
    Notice.Kind.VOUCHER_VOIDED: _voided,
}
