"""What a program promises to everybody: the offers that may be told to visitors."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.compiling import moment
from campaigns.rules.gates import instant
from core.models import Program


@dataclass(frozen=True, slots=True)
class Promise:
    """An offer in the reader's language."""

    name: str
    text: str


def promises(*, program: Program, at: datetime) -> list[Promise]:
    """Live campaigns that promise something, have no audience and run now in the program's time zone; one query."""
    current = CampaignVersion.objects.filter(campaign=OuterRef("pk")).order_by("-number").values("definition")[:1]
    live = Campaign.objects.filter(program=program, state=Campaign.State.LIVE, retired=False).order_by("pk")
    found = live.annotate(definition=Subquery(current))
    return [Promise(row.name, row.text) for row in found if row.text and _open(row.definition or {}, program, at)]


def _open(definition: dict[str, Any], program: Program, at: datetime) -> bool:
    if not definition.get("promise") or "audience" in definition:
        return False
    zone = ZoneInfo(program.timezone)
    ends = definition.get("ends")
    return instant(moment(definition["starts"]), zone) <= at and (not ends or at < instant(moment(ends), zone))
