"""Members, what is known of them, and what they did, added up by day."""

from members.models.accepted_terms import AcceptedTerms
from members.models.adjustments import Adjustment
from members.models.attributes import Attribute
from members.models.event_types import EventType
from members.models.facts import MemberDay, MemberFacts, MemberTypeCount
from members.models.identity import MemberIdentity, MemberSignal
from members.models.members import Member
from members.models.merchants import MerchantProfile
from members.models.notices import Notice
from members.models.segments import Segment, SegmentMember
from members.models.tier_changes import TierChange
from members.models.tier_reviews import TierReview
from members.models.tiers import Tier
from members.models.vehicles import Vehicle

__all__ = [
    "AcceptedTerms",
    "Adjustment",
    "Attribute",
    "EventType",
    "Member",
    "MemberDay",
    "MemberFacts",
    "MemberIdentity",
    "MemberSignal",
    "MemberTypeCount",
    "MerchantProfile",
    "Notice",
    "Segment",
    "SegmentMember",
    "Tier",
    "TierChange",
    "TierReview",
    "Vehicle",
]
