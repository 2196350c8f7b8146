"""What is known about members and events, and how members are ranked and grouped."""

from typing import Any

from loyalty.operations.program_file.schema import BAD, ListOf, Mapping, Reading, may, need, once
from loyalty.operations.program_file.values import Amount, Code, Condition, Flag, Line, Number, Ref, Text, Word
from members.rules.catalogue import DERIVED_EVENT_TYPES

REVERSAL = "event.reversed"


def _choices(attribute: dict[str, Any], path: str, to: Reading) -> None:
    if attribute.get("type") == "choice" and "choices" not in attribute:
        to.missing(f"{path}.choices", "choices is missing: the values that a choice has")
    if attribute.get("type", "choice") != "choice" and "choices" in attribute:
        to.fault(f"{path}.choices", f"choices goes with type: choice, not with {attribute['type']}")


def _not_ours(event_type: dict[str, Any], path: str, to: Reading) -> None:
    if (code := event_type.get("code")) in DERIVED_EVENT_TYPES or code == REVERSAL:
        to.fault(f"{path}.code", f"{code} is a type of the platform and needs no entry; leave it out")


def _first_requires_nothing(ladder: list[Any], path: str, to: Reading) -> None:
    for index, tier in enumerate(ladder):
        asks = {} if tier is BAD else tier.get("requires", BAD)
        if index == 0 and asks not in ({}, BAD):
            to.fault(f"{path}[0].requires", "the first tier is where everybody starts: write requires: {}")
        if index > 0 and tier is not BAD and asks is not BAD and not asks.keys() - {"match"}:
            to.fault(
                f"{path}[{index}].requires",
                "needs amount, events or status_points; only the first tier has none",
            )


def _condition_or_list(segment: dict[str, Any], path: str, to: Reading) -> None:
    if ("where" in segment) == ("kind" in segment):
        to.fault(path, "needs where: (a condition) or kind: list, one of them")


ATTRIBUTE = Mapping(
    need("code", Code(allowed="_-")),
    need("type", Word("text", "integer", "amount", "boolean", "date", "choice")),
    may("choices", ListOf(Line(80), least=1, unique=True)),
    then=_choices,
)
ATTRIBUTES = Mapping(need("member", ListOf(ATTRIBUTE, then=once("code"))))
EVENT_TYPES = ListOf(
    Mapping(
        need("code", Code("event_types", most=60)),
        need("name", Text()),
        need("amount", Word("required", "optional", "none")),
        may("qualifying", Flag(), default=False),
        may("data", ListOf(ATTRIBUTE, then=once("code"))),
        then=_not_ours,
    ),
    least=1,
)
REQUIRES = Mapping(
    may("amount", Amount(None, least_minor=1)),
    may("events", Number(1)),
    may("status_points", Number(1)),
    may("match", Word("all", "any"), "all"),
)
BENEFIT = Mapping(
    need("code", Code()),
    need("name", Text()),
    may("reward", Ref("rewards")),
    may("per_year", Number(1, 1000)),
)
LADDER = ListOf(
    Mapping(
        need("code", Code("tiers")),
        need("name", Text()),
        need("requires", REQUIRES),
        may("benefits", ListOf(BENEFIT, then=once("code"))),
    ),
    least=1,
    then=_first_requires_nothing,
)
TIERS = Mapping(
    need("review", Mapping(need("window", Word("rolling_12_months", "calendar_year")))),
    need(
        "downgrade",
        Mapping(need("style", Word("one_step", "to_earned", "never")), may("grace_days", Number(0, 3650), 0)),
    ),
    need("ladder", LADDER),
)
BADGES = ListOf(Mapping(need("code", Code("badges")), need("name", Text()), may("icon", Line(60))))
SEGMENTS = ListOf(
    Mapping(
        need("code", Code("segments")),
        need("name", Text()),
        may("kind", Word("list")),
        may("where", Condition()),
        then=_condition_or_list,
    )
)
