"""The grammar of a program file; it reads like the page ``docs/program-file.md``."""

from loyalty.operations.program_file.grammar.campaigns import CAMPAIGNS
from loyalty.operations.program_file.grammar.engagement import JOURNEYS, LEADERBOARDS, MESSAGES, REFERRAL
from loyalty.operations.program_file.grammar.members import ATTRIBUTES, BADGES, EVENT_TYPES, SEGMENTS, TIERS
from loyalty.operations.program_file.grammar.places import CONTRACTS, DEALERS, MARKETS, OUTLETS, RATES, REGIONS
from loyalty.operations.program_file.grammar.program import PROGRAM
from loyalty.operations.program_file.grammar.rewards import BUDGETS, REWARDS
from loyalty.operations.program_file.schema import Mapping, may, need

DOCUMENT = Mapping(
    need("program", PROGRAM),
    may("rates", RATES),
    need("markets", MARKETS),
    may("regions", REGIONS),
    may("attributes", ATTRIBUTES),
    need("event_types", EVENT_TYPES),
    may("outlets", OUTLETS),
    may("dealers", DEALERS),
    may("contracts", CONTRACTS),
    may("tiers", TIERS),
    may("badges", BADGES),
    may("segments", SEGMENTS),
    may("budgets", BUDGETS),
    may("rewards", REWARDS),
    may("campaigns", CAMPAIGNS),
    may("leaderboards", LEADERBOARDS),
    may("messages", MESSAGES),
    may("journeys", JOURNEYS),
    may("referral", REFERRAL),
)
