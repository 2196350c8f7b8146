"""Campaigns: whom they are for, when, and the rules that pay."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.rules.festivals import FESTIVALS
from loyalty.operations.program_file.grammar.effects import EFFECTS, FUND, LIMITS
from loyalty.operations.program_file.grammar.goals import GOAL, AnyReach, judge_milestones
from loyalty.operations.program_file.grammar.members import REVERSAL
from loyalty.operations.program_file.grammar.places import LANGUAGES_OF
from loyalty.operations.program_file.grammar.rewards import SCOPES
from loyalty.operations.program_file.schema import (
    BAD,
    AmountWanted,
    Fact,
    ListOf,
    Mapping,
    Node,
    Reading,
    Tree,
    may,
    need,
    once,
    shown,
)
from loyalty.operations.program_file.values import (
    Code,
    Condition,
    FileName,
    Flag,
    Moment,
    Number,
    Percent,
    Ref,
    Text,
    Word,
    money,
)

ASSIGNED = ("offer", "opt_in")
LAST_HOUR = 24


class Event(Node):
    """The type of event that a rule listens to."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Its code."""
        if value == REVERSAL:
            return to.fault(path, f"no rule listens to {REVERSAL}; what it takes back follows from the rules that gave")
        return Ref("event_types").read(value, path, to)


