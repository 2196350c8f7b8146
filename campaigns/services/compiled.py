"""Stored versions of campaigns as the engine reads them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from campaigns.models import Campaign, CampaignVersion
from campaigns.rules.compiling import Compiler
from campaigns.rules.definitions import CampaignRules, Rule
from campaigns.rules.festive import festival_of, known_days
from campaigns.services.festivals import places_of, resolve, shifts_of
from core.models import Program
from members.rules.catalogue import Catalogue

RUNNING = {Campaign.State.LIVE, Campaign.State.SCHEDULED}

type RulesByType = Mapping[str, tuple[tuple[CampaignRules, Rule], ...]]


def by_type(campaigns: Sequence[CampaignRules]) -> RulesByType:
    """Rules by event type, in order of judgement: priority, campaign code, place in the campaign."""
    found: defaultdict[str, list[tuple[CampaignRules, Rule]]] = defaultdict(list)
    for campaign in sorted(campaigns, key=lambda campaign: (-campaign.priority, campaign.code)):
        for rule in campaign.rules:
            found[rule.event_type].append((campaign, rule))
    return {code: tuple(rules) for code, rules in found.items()}


def program_compiler(row: Program, catalogue: Catalogue) -> Compiler:
    """What reads a program's definitions."""
    return Compiler(
        catalogue=catalogue,
        points_expire=row.points_expire,
        pending_days=row.pending_days,
        currency=row.currency,
    )


def compile_version(compiler: Compiler, version: CampaignVersion) -> CampaignRules:
    """A stored version as the engine reads it."""
    return compiler.campaign(
        version.definition,
        code=version.campaign.code,
        running=version.campaign.state in RUNNING,
        campaign_id=version.campaign_id,
        version_id=version.pk,
        version=version.number,
        festive=_festive(version),
    )


def _festive(version: CampaignVersion) -> Mapping[str, frozenset[date]] | None:
    """The days of its festival: those kept at launch, before that those known now."""
    if not festival_of(version.definition):
        return None
    kept = version.festival_days
    if kept is None:
        program = version.campaign.program
        kept = resolve(version, places_of(program), shifts_of(program))
    return known_days(kept)
