"""How members move between tiers."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.keeping import ClockTimestamp
from members.models.members import Member
from members.models.tiers import Tier


class TierChange(models.Model):
    """A member came to another tier: why, when, and by which event (a plain id); ``recorded_at`` says when we knew."""

    class Reason(models.TextChoices):
        """Why a member moved.

        ``GIVEN``: for a time, by a campaign; ``LADDER``: the ladder was edited; ``REVIEW``: not earned any more.
        """

        ENROLLED = "enrolled", _("Enrolled")
        UPGRADE = "upgrade", _("Upgrade")
        GIVEN = "given", _("Given for a time")
        UNDONE = "undone", pgettext_lazy("tier change", "Undone")
        REVIEW = "review", _("Review")
        LADDER = "ladder", _("Ladder")

    member = models.ForeignKey(Member, models.CASCADE, related_name="tier_changes", db_index=False)
    from_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", null=True)
    to_tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason)
    at = models.DateTimeField()
    event_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        """Read by member, newest first."""

        indexes: ClassVar = [models.Index(fields=["member", "-id"], name="tier_change_member")]
