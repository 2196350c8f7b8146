"""The next best action in words, with the reason why it is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.rules.next_steps import NextStep, Step
from loyalty.display import formats
from loyalty.portal.gives import first_gift
from loyalty.portal.overview import Overview
from loyalty.portal.tier_track import tier_track


@dataclass(frozen=True, slots=True)
class StepCard:
    """What to do: a short chip, a title, a text, and why this is shown."""

    symbol: str
    chip: str
    title: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class _Told:
    """The words that cards are made of."""

    step: NextStep
    overview: Overview
    campaign: str
    text: str
    gives: str

    @property
    def day(self) -> str:
        """The day it is about."""
        return formats.day(self.step.day) if self.step.day else ""


def step_card(overview: Overview) -> StepCard | None:
    """The card of the next step; None where there is none."""
    step = overview.next_step
    return CARDS[step.step](_told(step, overview)) if step else None


def _told(step: NextStep, overview: Overview) -> _Told:
    if step.opening is None or step.rule is None:
        return _Told(step, overview, "", "", "")
    campaign = overview.names.campaigns[step.opening.campaign.campaign_id]
    return _Told(
        step,
        overview,
        campaign.name,
        campaign.text,
        first_gift(overview, step.opening.campaign.version_id, step.rule.index),
    )


def _keep_tier(told: _Told) -> StepCard:
    track = tier_track(told.overview)
    names = {"tier": track.name if track else "", "day": told.day, "missing": track.kept_by if track else ""}
    return StepCard(
        "crown",
        _("Until %(day)s") % names,
        _("Keep %(tier)s") % names,
        _("To stay %(tier)s you need %(missing)s by %(day)s.") % names,
        _("Your tier was not earned again in time, and it is still yours until %(day)s.") % names,
    )


def _verify(told: _Told) -> StepCard:
    names = {"campaign": told.campaign, "gives": told.gives, "count": formats.number(told.step.offers)}
    pending = told.overview.member.kyc == "pending"
    return StepCard(
        "shield-check",
        _("Being checked") if pending else _("One step"),
        _("We are checking your identity") if pending else _("Verify your identity"),
        _("It opens “%(campaign)s”: %(gives)s.") % names if told.gives else _("It opens “%(campaign)s”.") % names,
        ngettext("%(count)s offer is waiting for it.", "%(count)s offers are waiting for it.", told.step.offers)
        % names,
    )


def _service(told: _Told) -> StepCard:
    names = {"vehicle": told.step.vehicle, "day": told.day, "gives": told.gives}
    late = told.step.day is not None and told.step.day < told.overview.today
    return StepCard(
        "wrench",
        _("Due since %(day)s") % names if late else _("Due by %(day)s") % names,
        _("Your %(vehicle)s is ready for its service") % names
        if told.step.vehicle
        else _("Your car is ready for its service"),
        _("A service brings you %(gives)s, and it counts toward your tier.") % names,
        _("We count one year from your last service, or from the purchase."),
    )


def _first_time(told: _Told) -> StepCard:
    names = {"gives": told.gives}
    return StepCard(
        "gift",
        _("For the first time"),
        told.campaign,
        told.text or _("You get %(gives)s.") % names,
        _("It is the largest welcome bonus that you have not received yet: %(gives)s.") % names,
    )


def _ending(told: _Told) -> StepCard:
    names = {"day": told.day, "gives": told.gives}
    return StepCard(
        "clock-alert",
        _("Until %(day)s") % names,
        told.campaign,
        told.text or _("You get %(gives)s.") % names,
        _("Of all that is open to you, this ends first."),
    )


def _bonus(told: _Told) -> StepCard:
    names = {"gives": told.gives}
    return StepCard(
        "gift",
        _("Open to you"),
        told.campaign,
        told.text or _("You get %(gives)s.") % names,
        _("Of the extras that are open to you, this one gives most: %(gives)s.") % names,
    )


def _always(told: _Told) -> StepCard:
    names = {"gives": told.gives}
    return StepCard(
        "sparkles",
        _("Always"),
        told.campaign,
        told.text or (_("You get %(gives)s.") % names if told.gives else ""),
        _("It is open to every member, on every day."),
    )


CARDS: Mapping[Step, Callable[[_Told], StepCard]] = {
    Step.KEEP_TIER: _keep_tier,
    Step.VERIFY: _verify,
    Step.SERVICE: _service,
    Step.FIRST_TIME: _first_time,
    Step.ENDING: _ending,
    Step.BONUS: _bonus,
    Step.ALWAYS: _always,
}
