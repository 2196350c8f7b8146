"""A member's own brake: freezing the membership, and opening it again."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.refusals import Frozen
from members.models import Member
from members.selectors.locking import locked
from members.selectors.members import member_record
from members.selectors.settings import enrolment_setting
from members.services.writing import Written, write_profiles


def freeze_own(*, member: Member, at: datetime) -> None:
    """Freeze a membership for its member: nothing can be spent or changed. One that is frozen stays as it is."""
    _set(member, Member.Status.FROZEN, at)


def unfreeze_own(*, member: Member, at: datetime) -> None:
    """Open a membership that its member froze. Raises Frozen where the program froze it: only the program opens it."""
    _set(member, Member.Status.ACTIVE, at)


@transaction.atomic
def _set(member: Member, status: str, at: datetime) -> None:
    list(locked(Member.objects.filter(pk=member.pk)).values_list("id", flat=True))
    record = member_record(program=member.program, reference=f"uuid:{member.uuid}")
    before = record.profile
    if before.status == status:
        return
    if before.status == Member.Status.FROZEN and not before.froze_self:
        raise Frozen(_("The program put your membership on hold. Please ask its support."))
    after = replace(before, status=status, froze_self=status == Member.Status.FROZEN)
    written = Written(record.external_id, record.uuid, after, before, record.id)
    write_profiles(program=member.program, setting=enrolment_setting(member.program), profiles=[written], at=at)
