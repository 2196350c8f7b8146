"""Stored definitions become the frozen objects of ``definitions``; a stored definition has passed the grammar."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from campaigns.rules.definitions import (
    Audience,
    BadgeEffect,
    CampaignRules,
    Cashback,
    Effect,
    EntryEffect,
    Expiry,
    Goal,
    Kind,
    Limit,
    Milestone,
    Moment,
    Multiply,
    Per,
    PerAmount,
    Points,
    RewardEffect,
    Rule,
    Schedule,
    Share,
    TierEffect,
    Unavailable,
)
from campaigns.rules.goal_grammar import read_goal
from campaigns.rules.offers import ACTIVATED, Terms
from core.rules.money import to_minor
from members.rules.catalogue import Catalogue
from members.rules.conditions import parse
from members.rules.evaluate import compile_python

type Plain = Mapping[str, Any]
type Festive = Mapping[str, frozenset[date]]  # days of the festival by market
FULL = 100


class Compiler:
    """Reads definitions of one program: its facts, and what its points do when an effect does not say otherwise."""

    def __init__(self, *, catalogue: Catalogue, points_expire: object, pending_days: int, currency: str) -> None:
        self.catalogue = catalogue
        self.currency = currency
        self.points_expiry = expiry(points_expire)
        self.pending_days = pending_days

    def campaign(  # what names a version
        self,
        definition: Plain,
        *,
        code: str,
        running: bool,
        campaign_id: int,
        version_id: int,
        version: int,
        festive: Festive | None = None,
    ) -> CampaignRules:
        """One version of a campaign."""
        markets, regions = definition.get("markets"), definition.get("regions")
        return CampaignRules(
            campaign_id=campaign_id,
            version_id=version_id,
            version=version,
            code=code,
            priority=definition.get("priority") or 0,
            running=running,
            promise=bool(definition.get("promise")),
            starts=moment(definition["starts"]),
            ends=moment(definition["ends"]) if definition.get("ends") else None,
            markets=frozenset(markets) if markets else None,
            regions=frozenset(regions) if regions else None,
            schedule=schedule(definition.get("schedule") or {}, festive),
            audience=self.audience(definition.get("audience")),
            holdout=Decimal(str(definition.get("holdout") or 0)),
            offer=offer_terms(definition),
            stack=definition.get("stack"),
            limits=limits(definition.get("limits") or ()),
            payers=payers(definition),
            rules=tuple(self.rule(index, rule) for index, rule in enumerate(definition.get("rules") or ())),
        )

    def audience(self, tree: Plain | None) -> Audience | None:
        """A segment or a condition on the member."""
        if not tree:
            return None
        if "segment" in tree:
            return Audience(segment=tree["segment"])
        condition = parse(tree, catalogue=self.catalogue, member_only=True)
        return Audience(check=compile_python(condition, "audience"), condition=condition)

    def rule(self, index: int, definition: Plain) -> Rule:
        """One rule; effects of milestones belong to its goal."""
        tree, event_type = definition.get("when"), definition["event"]
        condition = parse(tree, catalogue=self.catalogue, event_type=event_type) if tree else None
        return Rule(
            index=index,
            code=definition["code"],
            event_type=event_type,
            when=compile_python(condition) if condition else None,
            condition=condition,
            goal=self.goal(definition) if definition.get("goal") else None,
            limits=limits(definition.get("limits") or ()),
            effects=tuple(self.effect(effect) for effect in definition.get("then") or ()),
        )

    def goal(self, definition: Plain) -> Goal:
        """The goal of a rule with its milestones, the lowest first."""
        plain = read_goal(definition["goal"], self.currency)
        milestones = tuple(
            Milestone(
                reach=to_minor(Decimal(one["reach"]), plain.currency) if plain.kind is Kind.SUM else one["reach"],
                effects=tuple(self.effect(effect) for effect in one["then"]),
            )
            for one in definition["milestones"]
        )
        return replace(plain, milestones=milestones)

    def effect(self, definition: Plain) -> Effect:
        """One effect: its only key says which."""
        ((kind, value),) = definition.items()
        match kind:
            case "points":
                return self.points(value)
            case "multiply":
                return self.multiply(value)
            case "cashback":
                return cashback(value)
            case "badge":
                return BadgeEffect(value) if isinstance(value, str) else BadgeEffect(value["code"], once_a_window=True)
            case "reward":
                return RewardEffect(value)
            case "entry":
                return EntryEffect(value["board"], value["score"])
            case "tier":
                return TierEffect(value["to"], value["days"])
        return Unavailable(kind)

    def points(self, value: Plain) -> Points:
        """Points, with the program's pending days and expiry unless it says otherwise."""
        by_amount = value.get("per_amount")
        return Points(
            fixed=value.get("fixed"),
            per_amount=per_amount(by_amount) if by_amount else None,
            status=bool(value.get("status")),
            pending_days=value.get("pending_days", self.pending_days),
            expiry=expiry(value["expire"]) if "expire" in value else self.points_expiry,
        )

    def multiply(self, value: Plain) -> Multiply:
        """A multiplier; ``by`` is a decimal string."""
        return Multiply(
            by=Fraction(str(value["by"])),
            of=frozenset(value["of"]) if value.get("of") else None,
            max_extra=value.get("max_extra"),
            pending_days=self.pending_days,
            expiry=self.points_expiry,
        )


