"""The check that a campaign must pass before it is published."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from modeltranslation.utils import build_localized_fieldname

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.life import LAUNCHED
from campaigns.selectors.declarations import declarations
from campaigns.selectors.versions import newest_versions, zones_of
from campaigns.services.configuration import compile_version, program_compiler
from campaigns.services.publishing import Finding, Surroundings, findings
from core.models import Program, Region
from members.rules.catalogue import Catalogue
from rewards.models import Reward

TEXTS = ("name", "text", "terms")


def check_campaign(campaign: Campaign, at: datetime) -> list[Finding]:
    """What is wrong with the newest version of a campaign, errors first; an error keeps it from being published."""
    version = newest_version(campaign)
    program = campaign.program
    rules = compile_version(program_compiler(program, Catalogue(declarations(program))), version)
    found = findings(version.definition, rules, _surroundings(campaign, at))
    return sorted(found, key=lambda finding: not finding.error)


def newest_version(campaign: Campaign) -> CampaignVersion:
    """What a campaign does, or will do once it is published."""
    return campaign.versions.select_related("campaign__program").order_by("-number")[0]


def _surroundings(campaign: Campaign, at: datetime) -> Surroundings:
    program = campaign.program
    markets = program.markets.filter(retired=False)
    running = newest_versions(program, *(Campaign.State(state) for state in LAUNCHED)).exclude(campaign=campaign)
    regions = Region.objects.filter(program=program, retired=False)
    return Surroundings(
        at=at,
        languages=program.languages,
        zones=zones_of(program),
        currencies=dict(markets.values_list("code", "currency")),
        regions=dict(regions.values_list("code", "market__code")),
        rewards=_rewards(program),
        texts={name: _texts(campaign, name, program.languages) for name in TEXTS},
        running={version.campaign.code: version.definition for version in running},
    )


def _rewards(program: Program) -> dict[str, frozenset[str]]:
    rows = Reward.objects.filter(program=program, retired=False).values_list("code", "definition__markets")
    return {code: frozenset(markets or ()) for code, markets in rows}


def _texts(campaign: Any, name: str, languages: Sequence[str]) -> dict[str, str]:  # noqa: ANN401  # columns by language
    return {code: getattr(campaign, build_localized_fieldname(name, code)) or "" for code in languages}
