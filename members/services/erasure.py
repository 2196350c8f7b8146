"""Erasing a member: what says who it is goes, what it did stays under a random name."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.models import Program
from core.refusals import NotFound
from core.services.outbox import Message, publish
from members.models import (
    AcceptedTerms,
    ConsentChange,
    Member,
    MemberCard,
    MemberIdentity,
    MemberPast,
    MemberSignal,
    MerchantProfile,
    Referral,
    ReferralCode,
    SegmentMember,
    SegmentPast,
    Vehicle,
)
from members.selectors.locking import locked
from members.selectors.members import referenced

PERSONAL = (
    AcceptedTerms, ConsentChange, MemberCard, MemberIdentity, MemberPast, MemberSignal, MerchantProfile, ReferralCode,
    SegmentMember, SegmentPast, Vehicle,
)  # fmt: skip
FORGOTTEN = (
    "external_id", "user", "status", "froze_self", "attributes", "consents", "kyc", "kyc_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Erased:
    """A member that was erased: the name it had, the random one that stands for it now, and who signed in for it."""

    member_id: int
    user_id: int | None
    uuid: UUID
    old_external_id: str
    new_external_id: str


@transaction.atomic
def erase_member(*, program: Program, reference: str, at: datetime) -> Erased:
    """Delete what is known of a member's person; its external id may be enrolled anew. Raises NotFound.

    Rooms above forget with it: see ``loyalty.operations.erase``.
    """
    member = locked(referenced(program, reference)).first()
    if member is None:
        raise NotFound(_("There is no such member"))
    old, user_id = member.external_id, member.user_id
    for model in PERSONAL:
        model._default_manager.filter(member=member).delete()
    Referral.objects.filter(friend=member).update(evidence=[])
    MerchantProfile.objects.filter(member__program=program, agent=old).update(agent="")
    _forget(member, at)
    publish([Message("member.erased", program.pk, {"member": str(member.uuid)})])
    return Erased(member.pk, user_id, member.uuid, old, member.external_id)


def _forget(member: Member, at: datetime) -> None:
    member.external_id = f"erased:{secrets.token_hex(16)}"
    member.user = None
    member.status, member.froze_self = Member.Status.ERASED, False
    member.attributes = {}
    member.consents = []
    member.kyc = Member.Kyc.NONE
    member.kyc_at = None
    member.updated_at = at
    member.save(update_fields=FORGOTTEN)