def per_amount(value: Plain) -> PerAmount:
    """Points by amount."""
    return PerAmount(value["points"], to_minor(Decimal(value["every"]), value["currency"]), value["currency"])


def cashback(value: Plain) -> Cashback:
    """Money by currency."""
    percent = value.get("percent")
    return Cashback(
        fixed=money(value.get("fixed") or {}),
        percent=Fraction(str(percent)) if percent is not None else None,
        most=money(value.get("max") or {}),
    )


def money(amounts: Mapping[str, str]) -> Mapping[str, int]:
    """Minor units by currency."""
    return {currency: to_minor(Decimal(amount), currency) for currency, amount in amounts.items()}


def expiry(value: Any) -> Expiry:  # noqa: ANN401  # "never" or a mapping
    """How long points live; with ``inactivity_months`` a lot has no date of its own."""
    if not isinstance(value, Mapping) or "inactivity_months" in value:
        return Expiry()
    return Expiry(
        months=value.get("months"),
        month_end=value.get("at", "month_end") == "month_end" and "months" in value,
        days=value.get("days"),
    )


def moment(value: object) -> Moment:
    """An instant when the text has an offset, else wall time."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return Moment(wall=at) if at.tzinfo is None else Moment(instant=at)


def schedule(value: Plain, festive: Festive | None) -> Schedule:
    """Days and hours; a festival whose days are not said never comes, so that nothing is paid by mistake."""
    weekdays, hours = value.get("weekdays"), value.get("hours")
    return Schedule(
        weekdays=frozenset(weekdays) if weekdays else None,
        hours=(hours[0], hours[1]) if hours else None,
        festive=(festive or {}) if value.get("festival") else None,
    )


def offer_terms(definition: Plain) -> Terms | None:
    """How a campaign is offered; None for one that pays by itself. What members opt in to they have activated."""
    delivery = definition.get("delivery") or "automatic"
    if delivery == "automatic":
        return None
    offer, opt_in = definition["offer"], delivery == "opt_in"
    require = ACTIVATED if opt_in else offer.get("require") or ""
    return Terms(days=offer["days"], require=require, closes=offer.get("closes", True), opt_in=opt_in)


def limits(values: Sequence[Plain]) -> tuple[Limit, ...]:
    """Limits: each has ``per_member`` or ``total`` with times, points and money."""
    return tuple(limit(key == "total", body) for value in values for key, body in value.items())


def limit(total: bool, body: Plain) -> Limit:  # noqa: FBT001  # the key of the file, as a flag
    """One limit, its units by name: ``times``, ``points`` or a currency."""
    units: dict[str, int] = {unit: body[unit] for unit in ("times", "points") if body.get(unit) is not None}
    units.update(money(body.get("money") or {}))
    return Limit(total=total, per=Per(body.get("per") or Per.CAMPAIGN), units=units)


def payers(definition: Plain) -> tuple[Share, ...]:
    """Who pays: the campaign's own account when it has a budget, else its fund."""
    if definition.get("budget"):
        return (Share("campaign", FULL),)
    return funders(definition.get("fund") or "program")


def funders(fund: Any) -> tuple[Share, ...]:  # noqa: ANN401  # a code, or pairs of code and percentage
    """Who stands behind a campaign: one payer, or pairs (payer, percentage) in their order."""
    if isinstance(fund, str):
        return (Share(fund, FULL),)
    pairs = fund.items() if isinstance(fund, Mapping) else fund  # pairs keep their order in the database
    return tuple(Share(payer, percent) for payer, percent in pairs)
