"""What a simulation tries out: drafts, and campaigns that are gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.models import Campaign, CampaignVersion


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign that is tried out, by its definition as versions keep it; ``version``: the stored one, if any."""

    code: str
    definition: Mapping[str, Any]
    version: CampaignVersion | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What is simulated: drafts in the place of campaigns of their codes, and campaigns ``gone`` without one."""

    drafts: tuple[Draft, ...] = ()
    gone: frozenset[str] = frozenset()

    @property
    def replaced(self) -> frozenset[str]:
        """Campaigns that are not replayed as they were."""
        return self.gone | {draft.code for draft in self.drafts}


def trial_of(campaign: Campaign) -> Trial:
    """A campaign that was never launched is tried out; the life of one that was is replayed as it was."""
    if campaign.state not in {Campaign.State.DRAFT, Campaign.State.IN_REVIEW}:
        return Trial()
    version = campaign.versions.select_related("campaign__program").order_by("-number").first()
    return Trial((Draft(campaign.code, version.definition, version),)) if version else Trial()
