"""What is wrong with a campaign that people want to publish, from what is handed in; ``checks`` reads that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from campaigns.rules.compiling import moment, money
from campaigns.rules.contradictions import impossible
from campaigns.rules.definitions import CampaignRules, Rule
from campaigns.rules.gates import instant
from campaigns.rules.leaderboards import Board
from campaigns.services.contest_checks import contest_doubts
from members.rules.catalogue import FactType, Kind
from members.rules.conditions import All, Condition, Leaf, Op, leaf_at
from members.rules.conditions import leaves as leaves_of
from rewards.rules.vouchers import GivenReward

type Plain = Mapping[str, Any]
POINTS = "points"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found: what kind, where in the campaign, a sentence; an error keeps it from going live."""

    code: str
    path: str
    message: str
    error: bool = True

    def as_json(self) -> dict[str, str]:
        """For programs."""
        level = "error" if self.error else "warning"
        return {"level": level, "code": self.code, "path": self.path, "message": self.message}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a campaign is checked against.

    ``zones`` by market and ``regions`` (their markets) are those of the program, ``currency`` its base; ``rewards``
    those that the campaign gives, as far as there are any; ``bought`` are cashback for points and cannot be given,
    ``valued`` have denominations and neither can they; ``texts`` are the campaign's by name and language, ``running``
    the other launched campaigns by code.
    """

    at: datetime
    languages: Sequence[str]
    zones: Mapping[str, ZoneInfo]
    currency: str
    currencies: Mapping[str, str]
    regions: Mapping[str, str]
    rewards: Mapping[str, GivenReward]
    bought: frozenset[str]
    valued: frozenset[str]
    texts: Mapping[str, Mapping[str, str]]
    running: Mapping[str, Plain]
    boards: Mapping[str, Board]

    def markets(self, definition: Plain) -> frozenset[str]:
        """Those in which a campaign runs."""
        return frozenset(definition.get("markets") or self.zones)

    def paid_in(self, definition: Plain) -> frozenset[str]:
        """The currencies of those markets."""
        return frozenset(self.currencies[code] for code in self.markets(definition))

    def had_in(self, code: str) -> frozenset[str]:
        """The markets in which a reward can be had."""
        reward = self.rewards.get(code)
        return reward.markets if reward else frozenset()

    def charges(self, code: str, definition: Plain) -> Iterator[tuple[str, int]]:
        """What a reward costs whoever pays for the campaign, in each of its markets where it can be had."""
        for market in self.markets(definition) & self.had_in(code):
            if charge := self.rewards[code].charge(self.currencies[market], self.currency):
                yield charge


def findings(definition: Plain, rules: CampaignRules, around: Surroundings) -> list[Finding]:
    """Everything that is wrong or doubtful."""
    return [
        *_over(definition, around),
        *_nowhere(definition, around),
        *_unreachable(rules, _market_leaf(around.markets(definition))),
        *_below_one_award(definition, around),
        *_untranslated(definition, around),
        *_unknown_rewards(definition, around),
        *_unpaid_markets(definition, around),
        *_overlapping(definition, around),
        *_contests(definition, rules, around),
    ]


def _over(definition: Plain, around: Surroundings) -> Iterator[Finding]:
    if not definition.get("ends"):
        return
    starts, ends = moment(definition["starts"]), moment(definition["ends"])
    zones = [around.zones[code] for code in around.markets(definition)]
    if all(instant(ends, zone) <= instant(starts, zone) for zone in zones):
        yield Finding("no-time", "ends", _("The campaign ends before it starts."))
    elif all(instant(ends, zone) <= around.at for zone in zones):
        yield Finding("over", "ends", _("The end of the campaign lies in the past."))


def _nowhere(definition: Plain, around: Surroundings) -> Iterator[Finding]:
    regions = definition.get("regions")
    if regions and not {around.regions.get(code) for code in regions} & around.markets(definition):
        yield Finding("unreachable", "regions", _("None of the regions lies in a market of the campaign."))


def _market_leaf(markets: frozenset[str]) -> Leaf:
    """What campaigns ask of every member."""
    return Leaf("member.market", Op.IN, tuple(sorted(markets)), FactType(Kind.CHOICE), "", 0)


def _unreachable(rules: CampaignRules, market: Leaf) -> Iterator[Finding]:
    """Conditions that contradict themselves, the campaign's audience or its markets."""
    audience = rules.audience.condition if rules.audience else None
    if audience is not None and (leaf := impossible(audience, (market,))):
        yield _contradiction("audience", leaf.path, leaf.fact)
        return
    for rule in rules.rules:
        if rule.condition is not None:
            yield from _unreachable_rule(rule, rule.condition, audience, market)


def _unreachable_rule(rule: Rule, condition: Condition, audience: Condition | None, market: Leaf) -> Iterator[Finding]:
    leaf = impossible(All((audience, condition)) if audience is not None else condition, (market,))
    if leaf is not None:
        mine = any(one is leaf for one in leaves_of(condition))
        shown = leaf if mine else leaf_at(condition, 0)
        yield _contradiction(f"rules[{rule.index}].when", shown.path, leaf.fact)


