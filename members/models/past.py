"""What was known of members before it changed: for whoever reads the past as it was."""

from typing import ClassVar

from django.db import models

from core.models import Market, Region
from members.models.keeping import ClockTimestamp
from members.models.members import Member
from members.models.segments import Segment


class MemberPast(models.Model):
    """What a member was until a moment; the member's own row says what it is since. A trigger writes it.

    Only what rules ask for and what is not in another history. Erasing a member erases its past.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="past", db_index=False)
    until = models.DateTimeField(db_default=ClockTimestamp())
    market = models.ForeignKey(Market, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False)
    language = models.CharField(max_length=8)
    kind = models.CharField(max_length=10)
    status = models.CharField(max_length=10)
    kyc = models.CharField(max_length=10)
    kyc_at = models.DateTimeField(null=True)
    enrolled_at = models.DateTimeField()
    attributes = models.JSONField()

    class Meta:
        """Read by member, oldest first."""

        indexes: ClassVar = [models.Index(fields=["member", "id"], name="member_past")]


class SegmentPast(models.Model):
    """A member was in a list segment from ``since`` until a moment; the list names those who are in it now."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="past_segments")
    since = models.DateTimeField()
    until = models.DateTimeField(db_default=ClockTimestamp())