class Audience(Node):
    """A condition about the member, or a segment."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """The condition, or ``{segment: code}``."""
        if isinstance(value, dict) and "segment" in value:
            return Mapping(need("segment", Ref("segments"))).read(value, path, to)
        return Condition().read(value, path, to)


class Hours(Node):
    """The hours of a day between which a campaign counts, the first in, the last out."""

    def read(self, value: Any, path: str, to: Reading) -> Any:  # noqa: ANN401
        """Two whole hours."""
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - from and to
            return to.fault(path, f"must be two hours such as [8, 22], not {shown(value)}")
        low, high = (Number(0, LAST_HOUR).read(hour, f"{path}[{index}]", to) for index, hour in enumerate(value))
        if BAD in (low, high):
            return BAD
        return [low, high] if low < high else to.fault(path, f"{low} must come before {high}")


def _rule(rule: dict[str, Any], path: str, to: Reading) -> None:
    if ("goal" in rule) != ("milestones" in rule):
        missing = "milestones" if "goal" in rule else "goal"
        to.missing(f"{path}.{missing}", f"{missing} is missing: a goal has milestones, milestones have a goal")
    judge_milestones(rule, path, to)
    if (event := rule.get("event")) is None:
        return
    if "when" in rule:
        to.trees.append(Tree(rule["when"], f"{path}.when", event, member_only=False))
    goal = rule.get("goal", {})
    for key, name in _goal_facts(goal):
        to.facts.append(Fact(name, f"{path}.goal.{key}", event, number=key == "level"))
    to.amounts_wanted += [AmountWanted(what, where, event) for what, where in _wanting(rule, path)]


def _goal_facts(goal: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((key, goal[key]) for key in ("distinct", "level", "by") if key in goal)


def _wanting(rule: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    goal = rule.get("goal", {})
    if "sum" in goal or "amount" in goal.get("streak", {}):
        yield "this goal", f"{path}.goal"
    lists = [(rule.get("then", []), f"{path}.then")]
    lists += [(m.get("then", []), f"{path}.milestones[{i}].then") for i, m in enumerate(rule.get("milestones", []))]
    for effects, where in lists:
        for index, effect in enumerate(effects):
            ((kind, value),) = effect.items()
            if (kind, _form(value)) in _OF_AMOUNTS:
                yield f"{kind}: {_form(value)}", f"{where}[{index}].{kind}"


_OF_AMOUNTS = {("points", "per_amount"), ("cashback", "percent"), ("entry", "amount")}


def _form(value: Any) -> str:  # noqa: ANN401 - any effect
    if not isinstance(value, dict):
        return ""
    return str(value.get("score") or next((name for name in ("per_amount", "percent") if name in value), ""))


def _campaign(campaign: dict[str, Any], path: str, to: Reading) -> None:
    if campaign.get("promise") and "holdout" in campaign:
        to.fault(f"{path}.holdout", "a promise is kept for everybody; leave holdout or promise out")
    _in_order(campaign, path, to)
    assigned = campaign.get("delivery") in ASSIGNED
    if assigned and "offer" not in campaign:
        to.missing(f"{path}.offer", f"offer is missing: delivery: {campaign['delivery']} needs offer: {{days: …}}")
    if "budget" in campaign and (finders := _finders(campaign.get("fund"))):
        to.fault(f"{path}.fund", f"{finders[0]} differs from event to event; a budget is filled from program or a code")
    for index, rule in enumerate(campaign.get("rules", [])):
        if rule.get("goal", {}).get("window") == "offer" and not assigned:
            to.fault(f"{path}.rules[{index}].goal.window", "window: offer needs delivery: offer or opt_in")


def _finders(fund: str | list[list[Any]] | None) -> list[str]:
    """Payers that are found by the event, and so cannot fill a budget."""
    payers = [payer for payer, _ in fund] if isinstance(fund, list) else [fund]
    return [payer for payer in payers if payer in SCOPES]


def _in_order(campaign: dict[str, Any], path: str, to: Reading) -> None:
    if "starts" not in campaign or "ends" not in campaign:
        return
    starts, ends = (datetime.fromisoformat(campaign[key]) for key in ("starts", "ends"))
    if (starts.tzinfo is None) == (ends.tzinfo is None) and ends <= starts:
        to.fault(f"{path}.ends", f"must be later than starts, {campaign['starts']}")


FESTIVAL = Mapping(
    need("name", Word(*FESTIVALS)),
    may("days_before", Number(0, 366), 0),
    may("days_after", Number(0, 366), 0),
)
SCHEDULE = Mapping(
    may("weekdays", ListOf(Number(1, 7), least=1, unique=True)),
    may("hours", Hours()),
    may("festival", FESTIVAL),
)
OFFER = Mapping(
    need("days", Number(1, 3650)),
    may("require", Word("seen", "activated")),
    may("closes", Flag(), default=True),
)
RULE = Mapping(
    need("code", Code()),
    need("event", Event()),
    may("when", Condition(member_only=False)),
    may("goal", GOAL),
    may("limits", LIMITS),
    may("then", EFFECTS),
    may("milestones", ListOf(Mapping(need("reach", AnyReach()), need("then", EFFECTS)), least=1)),
    one_of=[("then", "milestones")],
    then=_rule,
)
CAMPAIGNS = ListOf(
    Mapping(
        need("code", Code("campaigns", most=80)),
        need("name", Text()),
        may("text", Text(5000)),
        may("terms", Text(5000)),
        may("image", FileName()),
        may("banner", Text()),
        may("theme", Code()),
        may("languages", LANGUAGES_OF),
        may("state", Word("draft", "scheduled", "live", "paused", "ended"), "draft"),
        may("promise", Flag(), default=False),
        need("starts", Moment()),
        may("ends", Moment()),
        may("fund", FUND, "program"),
        may("holdout", Percent(), 0),
        may("budget", Mapping(may("points", Number(1)), may("money", money()))),
        may("audience", Audience()),
        may("markets", ListOf(Ref("markets"), unique=True)),
        may("regions", ListOf(Ref("regions"), unique=True)),
        may("schedule", SCHEDULE),
        may("priority", Number(-1_000_000, 1_000_000), 0),
        may("stack", Code()),
        may("delivery", Word("automatic", *ASSIGNED), "automatic"),
        may("offer", OFFER),
        may("limits", LIMITS),
        need("rules", ListOf(RULE, least=1, then=once("code"))),
        then=_campaign,
    )
)
