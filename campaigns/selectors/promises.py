"""What a program promises to everybody: the offers that may be told to visitors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant
from campaigns.selectors.states import with_definition, with_state
from core.models import Program


@dataclass(frozen=True, slots=True)
class Promise:
    """An offer in the reader's language; ``event`` is the code of what it answers first."""

    name: str
    text: str
    event: str


def promises(*, program: Program, at: datetime) -> list[Promise]:
    """Live campaigns that promise something, have no audience and run now in the program's time zone; one query."""
    rows = with_state(Campaign.objects.filter(program=program, retired=False), at).filter(shown=Campaign.State.LIVE)
    found = with_definition(rows).order_by("pk")
    return [
        Promise(row.name, row.text, row.definition["rules"][0]["event"])
        for row in found
        if row.definition and row.text and _open(row.definition, program, at)
    ]


def _open(definition: dict[str, Any], program: Program, at: datetime) -> bool:
    if not definition.get("promise") or "audience" in definition:
        return False
    zone = ZoneInfo(program.timezone)
    ends = definition.get("ends")
    return instant(moment(definition["starts"]), zone) <= at and (not ends or at < instant(moment(ends), zone))
