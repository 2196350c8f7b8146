"""The sections of a program file, in the order in which they are written: first what others refer to."""

from loyalty.operations.program_file.sections.base import Section, Writing
from loyalty.operations.program_file.sections.budgets import BudgetsSection
from loyalty.operations.program_file.sections.campaigns import CampaignsSection
from loyalty.operations.program_file.sections.definitions import DefinitionsSection, ReferralSection
from loyalty.operations.program_file.sections.leaderboards import LeaderboardsSection
from loyalty.operations.program_file.sections.members import (
    AttributesSection,
    BadgesSection,
    EventTypesSection,
    SegmentsSection,
    TiersSection,
)
from loyalty.operations.program_file.sections.places import (
    ContractsSection,
    DealersSection,
    MarketsSection,
    OutletsSection,
    RegionsSection,
)
from loyalty.operations.program_file.sections.program import ProgramSection, RatesSection, TierReviewSection
from loyalty.operations.program_file.sections.rewards import RewardsSection

__all__ = ["SECTIONS", "Section", "Writing"]

SECTIONS: tuple[Section, ...] = (
    ProgramSection(),
    RatesSection(),
    MarketsSection(),
    RegionsSection(),
    AttributesSection(),
    EventTypesSection(),
    DealersSection(),
    OutletsSection(),
    ContractsSection(),
    TierReviewSection(),
    TiersSection(),
    BadgesSection(),
    SegmentsSection(),
    BudgetsSection(),
    RewardsSection(),
    CampaignsSection(),
    LeaderboardsSection(),
    DefinitionsSection("messages"),
    DefinitionsSection("journeys"),
    ReferralSection("referral"),
)
