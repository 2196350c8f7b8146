"""What campaigns ask for and give, so that nothing else has to be read or locked for their events."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from campaigns.rules.definitions import BadgeEffect, CampaignRules, EntryEffect, RewardEffect
from members.rules.catalogue import TYPE_FAMILIES
from members.rules.conditions import Condition
from members.rules.evaluate import facts_of
from members.rules.facts import SERVICE_PREFIX
from rewards.rules.vouchers import GivenReward


def facts_asked(campaigns: Sequence[CampaignRules]) -> frozenset[str]:
    """The facts that rules, goals and audiences may ask for."""
    facts = frozenset(fact for condition in _conditions(campaigns) for fact in facts_of(condition))
    return facts | {fact for c in campaigns for r in c.rules if r.goal for fact in (r.goal.fact, r.goal.by) if fact}


def _conditions(campaigns: Sequence[CampaignRules]) -> Iterator[Condition]:
    """Every condition of rules and audiences."""
    for campaign in campaigns:
        if campaign.audience and campaign.audience.condition:
            yield campaign.audience.condition
        yield from (rule.condition for rule in campaign.rules if rule.condition)


def facts_named(plain: object) -> Iterator[str]:
    """The facts that leaves name, wherever conditions stand in what a program file says."""
    match plain:
        case {"fact": str(fact), "op": _}:
            yield fact
        case Mapping():
            yield from (fact for part in plain.values() for fact in facts_named(part))
        case list():
            yield from (fact for part in plain for fact in facts_named(part))


def types_asked(facts: Iterable[str]) -> frozenset[str]:
    """The types of events of which these facts say how often they happened, or when first or last."""
    return frozenset(fact.removeprefix(family) for fact in facts for family in TYPE_FAMILIES if fact.startswith(family))


def counted(campaigns: Sequence[CampaignRules], types: Mapping[str, int]) -> dict[str, frozenset[int]]:
    """By event type, which of ``types`` (ids by code) count: those whose counts rules ask for; "" = any rule."""
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for campaign in campaigns:
        for rule in campaign.rules:
            facts = facts_asked([replace(campaign, rules=(rule,))])
            asked[rule.event_type] |= facts
            asked[""] |= facts
    return {code: frozenset(pk for name, pk in types.items() if _asks(facts, name)) for code, facts in asked.items()}


def _asks(facts: Collection[str], code: str) -> bool:
    """Whether some of these facts are made of the counts of a type."""
    return any(
        fact in {family + code for family in TYPE_FAMILIES}
        or (fact == "member.days_since_service" and code.startswith(SERVICE_PREFIX))
        or (fact == "member.referrals_qualified" and code == "referral.qualified")
        for fact in facts
    )


def stocked(campaigns: Sequence[CampaignRules], rewards: Mapping[str, GivenReward]) -> dict[str, Counter[int]]:
    """By event type, how many effects give each reward (by id) that is taken from stock."""
    found: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for rule in (rule for campaign in campaigns for rule in campaign.rules):
        given = [rewards[e.reward] for e in rule.every_effect() if isinstance(e, RewardEffect) and e.reward in rewards]
        if mine := [reward.reward_id for reward in given if reward.from_stock]:
            found[rule.event_type].update(mine)
    return dict(found)


def entered(campaigns: Sequence[CampaignRules]) -> dict[str, frozenset[str]]:
    """The boards that rules enter, by event type."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for campaign in campaigns:
        for rule in campaign.rules:
            found[rule.event_type] |= {e.board for e in rule.every_effect() if isinstance(e, EntryEffect)}
    return {code: frozenset(boards) for code, boards in found.items() if boards}


def gives_badges(campaigns: Sequence[CampaignRules]) -> bool:
    """Whether some rule gives a badge."""
    return any(isinstance(e, BadgeEffect) for c in campaigns for r in c.rules for e in r.every_effect())


def asks_segments(campaigns: Sequence[CampaignRules], facts: Collection[str]) -> bool:
    """Whether it matters in which lists members are."""
    return "member.segments" in facts or any(c.audience and c.audience.segment for c in campaigns)


def sets_limits(campaigns: Sequence[CampaignRules]) -> bool:
    """Whether some award is limited."""
    return any(c.limits or any(rule.limits for rule in c.rules) for c in campaigns)
