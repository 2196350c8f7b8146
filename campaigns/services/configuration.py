"""A program's configuration as the engine holds it: compiled once a revision, shared by all events of a process."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.models import Badge, Campaign, CampaignVersion
from campaigns.rules.compiling import Compiler
from campaigns.rules.definitions import BadgeEffect, CampaignRules, Rule
from campaigns.rules.festive import festival_of, known_days
from campaigns.rules.state import Market, Outlet, Program, Rates
from campaigns.selectors.declarations import declarations
from campaigns.selectors.versions import newest_versions
from campaigns.services.festivals import places_of, resolve, shifts_of
from campaigns.services.goals import open_goals
from campaigns.services.purses import Purses, open_purses
from core.models import Program as ProgramRow
from core.models import Rate, Region
from dealers.models import Outlet as OutletRow
from members.models import EventType, Tier
from members.rules.catalogue import Catalogue, FactType
from members.rules.conditions import Condition
from members.rules.evaluate import facts_of
from members.rules.tiers import Rung, rung

RUNNING = {Campaign.State.LIVE, Campaign.State.SCHEDULED}
EXPLAINED = {*RUNNING, Campaign.State.PAUSED}  # named in traces

type RulesByType = Mapping[str, tuple[tuple[CampaignRules, Rule], ...]]


class Outdated(Exception):
    """A row names configuration that came after the one at hand was read: read that anew, and begin again."""


class ById[T](dict[int, T]):
    """Rows of configuration by their ids; an id that is not there belongs to a newer configuration."""

    def __missing__(self, key: int) -> T:
        """Say that this is not the newest."""
        raise Outdated(key)


@dataclass(frozen=True, slots=True)
class Type:
    """A type of events: what it carries. ``data`` are its declared attributes."""

    type_id: int
    code: str
    amount: str
    qualifying: bool
    data: Mapping[str, FactType]
    retired: bool  # known from the past, not taken in any more


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that the engine reads of a program's configuration, at one revision."""

    row: ProgramRow
    program: Program
    markets: Mapping[int, Market]
    regions: Mapping[int, str]
    currencies: frozenset[str]  # in which amounts may be posted
    types: Mapping[str, Type]
    type_codes: Mapping[int, str]
    outlets: Mapping[str, Outlet]
    dealers: Mapping[int, str]  # by outlet id, retired outlets too
    rungs: Mapping[int, Rung]
    badges: Mapping[str, int]
    facts: frozenset[str]  # that some rule or audience may ask for
    fact_types: Mapping[str, Mapping[str, FactType]]  # of declared attributes, by event type
    uses_badges: bool
    uses_segments: bool
    has_limits: bool
    purses: Purses
    catalogue: Catalogue


def current_configuration(program_id: int) -> Configuration:
    """The configuration in force; one query when it has not changed."""
    revision = _revision(program_id)
    configuration = _load(program_id, revision)
    while configuration.row.revision != revision:  # it changed while it was read: half old, half new
        revision = configuration.row.revision
        configuration = _load(program_id, revision)
    return configuration


def configuration_of(row: ProgramRow) -> Configuration:
    """The configuration of a program that was read just now: no query when it has not changed since."""
    configuration = _load(row.pk, row.revision)
    return configuration if configuration.row.revision == row.revision else current_configuration(row.pk)


def _revision(program_id: int) -> int:
    return ProgramRow.objects.values_list("revision", flat=True).get(pk=program_id)


@lru_cache(maxsize=64)
def _load(program_id: int, revision: int) -> Configuration:  # noqa: ARG001  # the revision is the key
    """Read everything; ``row``, read last, tells at which revision that was."""
    row = ProgramRow.objects.get(pk=program_id)
    markets = ById({m.pk: Market(m.pk, m.code, m.currency, ZoneInfo(m.timezone)) for m in row.markets.all()})
    rungs = _rungs(row)
    catalogue = Catalogue(declarations(row))
    campaigns = _campaigns(row, catalogue)
    facts = frozenset(fact for condition in _conditions(campaigns) for fact in facts_of(condition))
    facts |= {fact for c in campaigns for r in c.rules if r.goal for fact in (r.goal.fact, r.goal.by) if fact}
    every_outlet = [(o.retired, _outlet(o)) for o in _outlet_rows(row)]
    types = {t.code: _type(t, catalogue) for t in row.event_types.all()}
    purses = open_purses(row)
    row.refresh_from_db(fields=["revision"])
    return Configuration(
        row=row,
        program=_program(row, _by_type(campaigns), tuple(rungs.values())),
        markets=markets,
        regions=dict(Region.objects.filter(program=row).values_list("id", "code")),
        currencies=frozenset(market.currency for market in markets.values()),
        types=types,
        type_codes=ById({t.type_id: t.code for t in types.values()}),
        outlets={outlet.code: outlet for retired, outlet in every_outlet if not retired},
        dealers={outlet.outlet_id: outlet.dealer for _, outlet in every_outlet},
        rungs=rungs,
        badges=dict(Badge.objects.filter(program=row).values_list("code", "id")),
        facts=facts,
        fact_types={code: _fact_types(catalogue, code) for code in types},
        uses_badges=any(isinstance(e, BadgeEffect) for c in campaigns for r in c.rules for e in r.every_effect()),
        uses_segments="member.segments" in facts or any(c.audience and c.audience.segment for c in campaigns),
        has_limits=any(c.limits or any(rule.limits for rule in c.rules) for c in campaigns),
        purses=purses,
        catalogue=catalogue,
    )


