"""Leaderboards, messages, journeys and referrals."""

from typing import Any

from loyalty.operations.program_file.grammar.campaigns import Event
from loyalty.operations.program_file.schema import Lazily, ListOf, Mapping, Node, OneKey, Reading, may, need
from loyalty.operations.program_file.values import Code, Condition, Flag, Number, Percent, Ref, Text, Word, Yes, money

LEADERBOARDS = ListOf(
    Mapping(
        need("code", Code("leaderboards", most=80)),
        need("name", Text()),
        need("campaign", Ref("campaigns")),
        may("by_market", Flag(), default=False),
        need("top", Number(1, 10_000)),
        need("settle_hours", Number(0, 8760)),
    )
)
MESSAGES = ListOf(
    Mapping(
        need("code", Code("messages", most=80)),
        need("purpose", Word("service", "marketing")),
        need("channels", ListOf(Word("inbox", "email", "whatsapp", "sms", "push"), least=1, unique=True)),
        may("subject", Text()),
        need("body", Text(20_000)),
    )
)


def _some_wait(wait: dict[str, Any], path: str, to: Reading) -> None:
    if not wait:
        to.fault(path, "how long? write days or hours")


def _step() -> Node:
    return OneKey(
        "step",
        message=Ref("messages"),
        wait=Mapping(may("days", Number(1, 3650)), may("hours", Number(1, 8760)), then=_some_wait),
        branch=BRANCH,
        offer=Ref("campaigns"),
        exit=Yes(),
    )


STEPS = ListOf(Lazily(_step))
BRANCH = Mapping(need("when", Condition()), need("then", STEPS), may("else", STEPS))
JOURNEYS = ListOf(
    Mapping(
        need("code", Code("journeys", most=80)),
        may("name", Text()),
        need("enter", Mapping(may("segment", Ref("segments")), may("event", Event()), one_of=[("segment", "event")])),
        may("again_after_days", Number(1, 36500)),
        may("goal", Mapping(need("event", Event()))),
        may("most_days", Number(1, 36500)),
        may("holdout", Percent(), 0),
        need("steps", ListOf(Lazily(_step), least=1)),
    )
)
GUARD_WORDS = Word("hold", "reject", "allow")
REFERRAL = Mapping(
    need(
        "qualifies",
        Mapping(
            may("kyc", Flag(), default=False),
            may("event", Event()),
            may("min_amount", money()),
            may("within_days", Number(1, 3650)),
        ),
    ),
    may(
        "guard",
        Mapping(
            may("max_per_day", Number(1)),
            may("same_device", GUARD_WORDS),
            may("same_instrument", GUARD_WORDS),
            may("same_phone", GUARD_WORDS),
            may("ring", GUARD_WORDS),
            may("velocity", GUARD_WORDS),
            may("cooling_hours", Number(0, 8760), 0),
        ),
    ),
)
