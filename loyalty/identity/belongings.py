"""To which program and place the rows of each model belong, and in which area of permissions they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model

from campaigns.models import (
    Badge,
    BudgetAlert,
    BudgetRefusal,
    Campaign,
    CampaignStep,
    CampaignVersion,
    Event,
    EventReversal,
    Exposure,
    FestivalShift,
    GhostAward,
    Leaderboard,
    MemberBadge,
    Offer,
    Outcome,
    TotalCounter,
    Trace,
    WaitingReversal,
)
from core.models import ApiClient, Definition, Job, Market, OutboxMessage, Program, Rate, Region, Terms, User
from dealers.models import Budget, Contract, Dealer, Outlet, StaffNotice, StaffRole
from ledger.models import Account, AccountDay, Book, BookHalt, Journal, Lot, LotUse, Transfer
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
    Referral,
    ReferralCode,
    ReferralReview,
    Segment,
    SegmentMember,
    Tier,
    TierChange,
    Vehicle,
)
from rewards.models import (
    CodeReveal,
    Delivery,
    Entitlement,
    Redemption,
    RedemptionPolicy,
    Reward,
    Supplier,
    SupplierOrder,
    Voucher,
)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where rows of a model belong, as lookups from the row.

    ``regions`` and ``dealers`` name the place, any of them is enough; ``outlet`` is a column of outlet ids, through
    which a region and a dealer are found too. People whose role is for one place see no rows without a place, unless
    these are ``common``: the same for the whole program, and written by roles for the whole of it. ``many``: the
    program is found through several rows.
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
    **dict.fromkeys((Campaign, CampaignVersion, FestivalShift, Badge, Leaderboard), _common("campaigns")),
    **dict.fromkeys((TotalCounter, CampaignStep, BudgetRefusal), _common("campaigns", "campaign__program")),
    Segment: _common("segments"),
    SegmentMember: Belonging("segments", "segment__program", regions=("member__region",)),
    Tier: _common("tiers"),
    Reward: _common("rewards"),
    Supplier: _common("suppliers"),
    SupplierOrder: Belonging("suppliers", "supplier__program", regions=("redemption__member__region",)),
    Delivery: Belonging("redemptions", "redemption__program", regions=("redemption__member__region",)),
    Voucher: Belonging("members", regions=("member__region",)),
    Redemption: Belonging("redemptions", regions=("member__region",)),
    RedemptionPolicy: _common("programs"),
    CodeReveal: Belonging("members", "voucher__program", regions=("voucher__member__region",)),
    Entitlement: _of_member("members"),
    Member: Belonging("members", regions=("region",)),
    **dict.fromkeys(
        (
            MemberFacts,
            MemberDay,
            MemberTypeCount,
            MemberBadge,
            TierChange,
            AcceptedTerms,
            Notice,
            GhostAward,
            Exposure,
            Offer,
        ),
        _of_member("members"),
    ),
    ReferralCode: _of_member("members"),
    Referral: Belonging("referrals", regions=("friend__region", "referrer__region")),
    ReferralReview: Belonging(
        "referrals",
        "referral__program",
        regions=("referral__friend__region", "referral__referrer__region"),
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
    BudgetAlert: Belonging("budgets"),
    Book: Belonging("ledger"),
    **dict.fromkeys((Account, Journal, BookHalt), Belonging("ledger", "book__program")),
    AccountDay: Belonging("ledger", "account__book__program"),
    Transfer: Belonging("ledger", "journal__book__program"),
    Lot: Belonging("ledger", "account__book__program"),
    LotUse: Belonging("ledger", "lot__account__book__program"),
    Job: Belonging("jobs"),
    **dict.fromkeys((ApiClient, OutboxMessage), Belonging("system")),
    StaffRole: Belonging("staff", regions=("region",), dealers=("dealer",)),
    StaffNotice: Belonging("staff"),
    User: Belonging("staff", "staff_roles__program", many=True),
}
