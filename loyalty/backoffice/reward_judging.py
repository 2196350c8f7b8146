"""Rewards as entries of a program file, judged by its grammar: what import and the form of the office share."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from modeltranslation.utils import build_localized_fieldname

from core.models import Program
from loyalty.operations.program_file.grammar.rewards import REWARDS
from loyalty.operations.program_file.reading import Source
from loyalty.operations.program_file.schema import BAD, Reading
from members.models import Tier
from rewards.models import Reward
from rewards.selectors.outlets import place_codes

TEXTS = ("name", "text", "terms")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
PLACES = "outlets or dealers or kinds of outlets"

type Faults = Sequence[tuple[str, str]]


def entry_of(reward: Reward) -> dict[str, Any]:
    """What a reward is so far, as an entry of a file; of a new one nothing but its code."""
    if reward.pk is None:
        return {"code": reward.code}
    texts = {
        text: {one: said for one in LANGUAGES if (said := getattr(reward, build_localized_fieldname(text, one)))}
        for text in TEXTS
    }
    return {
        "code": reward.code, "kind": reward.kind, "category": reward.category, "brand": reward.brand,
        **texts, **reward.definition,
    }  # fmt: skip


def codes_of(program: Program) -> Mapping[str, set[str]]:
    """What entries of a program may name besides its markets."""
    tiers = set(Tier.objects.filter(program=program, retired=False).values_list("code", flat=True))
    return {"tiers": tiers, PLACES: place_codes(program)}


def judged(program: Program, item: Mapping[str, Any], codes: Mapping[str, set[str]]) -> tuple[dict[str, Any], Faults]:
    """An entry as it is stored, and its faults: where (``points``, ``cost.SGD``) and what. With faults it is no use."""
    markets = {market.code: market.currency for market in program.markets.all() if not market.retired}
    currencies = frozenset({program.currency, *markets.values()})
    reading = Reading(Source(), tuple(program.languages), program.currency, currencies, markets)
    read = REWARDS.read([item], "rewards", reading)
    known = {"markets": set(markets), **codes}
    for use in reading.uses:
        if use.code not in known.get(use.kind, set()):
            reading.fault(use.path, f"{use.code} is not one of the {use.kind}")
    faults = [(fault.path.removeprefix("rewards[0]").removeprefix("."), fault.message) for fault in reading.faults]
    return ({}, faults) if faults or not read or read[0] is BAD else (read[0], [])