def _contradiction(where: str, path: str, fact: str) -> Finding:
    text = _("Nothing can ever meet this condition: what it asks of %(fact)s contradicts itself.") % {"fact": fact}
    return Finding("unreachable", f"{where}.{path}".rstrip("."), text)


def _below_one_award(definition: Plain, around: Surroundings) -> Iterator[Finding]:
    """A budget that cannot pay a single award of some rule."""
    budget = definition.get("budget")
    if not budget:
        return
    held = {POINTS: budget.get("points") or 0, **money(budget.get("money") or {})}
    for path, effect in effects_of(definition):
        if any(held.get(unit, 0) < least for unit, least in _least(effect, definition, around)):
            yield Finding("budget-too-small", path, _("The budget is smaller than one award of this rule."))


def effects_of(definition: Plain) -> Iterator[tuple[str, Plain]]:
    """Every effect with its place, those of milestones too."""
    for index, rule in enumerate(definition.get("rules") or ()):
        lists = [(f"rules[{index}]", rule.get("then") or ())]
        for number, milestone in enumerate(rule.get("milestones") or ()):
            lists.append((f"rules[{index}].milestones[{number}]", milestone["then"]))
        yield from ((f"{path}.then[{n}]", effect) for path, effects in lists for n, effect in enumerate(effects))


def _least(effect: Plain, definition: Plain, around: Surroundings) -> Iterator[tuple[str, int]]:
    """The least that an effect takes out of the budget at once, by unit; a percentage takes something."""
    ((kind, value),) = effect.items()
    if kind == "points" and not value.get("status"):
        yield POINTS, value.get("fixed") or (value.get("per_amount") or {}).get("points") or 1
    elif kind == "cashback" and value.get("percent") is not None:
        yield from ((currency, 1) for currency in around.paid_in(definition))
    elif kind == "cashback":
        yield from money(value.get("fixed") or {}).items()
    elif kind == "reward":
        yield from around.charges(value, definition)


def _untranslated(definition: Plain, around: Surroundings) -> Iterator[Finding]:
    languages = definition.get("languages") or around.languages
    for name, texts in around.texts.items():
        missing = [code for code in languages if not texts.get(code)]
        if missing and (name == "name" or any(texts.values())):
            text = _("The text is missing in: %(languages)s") % {"languages": ", ".join(missing)}
            yield Finding("untranslated", name, text)


def _unknown_rewards(definition: Plain, around: Surroundings) -> Iterator[Finding]:
    for path, effect in effects_of(definition):
        if (code := effect.get("reward")) is None:
            continue
        missing = sorted(around.markets(definition) - around.had_in(code))
        if missing:
            text = _("The reward %(code)s cannot be had in: %(markets)s")
            yield Finding("unknown-reward", path, text % {"code": code, "markets": ", ".join(missing)})
        if code in around.bought:
            text = _("The reward %(code)s is cashback that is bought with points. Give cashback instead.")
            yield Finding("bought-reward", path, text % {"code": code})
        elif code in around.valued:
            text = _("The reward %(code)s has denominations, and a rule cannot say which. Give a reward without them.")
            yield Finding("valued-reward", path, text % {"code": code})


def _unpaid_markets(definition: Plain, around: Surroundings) -> Iterator[Finding]:
    """Fixed cashback in a market whose currency it does not name gives nothing."""
    for path, effect in effects_of(definition):
        fixed = effect.get("cashback", {}).get("fixed") if "cashback" in effect else None
        if not fixed:
            continue
        missing = sorted(code for code in around.markets(definition) if around.currencies[code] not in fixed)
        if missing:
            text = _("Members of these markets get nothing, for want of an amount in their currency: %(markets)s")
            yield Finding("no-amount", path, text % {"markets": ", ".join(missing)}, error=False)


def _overlapping(definition: Plain, around: Surroundings) -> Iterator[Finding]:
    """Of a stack group only one campaign pays."""
    if not (stack := definition.get("stack")):
        return
    others = [code for code, other in around.running.items() if other.get("stack") == stack]
    beside = sorted(code for code in others if _meet(definition, around.running[code], around))
    if beside:
        text = _("Only one campaign of the group %(stack)s pays for an event; these run at the same time: %(codes)s")
        yield Finding("stack", "stack", text % {"stack": stack, "codes": ", ".join(beside)}, error=False)


def _contests(definition: Plain, rules: CampaignRules, around: Surroundings) -> Iterator[Finding]:
    zones = {code: around.zones[code] for code in around.markets(definition)}
    for code, path, text in contest_doubts(rules, definition, list(effects_of(definition)), around.boards, zones):
        yield Finding(code, path, text, error=False)


def _meet(one: Plain, other: Plain, around: Surroundings) -> bool:
    """Whether two campaigns run at the same time in some market."""
    common = around.markets(one) & around.markets(other)
    return any(_begins_before_end(one, other, around.zones[code]) for code in common)


def _begins_before_end(one: Plain, other: Plain, zone: ZoneInfo) -> bool:
    def before(first: Plain, second: Plain) -> bool:
        ends = second.get("ends")
        return not ends or instant(moment(first["starts"]), zone) < instant(moment(ends), zone)

    return before(one, other) and before(other, one)
