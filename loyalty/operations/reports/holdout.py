"""The report of holdouts: who was exposed and held out, what the campaign changed, and whether that may be believed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.models import Campaign
from campaigns.rules.estimates import CONFIDENCE
from campaigns.rules.holdout import AMOUNT, DAYS, LEAST, Effect
from campaigns.rules.ratio import BLOCKED_BELOW, observed
from campaigns.selectors.holdouts import EVERYBODY, Cohort, Holdout, holdouts
from core.models import Program
from core.rules.money import to_text
from loyalty.display.holdout_words import reason_words
from loyalty.operations.reports.tables import Report

PLACES = 6  # of means of events and of p
COLUMNS = (
    "campaign", "name", "holdout", "state", "reason", "exposed", "held_out", "exposed_whole", "held_out_whole",
    "expected_percent", "observed_percent", "ratio_p", "measure", "unit", "exposed_mean", "held_out_mean", "effect",
    "low", "high", "detectable", "verdict",
)  # fmt: skip


def holdout_report(
    *, program: Program, at: datetime, campaign: Campaign | None = None, cohort: Cohort = EVERYBODY
) -> Report:
    """The program-wide holdout (campaign null) and those of all launched campaigns, or of one campaign."""
    return report_of(program, holdouts(program=program, at=at, campaign=campaign, cohort=cohort), at)


def report_of(program: Program, found: Sequence[Holdout], at: datetime) -> Report:
    """The report of holdouts that were read already."""
    documents = [_document(program, one) for one in found]
    more = {"window_days": DAYS, "confidence": CONFIDENCE, "least_members": LEAST, "blocked_below_p": BLOCKED_BELOW}
    rows = [row for document in documents for row in _rows(document)]
    return Report("holdout", program.code, at, COLUMNS, rows, more, documents)


def _document(program: Program, one: Holdout) -> dict[str, Any]:
    found = one.comparison
    randomised = found.state != "not-randomised"
    return {
        "campaign": one.campaign.code if one.campaign else None,
        "name": one.campaign.name if one.campaign else program.name,
        "holdout": f"{one.percent.normalize():f}",
        "state": found.state,
        "reason": reason_words(found) or None,
        "exposed": {"members": found.exposed.members, "whole": found.exposed.whole},
        "held_out": {"members": found.held_out.members, "whole": found.held_out.whole},
        "sample_ratio": {
            **{f"{name}_percent": _rounded(value) for name, value in observed(found.splits).items()},
            "p": _rounded(found.ratio_p),
            "ok": found.ratio_p >= BLOCKED_BELOW,
        }
        if randomised
        else None,
        "effects": [_effect(effect, program.currency) for effect in found.effects],
    }


def _effect(effect: Effect, currency: str) -> dict[str, Any]:
    unit = currency if effect.measure == AMOUNT else None

    def plain(value: float) -> float | str:
        return to_text(round(value), currency) if unit else round(value, PLACES)

    return {
        "measure": effect.measure,
        "unit": unit,
        "exposed_mean": plain(effect.exposed),
        "held_out_mean": plain(effect.held_out),
        "effect": plain(effect.difference.value),
        "low": plain(effect.difference.low),
        "high": plain(effect.difference.high),
        "detectable": plain(effect.detectable),
        "verdict": effect.verdict,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, PLACES)


def _rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A line for each measure; one without figures where there are none."""
    ratio = document["sample_ratio"] or {}
    head = {
        **{name: document[name] for name in ("campaign", "name", "holdout", "state", "reason")},
        **{side: document[side]["members"] for side in ("exposed", "held_out")},
        **{f"{side}_whole": document[side]["whole"] for side in ("exposed", "held_out")},
        "expected_percent": ratio.get("expected_percent"),
        "observed_percent": ratio.get("observed_percent"),
        "ratio_p": ratio.get("p"),
    }
    for effect in document["effects"] or [{}]:
        yield dict.fromkeys(COLUMNS) | head | effect