def _program(row: ProgramRow, rules: RulesByType, ladder: tuple[Rung, ...]) -> Program:
    return Program(
        program_id=row.pk,
        code=row.code,
        currency=row.currency,
        zone=ZoneInfo(row.timezone),
        holdout=row.holdout_percent,
        reversal=row.reversal,
        rules=rules,
        ladder=ladder,
        calendar_year=row.tier_review.get("window") == "calendar_year",
        never_falls=row.tier_review.get("downgrade", {}).get("style") == "never",
        rates=_rates(row),
    )


def _rates(row: ProgramRow) -> Rates:
    by_currency: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for rate in Rate.objects.filter(program=row).order_by("-valid_from"):
        by_currency[rate.currency].append((rate.valid_from, rate.rate))
    return Rates(row.currency, {currency: tuple(rates) for currency, rates in by_currency.items()})


def _rungs(row: ProgramRow) -> dict[int, Rung]:
    """The ladder, lowest first."""
    tiers = Tier.objects.filter(program=row, retired=False).order_by("rank")
    return {
        tier.pk: rung(tier_id=tier.pk, code=tier.code, rank=tier.rank, requires=tier.requires, currency=row.currency)
        for tier in tiers
    }


def _outlet_rows(row: ProgramRow) -> list[OutletRow]:
    return list(OutletRow.objects.filter(program=row).select_related("market", "dealer__region"))


def _outlet(row: OutletRow) -> Outlet:
    dealer = row.dealer
    region = dealer.region.code if dealer and dealer.region else ""
    return Outlet(row.pk, row.code, row.kind, row.market.code, dealer.code if dealer else "", region)


def _type(row: EventType, catalogue: Catalogue) -> Type:
    data = {item["code"]: catalogue.lookup(f"event.data.{item['code']}", row.code) for item in row.data}
    declared = {code: fact for code, fact in data.items() if fact}
    return Type(row.pk, row.code, row.amount, row.qualifying, declared, row.retired)


def _fact_types(catalogue: Catalogue, event_type: str) -> dict[str, FactType]:
    names = [n for n in catalogue.names(event_type) if n.startswith(("event.data.", "member.data."))]
    return {name: fact for name in names if (fact := catalogue.lookup(name, event_type))}


def _by_type(campaigns: Sequence[CampaignRules]) -> RulesByType:
    """Rules by event type, in order of judgement: priority, campaign code, place in the campaign."""
    by_type: defaultdict[str, list[tuple[CampaignRules, Rule]]] = defaultdict(list)
    for campaign in sorted(campaigns, key=lambda campaign: (-campaign.priority, campaign.code)):
        for rule in campaign.rules:
            by_type[rule.event_type].append((campaign, rule))
    return {code: tuple(rules) for code, rules in by_type.items()}


def _conditions(campaigns: Sequence[CampaignRules]) -> Iterator[Condition]:
    """Every condition of rules and audiences."""
    for campaign in campaigns:
        if campaign.audience and campaign.audience.condition:
            yield campaign.audience.condition
        yield from (rule.condition for rule in campaign.rules if rule.condition)


def _campaigns(row: ProgramRow, catalogue: Catalogue) -> list[CampaignRules]:
    compiler = program_compiler(row, catalogue)
    return open_goals([compile_version(compiler, version) for version in newest_versions(row, *EXPLAINED)])


def program_compiler(row: ProgramRow, catalogue: Catalogue) -> Compiler:
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
