"""Members, what is known of them, and what they did, added up by day."""

from members.models.accepted_terms import AcceptedTerms
from members.models.adjustments import Adjustment
from members.models.attributes import Attribute
from members.models.cards import MemberCard
from members.models.consents import ConsentChange
from members.models.event_types import EventType
from members.models.facts import MemberDay, MemberFacts, MemberTypeCount
from members.models.identity import MemberIdentity, MemberSignal
from members.models.members import Member
from members.models.merchants import MerchantProfile
from members.models.notices import Notice
from members.models.past import MemberPast, SegmentPast
from members.models.referrals import Referral, ReferralCode, ReferralReview
from members.models.segments import Segment, SegmentMember
from members.models.tier_changes import TierChange
from members.models.tier_grants import TierGrant
from members.models.tier_reviews import TierReview
from members.models.tiers import Tier
from members.models.vehicles import Vehicle

__all__ = [
    "AcceptedTerms",
    "Adjustment",
    "Attribute",
    "ConsentChange",
    "EventType",
    "Member",
    "MemberCard",
    "MemberDay",
    "MemberFacts",
    "MemberIdentity",
    "MemberPast",
    "MemberSignal",
    "MemberTypeCount",
    "MerchantProfile",
    "Notice",
    "Referral",
    "ReferralCode",
    "ReferralReview",
    "Segment",
    "SegmentMember",
    "SegmentPast",
    "Tier",
    "TierChange",
    "TierGrant",
    "TierReview",
    "Vehicle",
]
