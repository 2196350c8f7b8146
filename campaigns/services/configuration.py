"""A program's configuration as the engine holds it: compiled once a revision, shared by all events of a process."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from campaigns.models import Badge, Campaign, InForce
from campaigns.rules.asking import (
    asks_segments,
    counted,
    entered,
    facts_asked,
    gives_badges,
    sets_limits,
    stocked,
    types_asked,
)
from campaigns.rules.definitions import CampaignRules, RewardEffect
from campaigns.rules.referrals import Qualifying
from campaigns.rules.state import Market, Outlet, Program, Rates
from campaigns.selectors.asking import facts_asked_elsewhere
from campaigns.selectors.declarations import declarations
from campaigns.selectors.versions import newest_versions
from campaigns.services.compiled import RUNNING, RulesByType, by_type, compile_version, program_compiler
from campaigns.services.contests import read_boards
from campaigns.services.goals import open_goals
from campaigns.services.purses import Purses, open_purses
from core.models import Program as ProgramRow
from core.models import Rate, Region
from core.rules.money import to_minor
from core.services import prepared
from dealers.models import Outlet as OutletRow
from members.models import EventType, Tier
from members.rules.catalogue import Catalogue, FactType
from members.rules.referrals import ReferralRules
from members.rules.tiers import Rung, rung
from members.selectors.referrals import referral_rules
from rewards.rules.vouchers import GivenReward
from rewards.selectors.given import given_rewards

EXPLAINED = {*RUNNING, Campaign.State.PAUSED}  # named in traces


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
    counted: Mapping[str, frozenset[int]]  # by event type ("": all): types of which its rules ask how often or when
    fact_types: Mapping[str, Mapping[str, FactType]]  # of declared attributes, by event type
    stocked: Mapping[str, Mapping[int, int]]  # by event type: effects that give rewards from stock, by reward
    entered: Mapping[str, frozenset[str]]  # boards that rules enter, by event type
    uses_badges: bool
    uses_segments: bool
    uses_offers: bool
    has_limits: bool
    purses: Purses
    catalogue: Catalogue
    referral: ReferralRules | None  # where members bring members
    qualifying: Qualifying | None


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
    """Asked for every event: composing this statement would take the ORM longer than reading the event."""
    with prepared.cursor() as cursor:
        cursor.execute("SELECT revision FROM core_program WHERE id = %s", [program_id])
        return int(cursor.fetchone()[0])


@lru_cache(maxsize=64)
def _load(program_id: int, revision: int) -> Configuration:  # noqa: ARG001  # the revision is the key
    """Read everything; ``row``, read last, tells at which revision that was."""
    row = ProgramRow.objects.get(pk=program_id)
    markets = _markets(row)
    rungs = _rungs(row)
    catalogue = Catalogue(declarations(row))
    campaigns = _campaigns(row, catalogue)
    facts = facts_asked(campaigns)
    outlets, dealers = _outlets(row)
    types = _types(row, catalogue)
    rewards = _rewards(row, campaigns)
    purses = open_purses(row, rewards.values())
    referral = referral_rules(row)
    row.refresh_from_db(fields=["revision"])
    _remember(row, campaigns)
    return Configuration(
        row=row,
        program=_program(row, by_type(campaigns), tuple(rungs.values()), rewards, facts),
        markets=markets,
        regions=dict(Region.objects.filter(program=row).values_list("id", "code")),
        currencies=frozenset(market.currency for market in markets.values()),
        types=types,
        type_codes=ById({t.type_id: t.code for t in types.values()}),
        outlets=outlets,
        dealers=dealers,
        rungs=rungs,
        badges=dict(Badge.objects.filter(program=row).values_list("code", "id")),
        facts=facts,
        counted=counted(campaigns, {code: kind.type_id for code, kind in types.items()}),
        fact_types={code: _fact_types(catalogue, code) for code in types},
        stocked=stocked(campaigns, rewards),
        entered=entered(campaigns),
        uses_badges=gives_badges(campaigns),
        uses_segments=asks_segments(campaigns, facts),
        uses_offers=any(campaign.offer for campaign in campaigns),
        has_limits=sets_limits(campaigns),
        purses=purses,
        catalogue=catalogue,
        referral=referral,
        qualifying=_qualifying(row, referral) if referral else None,
    )


def _qualifying(row: ProgramRow, referral: ReferralRules) -> Qualifying:
    return Qualifying(
        kyc=referral.kyc,
        event_type=referral.event,
        least={currency: to_minor(Decimal(text), currency) for currency, text in referral.min_amount.items()},
        within_days=referral.within_days,
        cooling=timedelta(hours=referral.cooling_hours),
        rates=_rates(row),
    )


def _rewards(row: ProgramRow, campaigns: Sequence[CampaignRules]) -> dict[str, GivenReward]:
    effects = (effect for campaign in campaigns for rule in campaign.rules for effect in rule.every_effect())
    return given_rewards(program_id=row.pk, codes={e.reward for e in effects if isinstance(e, RewardEffect)})


def _program(
    row: ProgramRow,
    rules: RulesByType,
    ladder: tuple[Rung, ...],
    rewards: Mapping[str, GivenReward],
    facts: frozenset[str],
) -> Program:
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
        rewards=rewards,
        boards=read_boards(row),
        asked=types_asked(facts | facts_asked_elsewhere(row)),
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


def _markets(row: ProgramRow) -> ById[Market]:
    return ById({m.pk: Market(m.pk, m.code, m.currency, ZoneInfo(m.timezone)) for m in row.markets.all()})


def _outlets(row: ProgramRow) -> tuple[dict[str, Outlet], dict[int, str]]:
    """Outlets in use by code, and the dealers of all by the outlet's id."""
    rows = outlet_rows(row)
    dealers = {one.pk: one.dealer.code if one.dealer else "" for one in rows}
    return {one.code: outlet_of(one) for one in rows if not one.retired}, dealers


def _types(row: ProgramRow, catalogue: Catalogue) -> dict[str, Type]:
    return {one.code: _type(one, catalogue) for one in row.event_types.all()}


def outlet_rows(row: ProgramRow) -> list[OutletRow]:
    """Every outlet, retired ones too."""
    return list(OutletRow.objects.filter(program=row).select_related("market", "dealer__region"))


def outlet_of(row: OutletRow) -> Outlet:
    """An outlet as rules read it."""
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


def _remember(row: ProgramRow, campaigns: Sequence[CampaignRules]) -> None:
    """Keep what is in force at a revision, for whoever works its events again."""
    versions = [[campaign.version_id, campaign.running] for campaign in campaigns]
    InForce.objects.bulk_create([InForce(program=row, revision=row.revision, versions=versions)], ignore_conflicts=True)


def _campaigns(row: ProgramRow, catalogue: Catalogue) -> list[CampaignRules]:
    compiler = program_compiler(row, catalogue)
    return open_goals([compile_version(compiler, version) for version in newest_versions(row, *EXPLAINED)])
