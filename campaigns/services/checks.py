"""The check that a campaign must pass before it is published."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from modeltranslation.utils import build_localized_fieldname

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.life import LAUNCHED
from campaigns.selectors.declarations import declarations
from campaigns.selectors.versions import newest_versions, zones_of
from campaigns.services.compiled import compile_version, program_compiler
from campaigns.services.contests import read_boards
from campaigns.services.publishing import Finding, Surroundings, effects_of, findings
from core.models import Program, Region
from members.rules.catalogue import Catalogue
from rewards.models import Reward
from rewards.models.categories import Kind
from rewards.rules.vouchers import GivenReward
from rewards.selectors.given import given_rewards

TEXTS = ("name", "text", "terms")


def check_campaign(campaign: Campaign, at: datetime) -> list[Finding]:
    """What is wrong with the newest version of a campaign, errors first; an error keeps it from being published."""
    version = newest_version(campaign)
    program = campaign.program
    rules = compile_version(program_compiler(program, Catalogue(declarations(program))), version)
    found = findings(version.definition, rules, _surroundings(campaign, version, at))
    return sorted(found, key=lambda finding: not finding.error)


def newest_version(campaign: Campaign) -> CampaignVersion:
    """What a campaign does, or will do once it is published."""
    return campaign.versions.select_related("campaign__program").order_by("-number")[0]


def _surroundings(campaign: Campaign, version: CampaignVersion, at: datetime) -> Surroundings:
    program = campaign.program
    markets = program.markets.filter(retired=False)
    running = newest_versions(program, *(Campaign.State(state) for state in LAUNCHED)).exclude(campaign=campaign)
    regions = Region.objects.filter(program=program, retired=False)
    return Surroundings(
        at=at,
        languages=program.languages,
        zones=zones_of(program),
        currency=program.currency,
        currencies=dict(markets.values_list("code", "currency")),
        regions=dict(regions.values_list("code", "market__code")),
        rewards=_rewards(program, version),
        bought=frozenset(reward.code for reward in _cashback(program) if reward.pays_out),
        valued=frozenset(_in_use(program).exclude(denominations=[]).values_list("code", flat=True)),
        texts={name: _texts(campaign, name, program.languages) for name in TEXTS},
        running={version.campaign.code: version.definition for version in running},
        boards=read_boards(program),
    )


def _rewards(program: Program, version: CampaignVersion) -> dict[str, GivenReward]:
    """Those that a version gives and that are in use."""
    codes = {effect["reward"] for _, effect in effects_of(version.definition) if "reward" in effect}
    rows = _in_use(program).filter(code__in=codes)
    return given_rewards(program_id=program.pk, codes=set(rows.values_list("code", flat=True)))


def _cashback(program: Program) -> QuerySet[Reward]:
    return _in_use(program).filter(kind=Kind.CASHBACK)


def _in_use(program: Program) -> QuerySet[Reward]:
    return Reward.objects.filter(program=program, retired=False)


def _texts(campaign: Any, name: str, languages: Sequence[str]) -> dict[str, str]:  # noqa: ANN401  # columns by language
    return {code: getattr(campaign, build_localized_fieldname(name, code)) or "" for code in languages}
