"""To which program and place the rows of each model belong, and in which area of permissions they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model

from campaigns.models import (
    Badge,
    Campaign,
    CampaignStep,
    CampaignVersion,
    Event,
    EventReversal,
    GhostAward,
    MemberBadge,
    Outcome,
    TotalCounter,
    Trace,
    WaitingReversal,
)
from core.models import ApiClient, Definition, Job, Market, OutboxMessage, Program, Rate, Region, Terms, User
from dealers.models import Budget, Contract, Dealer, Outlet, StaffRole
from ledger.models import Account, Book, BookHalt, Journal, Lot, LotUse, Transfer
from members.models import (
    AcceptedTerms,
    Adjustment,
    Attribute,
    EventType,
    Member,
    MemberDay,
    MemberFacts,
    MemberIdentity,
    MemberSignal,
    MemberTypeCount,
    MerchantProfile,
    Notice,
    Segment,
    SegmentMember,
    Tier,
    TierChange,
    Vehicle,
)
from rewards.models import Reward


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where rows of a model belong, as lookups from the row.

    ``regions`` and ``dealers`` name the place, any of them is enough; ``outlet`` is a column of outlet ids, through
    which a region and a dealer are found too. People whose role is for one place see no rows without a place, unless
    these are ``common``: the same for the whole program. ``many``: the program is found through several rows.
    """

    area: str
    program: str = "program"
    regions: tuple[str, ...] = ()
    dealers: tuple[str, ...] = ()
    outlet: str = ""
    common: bool = False
    many: bool = False


def _common(area: str, program: str = "program") -> Belonging:
    return Belonging(area, program, common=True)


def _of_member(area: str) -> Belonging:
    return Belonging(area, "member__program", regions=("member__region",))


def _of_event(event: str = "event__", program: str = "") -> Belonging:
    return Belonging(
        "events", program or f"{event}program", regions=(f"{event}member__region",), outlet=f"{event}outlet_id"
    )


BELONGINGS: Mapping[type[Model], Belonging] = {
    Program: _common("programs", "pk"),
    **dict.fromkeys((Market, Region, Rate, Terms, Definition, EventType, Attribute), _common("programs")),
    **dict.fromkeys((Campaign, CampaignVersion, Badge), _common("campaigns")),
    **dict.fromkeys((TotalCounter, CampaignStep), _common("campaigns", "campaign__program")),
    Segment: _common("segments"),
    SegmentMember: Belonging("segments", "segment__program", regions=("member__region",)),
    Tier: _common("tiers"),
    Reward: _common("rewards"),
    Member: Belonging("members", regions=("region",)),
    **dict.fromkeys(
        (MemberFacts, MemberDay, MemberTypeCount, MemberBadge, TierChange, AcceptedTerms, Notice, GhostAward),
        _of_member("members"),
    ),
    **dict.fromkeys((MemberIdentity, MemberSignal, MerchantProfile, Vehicle), _of_member("personal_data")),
    Event: _of_event(""),
    **dict.fromkeys((Outcome, Trace), _of_event()),
    EventReversal: _of_event("reversal__"),
    WaitingReversal: _of_event("reversal__", program="program"),
    Adjustment: _of_member("adjustments"),
    Dealer: Belonging("network", regions=("region",), dealers=("pk",)),
    Outlet: Belonging("network", regions=("dealer__region",), dealers=("dealer",), outlet="pk"),
    Contract: Belonging("contracts", regions=("dealer__region",), dealers=("dealer",)),
    Budget: Belonging("budgets", regions=("region", "dealer__region"), dealers=("dealer",)),
    Book: Belonging("ledger"),
    **dict.fromkeys((Account, Journal, BookHalt), Belonging("ledger", "book__program")),
    Transfer: Belonging("ledger", "journal__book__program"),
    Lot: Belonging("ledger", "account__book__program"),
    LotUse: Belonging("ledger", "lot__account__book__program"),
    Job: Belonging("jobs"),
    **dict.fromkeys((ApiClient, OutboxMessage), Belonging("system")),
    StaffRole: Belonging("staff", regions=("region",), dealers=("dealer",)),
    User: Belonging("staff", "staff_roles__program", many=True),
}
